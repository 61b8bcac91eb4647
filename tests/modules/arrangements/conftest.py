"""One customer with overdue items that bear a penalty, and money for it."""

from datetime import date, timedelta

import pytest

from huikuan.policy.commands import install_default
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.terms import set_default_terms
from huikuan.receivables.rules.terms import Terms
from tests.people import NOON, TODAY


@pytest.fixture
def owing(tianhe):
    """Tianhe owes 10,000.00 in two items, 40 and 10 days overdue, at 0.05 % a day."""
    install_default(entity_id=tianhe.entity_id, now=NOON)
    set_default_terms(
        entity=tianhe.entity, terms=Terms(kind="PER_DAY", rate_ppb=500_000, source="第 8 条"), actor=None, now=NOON
    )  # fmt: skip
    for number, days, minor in (("INV-1", 40, 600_000), ("INV-2", 10, 400_000)):
        due_on = TODAY - timedelta(days=days)
        book_item(
            customer_id=tianhe.pk, number=number, amount_minor=minor, issued_on=due_on - timedelta(days=30),
            due_on=due_on, actor=None, now=NOON,
        )  # fmt: skip
    return tianhe


def instant(day: date):
    """Return noon in Shanghai on a day."""
    return NOON + (day - TODAY)
