"""Money that names nothing pays what a kept plan has due, before anything else; then what is due outside it."""

from datetime import date, timedelta

import polars as pl
import pytest

from huikuan.arrangements.commands.planning import accept_plan, draft_plan, propose_plan
from huikuan.arrangements.models import Plan
from huikuan.arrangements.rules.schedule import Shape
from huikuan.cash.commands.receive import allocate_money, receive_money
from huikuan.receivables.commands.bulk import allocate_on_account, book_receipts
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.models import Allocation, OpenItem
from huikuan.receivables.queries.preview import payables
from tests.modules.arrangements.conftest import instant
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db

START = date(2026, 7, 15)
PARTS = (304_200, 354_900, 354_900)
"""By `test_plans`: 10,000.00 and 140.00 of penalty in three, the first on 15 July."""


@pytest.fixture
def outside(owing):
    """An item that is older than everything in the plan, and not in it."""
    return book_item(
        customer_id=owing.pk, number="INV-0", amount_minor=500_000, issued_on=TODAY - timedelta(days=90),
        due_on=TODAY - timedelta(days=60), actor=None, now=NOON,
    )  # fmt: skip


@pytest.fixture
def plan(owing, outside, owner) -> Plan:
    """A running plan over INV-1 and INV-2."""
    items = OpenItem.objects.filter(number__in=["INV-1", "INV-2"]).values_list("pk", flat=True)
    drafted = draft_plan(
        customer_id=owing.pk, currency="CNY", shape=Shape(3, START, first_ppm=300_000), as_of=TODAY, actor=owner,
        now=NOON, item_ids=list(items),
    )  # fmt: skip
    propose_plan(plan_id=drafted.pk, as_of=TODAY, actor=owner, now=NOON)
    agreed = accept_plan(plan_id=drafted.pk, how="SIGNATURE", evidence="a.pdf", as_of=TODAY, actor=owner, now=NOON)
    assert tuple(agreed.installments.order_by("number").values_list("amount_minor", flat=True)) == PARTS
    return agreed


def money(customer, minor, on, **more):
    return receive_money(
        entity_id=customer.entity_id, customer_id=customer.pk, reference=f"R-{on}-{minor}", received_on=on,
        currency="CNY", amount_minor=minor, actor=None, now=instant(on), **more,
    )  # fmt: skip


def paid(outside):
    """Return what was paid of the item outside the plan, and of those in it."""
    rows = Allocation.objects.values_list("item_id", "amount_minor")
    of_it = sum(minor for item, minor in rows if item == outside.pk)
    return of_it, sum(minor for _, minor in rows) - of_it


def test_what_is_due_by_the_plan_comes_before_what_is_older(owing, outside, plan):
    money(owing, PARTS[0], START)
    assert paid(outside) == (0, PARTS[0])
    plan.refresh_from_db()
    assert (plan.state, plan.paid_minor) == ("RUNNING", PARTS[0])
    assert set(Allocation.objects.values_list("basis", flat=True)) == {"CONTRACT"}


def test_paid_a_few_days_ahead_it_is_the_installment_all_the_same(owing, outside, plan):
    money(owing, PARTS[0], START - timedelta(days=4))
    assert paid(outside) == (0, PARTS[0])


def test_what_is_left_pays_what_is_due_elsewhere_before_the_plans_rest(owing, outside, plan):
    money(owing, PARTS[0] + 100_000, START)
    assert paid(outside) == (100_000, PARTS[0])
    money(owing, 450_000, START + timedelta(days=1))
    assert paid(outside) == (500_000, PARTS[0] + 50_000), "the installment is paid; nothing more of the plan is due"


def test_what_the_payer_names_comes_first(owing, outside, plan):
    money(owing, PARTS[0], START, designation="INV-0")
    assert paid(outside) == (PARTS[0], 0)


def test_the_penalty_that_the_plan_keeps_waits_for_it_on_account(owing, outside, plan):
    last = START + timedelta(days=62)
    for minor, on in zip(PARTS, (START, START + timedelta(days=31), last), strict=True):
        receipt = money(owing, minor, on)
    plan.refresh_from_db()
    assert (plan.state, paid(outside)) == ("FULFILLED", (0, 1_000_000))
    receipt.refresh_from_db()
    assert receipt.unapplied_minor == sum(PARTS) - 1_000_000


def test_money_dated_in_time_and_booked_after_the_plan_broke_mends_it(owing, outside, plan):
    late = START + timedelta(days=8)
    money(owing, 1, late)
    plan.refresh_from_db()
    assert plan.state == "BROKEN"
    receive_money(
        entity_id=owing.entity_id, customer_id=owing.pk, reference="IN-TIME", received_on=START, currency="CNY",
        amount_minor=PARTS[0], actor=None, now=instant(late),
    )  # fmt: skip
    plan.refresh_from_db()
    assert plan.state == "RUNNING"


def test_without_a_plan_the_older_item_is_paid(owing, outside):
    money(owing, PARTS[0], START)
    assert paid(outside) == (PARTS[0], 0)


def test_the_preview_shows_what_the_booking_does(owing, outside, plan):
    receipt = money(owing, PARTS[0] + 7, START, allocate="NONE")
    shown = {each.item_id: each.pays_minor for each in payables(receipt) if each.pays_minor}
    allocate_money(receipt_id=receipt.pk, actor=None, now=instant(START))
    assert shown == {each.item_id: each.amount_minor for each in Allocation.objects.all()}
    assert paid(outside) == (7, PARTS[0])


def test_an_import_pays_in_the_same_order(owing, outside, plan):
    receipts = pl.DataFrame(
        {"customer_id": [owing.pk] * 2, "reference": ["I-1", "I-2"], "received_on": [START] * 2,
         "amount_minor": [100_000, PARTS[0]]}
    )  # fmt: skip
    book_receipts(entity_id=owing.entity_id, receipts=receipts, actor=None, now=instant(START))
    allocate_on_account(entity_id=owing.entity_id, actor=None, now=instant(START), customer_ids=[owing.pk])
    of_it, of_plan = paid(outside)
    assert (of_it + of_plan, of_plan >= PARTS[0]) == (PARTS[0] + 100_000, True)
