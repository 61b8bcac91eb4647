"""Money that goes back opens again what it had closed, and nothing that other money closed."""

from datetime import timedelta

import pytest

from huikuan.cases.models import Case, CaseBalance, Task
from huikuan.cash.commands.reverse import Why, reverse_money
from huikuan.credit.models import RiskMark
from huikuan.outreach.models import Delivery, Message
from huikuan.policy.commands import place_hold
from huikuan.policy.models import Hold
from huikuan.receivables.models import OpenItem
from huikuan.receivables.queries.verify import verify
from tests.modules.cash.test_closing import DUE, LATE, receive
from tests.modules.runs.conftest import bill, morning, policy, run
from tests.people import NOON

__all__ = ["bill", "policy", "receive", "run"]

pytestmark = pytest.mark.django_db

AFTER = LATE + timedelta(days=2)


def state_of_the_loop():
    """Everything that closing may end, as it stands."""
    return {
        "case": list(Case.objects.order_by("pk").values_list("pk", "opened_on", "closed_on", "stage")),
        "balance": list(CaseBalance.objects.values_list("overdue_minor", "item_count", "last_step_code")),
        "tasks": sorted(Task.objects.filter(done_at=None, cancelled_at=None).values_list("pk", flat=True)),
        "messages": sorted(Delivery.objects.filter(state="QUEUED", about="").values_list("pk", flat=True)),
        "marks": sorted(RiskMark.objects.filter(ended_on=None).values_list("kind", flat=True)),
        "open": list(OpenItem.objects.filter(open_minor__gt=0, kind="INVOICE").values_list("number", "open_minor")),
    }


@pytest.mark.parametrize("why", list(Why))
def test_everything_is_as_before_the_money(run, bill, receive, tianhe, finance, why):
    item = bill(tianhe, "INV-1", DUE, 1_000_000)
    place_hold(
        customer_id=tianhe.pk, kind=Hold.Kind.DISPUTE, item_id=item.pk, amount_minor=100, starts_on=DUE,
        ends_on=DUE + timedelta(days=20), reason="scratched", actor=None, now=morning(DUE),
    )  # fmt: skip
    for late in (1, 3):
        run(DUE + timedelta(days=late))
    before = state_of_the_loop()
    receipt = receive(1_000_000, LATE)
    assert state_of_the_loop() != before
    reverse_money(receipt_id=receipt.pk, why=why, reason="退票", actor=finance, now=morning(AFTER))
    assert state_of_the_loop() == before
    running = Hold.objects.get(released_on=None)
    assert (running.item, running.amount_minor, running.starts_on, running.ends_on) == (
        item, 100, AFTER, DUE + timedelta(days=20),
    )  # fmt: skip
    assert Delivery.objects.get(template="thank_you").state == "CANCELLED"
    assert verify().is_right


@pytest.mark.parametrize(("has_left", "wanted"), [(True, ["SENT"]), (False, ["CANCELLED", "QUEUED"])])
def test_one_thank_you_leaves_for_a_spell(run, bill, receive, tianhe, finance, has_left, wanted):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    run(DUE + timedelta(days=1))
    receipt = receive(1_000_000, LATE)
    thanks = Delivery.objects.filter(template="thank_you")
    if has_left:
        words = Message.objects.create(language="en", subject="-", text="-", facts={}, sha256="-", composed_at=NOON)
        thanks.update(state="SENT", message=words)
    reverse_money(receipt_id=receipt.pk, why=Why.BOUNCED, reason="退票", actor=finance, now=morning(AFTER))
    receive(1_000_000, AFTER)
    assert Case.objects.get().closed_on == AFTER
    assert sorted(thanks.values_list("state", flat=True)) == wanted


def test_what_other_money_settled_stays_settled(run, bill, receive, tianhe, finance):
    bill(tianhe, "INV-1", DUE, 1_000_000)
    run(DUE + timedelta(days=1))
    first = receive(1_000_000, LATE)
    receive(1_000_000, LATE)
    reverse_money(receipt_id=first.pk, why=Why.MISTAKEN, reason="twice", actor=finance, now=morning(AFTER))
    assert Case.objects.get().closed_on is None  # the second money is on account until somebody allocates it


def test_the_day_before_a_bounce_the_item_was_paid_and_of_a_mistake_it_never_was(bill, receive, tianhe, finance):
    item = bill(tianhe, "INV-1", DUE, 1_000_000)
    bounced = receive(400_000, LATE)
    mistaken = receive(600_000, LATE)
    reverse_money(receipt_id=bounced.pk, why=Why.BOUNCED, reason="退票", actor=finance, now=morning(AFTER))
    reverse_money(receipt_id=mistaken.pk, why=Why.MISTAKEN, reason="重复", actor=finance, now=morning(AFTER))
    moves = item.allocations.order_by("effective_on", "pk").values_list("effective_on", "amount_minor")
    assert list(moves) == [(LATE, 400_000), (LATE, 600_000), (LATE, -600_000), (AFTER, -400_000)]
