"""What was open on a day: later payments, reversals, credit notes and money on account, by every grouping."""

from datetime import date, timedelta

import pytest

from huikuan.exchange.queries.aging import BucketsUnusable, By, aging_report
from huikuan.receivables.commands.terms import keep_terms
from huikuan.receivables.models import Allocation, Contract, CreditNote, OpenItem, Receipt
from huikuan.receivables.queries.frames import Scope, item_frame, on_account_frame
from huikuan.receivables.rules.aging import aging as aging_rule
from huikuan.receivables.rules.terms import Terms
from tests.people import NOON
from tests.tables import cases

D = date(2026, 7, 10)


def an_item(customer, number, due_on, amount_minor, *, issued_on=None, currency="CNY", contract=None):
    return OpenItem.objects.create(
        entity=customer.entity,
        customer=customer,
        contract=contract,
        number=number,
        issued_on=issued_on or due_on - timedelta(days=30),
        due_on=due_on,
        currency=currency,
        amount_minor=amount_minor,
        open_minor=amount_minor,
        booked_at=NOON,
    )


def a_receipt(customer, reference, received_on, amount_minor, currency="CNY"):
    return Receipt.objects.create(
        entity=customer.entity,
        customer=customer,
        reference=reference,
        received_on=received_on,
        currency=currency,
        amount_minor=amount_minor,
        unapplied_minor=amount_minor,
        booked_at=NOON,
    )


def allocate(item, source, amount_minor, effective_on, reverses=None):
    side = "receipt" if isinstance(source, Receipt) else "credit_note"
    return Allocation.objects.create(
        item=item,
        **{side: source},
        currency=item.currency,
        amount_minor=amount_minor,
        effective_on=effective_on,
        basis="DESIGNATED",
        reverses=reverses,
        booked_at=NOON,
    )


def amounts(report):
    """Return {key: its amounts that are not zero}, in minor units."""
    found = {}
    for row in report.rows:
        named = dict(zip(report.labels, row.buckets_minor, strict=True)) | {"on_account": row.on_account_minor}
        found[row.key] = {name: value for name, value in named.items() if value}
    return found


BUCKETS = cases("""
    days_late | bucket
    -5        | current
    0         | current
    1         | 1-30
    30        | 1-30
    31        | 31-60
    60        | 31-60
    61        | 61-90
    90        | 61-90
    91        | 91-180
    180       | 91-180
    181       | 181-365
    365       | 181-365
    366       | >365
""")


@pytest.mark.parametrize("case", BUCKETS, ids=lambda case: str(case["days_late"]))
def test_every_edge_of_the_buckets(tianhe, case):
    an_item(tianhe, "I1", D - timedelta(days=case["days_late"]), 100_00, issued_on=date(2025, 1, 1))
    assert amounts(aging_report(as_of=D)) == {"TIANHE": {case["bucket"]: 100_00}}


def test_a_payment_counts_from_its_value_date_on(tianhe):
    item = an_item(tianhe, "I1", date(2026, 6, 30), 100_00)
    receipt = a_receipt(tianhe, "R1", date(2026, 7, 8), 60_00)
    allocate(item, receipt, 60_00, date(2026, 7, 8))
    assert amounts(aging_report(as_of=date(2026, 7, 7))) == {"TIANHE": {"1-30": 100_00}}
    assert amounts(aging_report(as_of=date(2026, 7, 8))) == {"TIANHE": {"1-30": 40_00}}


def test_a_reversal_opens_the_item_again_from_its_own_day_on(tianhe):
    item = an_item(tianhe, "I1", date(2026, 6, 30), 100_00)
    receipt = a_receipt(tianhe, "R1", date(2026, 7, 2), 100_00)
    paid = allocate(item, receipt, 100_00, date(2026, 7, 2))
    allocate(item, receipt, -100_00, date(2026, 7, 6), reverses=paid)
    assert amounts(aging_report(as_of=date(2026, 7, 1))) == {"TIANHE": {"1-30": 100_00}}
    assert amounts(aging_report(as_of=date(2026, 7, 3))) == {}
    assert amounts(aging_report(as_of=date(2026, 7, 6))) == {"TIANHE": {"1-30": 100_00, "on_account": -100_00}}


