"""Penalty and costs charged as items of their own: paid in the order of the law, and never charged twice."""

from datetime import date

import pytest

from huikuan.receivables.commands.allocations import Wish, allocate
from huikuan.receivables.commands.bulk import allocate_on_account
from huikuan.receivables.commands.charges import (
    ChargeOfTheFuture,
    ChargePaid,
    NothingToCharge,
    charge_costs,
    charge_penalty,
    withdraw_charge,
)
from huikuan.receivables.commands.contracts import open_contract
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.receipts import book_receipt
from huikuan.receivables.models import OpenItem
from huikuan.receivables.queries.account import account_of
from huikuan.receivables.queries.verify import verify
from huikuan.receivables.rules.terms import Terms
from tests.people import NOON, TODAY
from tests.tables import rows

DAYS_100 = date(2026, 4, 1)  # TODAY is 100 days later


@pytest.fixture
def doing(finance):
    return {"actor": finance, "now": NOON}


def a_debt(tianhe, doing, order):
    """Owe 1,000.00 since a hundred days at 0.05 % a day: 50.00 of penalty."""
    contract = open_contract(
        customer_id=tianhe.pk, number="HT-1", terms=Terms(kind="PER_DAY", rate_ppb=500_000), allocation_order=order,
        **doing,
    )  # fmt: skip
    return book_item(customer_id=tianhe.pk, number="FP-1", amount_minor=100_000, issued_on=date(2026, 3, 1),
                     due_on=DAYS_100, contract_id=contract.pk, **doing)  # fmt: skip


def open_of(customer):
    return dict(OpenItem.objects.filter(customer=customer).values_list("number", "open_minor"))


# law.md §3, imputation vector in cents: costs 2 300, interest 5 000, principal 100 000, payment 10 000.
IMPUTED = rows(
    """
    order           | costs | interest | principal
    STATUTORY       |     0 |        0 |     97300
    PRINCIPAL_FIRST |  2300 |     5000 |     90000
    """
).to_dicts()


@pytest.mark.parametrize("way", ["one", "bulk"])
@pytest.mark.parametrize("row", IMPUTED, ids=str)
def test_costs_then_interest_then_principal_unless_the_contract_says_otherwise(tianhe, huatai, doing, row, way):
    item = a_debt(tianhe, doing, row["order"])
    charge_penalty(customer_id=tianhe.pk, through_on=TODAY, **doing)
    charge_costs(item_id=item.pk, amount_minor=2_300, charged_on=TODAY, reason="court fee", **doing)
    money = book_receipt(customer_id=tianhe.pk, reference="YH-1", received_on=TODAY, amount_minor=10_000, **doing)
    if way == "one":
        allocate(receipt_id=money.pk, **doing)
    else:
        allocate_on_account(entity_id=huatai.pk, **doing)
    left = {"FP-1": int(row["principal"]), "FP-1-PEN1": int(row["interest"]), "FP-1-COST1": int(row["costs"])}
    assert open_of(tianhe) == left
    assert verify().is_right


def test_what_is_charged_no_longer_runs_and_is_not_charged_again(tianhe, doing):
    item = a_debt(tianhe, doing, "STATUTORY")
    (charge,) = charge_penalty(customer_id=tianhe.pk, through_on=TODAY, **doing)
    assert (charge.amount_minor, charge.booked_as.kind) == (5_000, "PENALTY")
    assert sum(line["amount_minor"] for line in charge.calculation) == 5_000
    shown = {each.number: each.penalty_minor for each in account_of(tianhe.pk, as_of=TODAY).items}
    assert shown == {item.number: 0, "FP-1-PEN1": 0}
    with pytest.raises(NothingToCharge):
        charge_penalty(customer_id=tianhe.pk, through_on=TODAY, **doing)
    with pytest.raises(ChargeOfTheFuture):
        charge_penalty(customer_id=tianhe.pk, through_on=date(2026, 7, 11), **doing)


def test_a_charge_withdrawn_runs_again_and_one_that_is_paid_stands(tianhe, doing):
    item = a_debt(tianhe, doing, "STATUTORY")
    (charge,) = charge_penalty(customer_id=tianhe.pk, through_on=TODAY, **doing)
    withdraw_charge(charge_id=charge.pk, reason="agreed", **doing)
    shown = {each.number: each.penalty_minor for each in account_of(tianhe.pk, as_of=TODAY).items}
    assert shown == {item.number: 5_000}
    (again,) = charge_penalty(customer_id=tianhe.pk, through_on=TODAY, **doing)
    book_receipt(customer_id=tianhe.pk, reference="YH-1", received_on=TODAY, amount_minor=1, wish=Wish(), **doing)
    with pytest.raises(ChargePaid):
        withdraw_charge(charge_id=again.pk, reason="agreed", **doing)
    assert verify().is_right
