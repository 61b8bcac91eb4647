"""What the run's tests stand on: items, money and a policy, booked by hand in the plainest way."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from huikuan.parties.models import Customer, Entity
from huikuan.policy.commands import install_default
from huikuan.receivables.models import Allocation, OpenItem, Receipt
from huikuan.runs.commands.run import run_day

BEGAN_ON = date(2024, 1, 1)


def morning(day: date) -> datetime:
    """Eight o'clock in Shanghai: when the machine runs the day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


@pytest.fixture
def policy(huatai):
    """The default pack, in force since long ago."""
    return install_default(entity_id=huatai.pk, starts_on=BEGAN_ON, now=morning(BEGAN_ON))


@pytest.fixture
def bill(huatai) -> Callable[..., OpenItem]:
    """Book an item: bill(customer, "INV-1", due_on, 10_000)."""

    def book(customer: Customer, number: str, due_on: date, amount_minor: int, **fields) -> OpenItem:
        entity: Entity = customer.entity
        issued_on = fields.pop("issued_on", date(due_on.year, due_on.month, 1))
        return OpenItem.objects.create(
            entity=entity, customer=customer, number=number, issued_on=min(issued_on, due_on), due_on=due_on,
            currency=fields.pop("currency", "CNY"), amount_minor=amount_minor, open_minor=amount_minor,
            booked_at=fields.pop("booked_at", morning(issued_on)), **fields,
        )  # fmt: skip

    return book


@pytest.fixture
def pay(huatai) -> Callable[..., Receipt]:
    """Book money and allocate it: pay(customer, day, 10_000, item, …); without items it stays on account."""

    def book(customer: Customer | None, day: date, amount_minor: int, *items: OpenItem, currency="CNY") -> Receipt:
        entity = customer.entity if customer else huatai
        receipt = Receipt.objects.create(
            entity=entity, customer=customer, reference=f"R{Receipt.objects.count() + 1}", received_on=day,
            currency=currency, amount_minor=amount_minor, unapplied_minor=amount_minor, booked_at=morning(day),
        )  # fmt: skip
        left = amount_minor
        for item in items:
            item.refresh_from_db()
            part = min(left, item.open_minor)
            Allocation.objects.create(
                item=item, receipt=receipt, currency=currency, amount_minor=part, effective_on=day,
                basis=Allocation.Basis.MANUAL, booked_at=morning(day),
            )  # fmt: skip
            left -= part
        return receipt

    return book


@pytest.fixture
def run(huatai, policy):
    """Run a day at eight in the morning."""

    def go(day: date, **kwargs):
        return run_day(entity_id=huatai.pk, as_of=day, now=morning(day), **kwargs)

    return go
