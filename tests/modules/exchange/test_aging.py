"""What was open on a day: later payments, reversals, credit notes and money on account, by every grouping."""

from datetime import date, timedelta

import pytest

from huikuan.exchange.queries.aging import aging_report
from huikuan.receivables.models import Allocation, OpenItem, Receipt
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