def test_money_on_account_has_its_own_column_and_nets_nothing(tianhe):
    an_item(tianhe, "I1", date(2026, 6, 30), 100_00)
    a_receipt(tianhe, "R1", date(2026, 7, 5), 70_00)
    report = aging_report(as_of=D)
    assert amounts(report) == {"TIANHE": {"1-30": 100_00, "on_account": -70_00}}
    assert report.rows[0].total_minor == 100_00
    assert amounts(aging_report(as_of=date(2026, 7, 4))) == {"TIANHE": {"1-30": 100_00}}


def test_a_credit_note_reduces_an_item_from_its_day_on(tianhe):
    item = an_item(tianhe, "I1", date(2026, 6, 30), 100_00)
    note = CreditNote.objects.create(
        entity=tianhe.entity, customer=tianhe, number="CN1", issued_on=date(2026, 7, 3), currency="CNY",
        amount_minor=100_00, unapplied_minor=100_00, booked_at=NOON,
    )  # fmt: skip
    allocate(item, note, 80_00, date(2026, 7, 5))
    assert amounts(aging_report(as_of=date(2026, 7, 4))) == {"TIANHE": {"1-30": 100_00, "on_account": -100_00}}
    assert amounts(aging_report(as_of=date(2026, 7, 5))) == {"TIANHE": {"1-30": 20_00, "on_account": -20_00}}


def test_under_item_money_on_account_is_a_row_of_its_own(tianhe):
    an_item(tianhe, "I1", date(2026, 6, 30), 100_00)
    a_receipt(tianhe, "PAY", date(2026, 7, 5), 10_00)
    assert amounts(aging_report(as_of=D, by="item")) == {"I1": {"1-30": 100_00}, "PAY": {"on_account": -10_00}}


def test_currencies_are_never_added(tianhe):
    an_item(tianhe, "I1", date(2026, 6, 30), 100_00)
    an_item(tianhe, "I2", date(2026, 6, 30), 1500, currency="JPY")
    report = aging_report(as_of=D)
    assert [(row.currency, row.total_minor) for row in report.rows] == [("CNY", 100_00), ("JPY", 1500)]
    assert [(row.currency, row.total_minor) for row in report.totals] == [("CNY", 100_00), ("JPY", 1500)]


@pytest.fixture
def portfolio(tianhe, binhai, yunfeng):
    contract = Contract.objects.create(
        entity=tianhe.entity, customer=tianhe, number="HT-1", created_at=NOON,
        terms=keep_terms(Terms(kind="PER_DAY", rate_ppb=500_000)),
    )  # fmt: skip
    with_terms = an_item(tianhe, "I1", D - timedelta(days=10), 1000_00, contract=contract)
    OpenItem.objects.filter(pk=with_terms.pk).update(terms=contract.terms)
    an_item(tianhe, "I2", D - timedelta(days=40), 2000_00)
    an_item(binhai, "I3", D + timedelta(days=5), 3000_00)
    an_item(yunfeng, "I4", D - timedelta(days=400), 4000_00)
    a_receipt(binhai, "R1", D, 50_00)


GROUPS = [
    ("item", {"I1": 1000_00, "I2": 2000_00, "I3": 3000_00, "I4": 4000_00, "R1": 0}),
    ("customer", {"BINHAI": 3000_00, "TIANHE": 3000_00, "YUNFENG": 4000_00}),
    ("contract", {"": 9000_00, "HT-1": 1000_00}),
    ("collector", {"": 7000_00, "chen.owner": 3000_00}),
    ("industry", {"CATERING": 4000_00, "MANUFACTURING": 3000_00, "TRADE": 3000_00}),
    ("currency", {"CNY": 10000_00}),
    ("entity", {"MAIN": 6000_00, "PROP": 4000_00}),
]


@pytest.mark.parametrize(("by", "expected"), GROUPS, ids=[by for by, _ in GROUPS])
def test_every_grouping_with_its_penalty(portfolio, by, expected):
    report = aging_report(as_of=D, by=by, with_penalty=True)
    assert {row.key: row.total_minor for row in report.rows} == expected
    assert (report.totals[0].total_minor, report.totals[0].on_account_minor) == (10000_00, -50_00)
    # 1 000.00 x 0.05 % x 10 days
    assert sum(row.penalty_minor for row in report.rows) == report.totals[0].penalty_minor == 5_00
    bearing = {row.key for row in report.rows if row.penalty_minor}
    assert len(bearing) == 1


@pytest.mark.parametrize("person", ["owner", "colleague", "outsider"])
def test_everybody_sees_only_his_customers(portfolio, request, person):
    user = request.getfixturevalue(person)
    expected = {"owner": {"TIANHE"}, "colleague": {"TIANHE", "BINHAI"}, "outsider": {"YUNFENG"}}[person]
    for with_penalty in (False, True):
        report = aging_report(as_of=D, user=user, with_penalty=with_penalty)
        assert {row.key for row in report.rows} == expected


def test_the_machine_form(portfolio, jinxiu):
    report = aging_report(as_of=D, by=By.CUSTOMER, buckets=(30, 60), entity_ids=[jinxiu.pk], with_penalty=True)
    amounts_of = {
        "currency": "CNY", "items": 1, "total": "4000.00", "current": "0.00", "1-30": "0.00", "31-60": "0.00",
        ">60": "4000.00", "on_account": "0.00", "penalty": "0.00",
    }  # fmt: skip
    assert report.as_json() == {
        "as_of": "2026-07-10", "by": "customer", "rows": [{"key": "YUNFENG", **amounts_of}], "totals": [amounts_of],
    }  # fmt: skip


@pytest.mark.parametrize("buckets", [(30, 30), (60, 30), (0, 30), (-1, 5)])
def test_buckets_that_do_not_ascend_are_refused(db, buckets):
    with pytest.raises(BucketsUnusable):
        aging_report(as_of=D, buckets=buckets)


def test_the_database_and_the_rule_agree(portfolio):
    report = aging_report(as_of=D)
    items = item_frame(Scope(D))
    by_rule = aging_rule(items, on_account=on_account_frame(Scope(D)), by=["customer_id"], as_of=D)
    told = {
        (row["customer_id"], row["currency"]): [
            row["total_minor"],
            *(row[name] for name in report.labels),
            row["on_account_minor"],
        ]
        for row in by_rule.iter_rows(named=True)
    }
    assert told == {
        (row.id, row.currency): [row.total_minor, *row.buckets_minor, row.on_account_minor] for row in report.rows
    }


# --- what the tests of other systems say (shared acceptance cases) ------------------------------------------


def test_fin_01_and_04_days_past_due_by_installment(tianhe):
    for number, due_on in enumerate([date(2023, 10, 1), date(2023, 10, 16), date(2023, 10, 31), date(2023, 11, 15)]):
        an_item(tianhe, f"D{number}", due_on, 250_00)
    edges = (3, 29, 59, 89)
    assert amounts(aging_report(as_of=date(2023, 10, 2), buckets=edges))["TIANHE"]["1-3"] == 250_00
    assert amounts(aging_report(as_of=date(2023, 10, 5), buckets=edges))["TIANHE"]["4-29"] == 250_00
    at_last = amounts(aging_report(as_of=date(2023, 12, 16), buckets=edges))
    assert at_last == {"TIANHE": {"30-59": 500_00, "60-89": 500_00}}


def test_oca_19_one_of_two_is_overdue(tianhe):
    an_item(tianhe, "I1", date(2026, 1, 1), 500_00)
    an_item(tianhe, "I2", date(2026, 2, 5), 1000_00, issued_on=date(2026, 1, 1))
    row = aging_report(as_of=date(2026, 1, 6)).rows[0]
    assert (row.overdue_minor, row.total_minor, row.items) == (500_00, 1500_00, 2)


def test_erp_19_to_22_a_payment_of_tomorrow_changes_nothing_today(tianhe):
    first = an_item(tianhe, "I1", date(2026, 3, 31), 100_00)
    second = an_item(tianhe, "I2", date(2026, 3, 31), 100_00)
    tomorrow = a_receipt(tianhe, "PAY", date(2026, 3, 2), 110_00)
    allocate(first, tomorrow, 50_00, date(2026, 3, 2))
    allocate(second, tomorrow, 50_00, date(2026, 3, 2))
    today = amounts(aging_report(as_of=date(2026, 3, 1), by="item"))
    assert today == {"I1": {"current": 100_00}, "I2": {"current": 100_00}}
    then = amounts(aging_report(as_of=date(2026, 3, 2), by="item"))
    assert then == {"I1": {"current": 50_00}, "I2": {"current": 50_00}, "PAY": {"on_account": -10_00}}
