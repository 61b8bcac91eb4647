"""Holds, agreements to wait, and customers made for a question: the commands behind the rarer verbs."""

from datetime import date, timedelta
from decimal import Decimal

from huikuan.cases.models import Case
from huikuan.outreach.commands.contact import log_contact
from huikuan.outreach.models import Delivery
from huikuan.parties.commands import save_customer
from huikuan.parties.models import Customer
from huikuan.policy.commands import place_hold, release_hold
from huikuan.runs.models import Decision
from tests.journeys.acceptance.world import World


def hold(world: World, name: str, *, starts: date, ends: date, kind: str) -> None:
    """Hold a customer or an item."""
    if name in world.customers:
        targets = [(world.customer(name).pk, None)]
    else:
        targets = [(part.customer_id, part.pk) for part in world.parts_of(name)]
    for customer_id, item_id in targets:
        placed = place_hold(
            customer_id=customer_id, item_id=item_id, kind=kind, starts_on=starts, ends_on=ends,
            reason="as the case says", actor=world.clerk, now=world.now(),
        )  # fmt: skip
        world.holds.setdefault(name, []).append(placed.pk)


def release(world: World, name: str) -> None:
    """Release what is held."""
    for hold_id in world.holds.pop(name, []):
        release_hold(hold_id=hold_id, released_on=world.day, actor=world.clerk, now=world.now())


def agree_to_wait(world: World, customer: Customer, until: date) -> None:
    """Log the call in which it was agreed to come back on a day."""
    log_contact(
        customer_id=customer.pk, channel="PHONE", direction="IN", at=world.now(), outcome="CALL_BACK",
        summary="call back", next_step="call back", next_step_on=until, actor=world.clerk, now=world.now(),
    )  # fmt: skip


def owe(world: World, *, days_old: int, amount: Decimal | None, count: int) -> None:
    """Make a customer who owes: so many items of a hundred, or one of so much."""
    number = len(world.customers) + 1
    customer = save_customer(
        entity_id=world.entity.pk, code=f"T{number}", name=f"T{number}", email=f"t{number}@customer.example",
        actor=None, now=world.now(),
    )  # fmt: skip
    world.customers[customer.code] = customer
    day = (world.day - timedelta(days=days_old)).isoformat()
    for item in range(1, count + 1):
        if amount != 0:
            written = {"id": f"{customer.code}-{item}", "customer": customer.code, "issued": day}
            world.issue({**written, "amount": str(amount or Decimal(100))})
    world.told["customers"] = [customer]


def contact_count(customer: Customer) -> int:
    """Return how many contacts were decided in all."""
    return Decision.objects.filter(customer=customer).exclude(action=Decision.Action.SKIPPED).count()


def items_listed(customer: Customer) -> list[str]:
    """Return the items that the messages to the customer list."""
    messages = (
        Delivery.objects.filter(customer=customer, message__isnull=False).order_by("pk").select_related("message")
    )
    return sorted({line["number"] for delivery in messages for line in delivery.message.facts["items"]})


def next_action_on(customer: Customer) -> str | None:
    """Return the day of the next action of the open case."""
    case = Case.objects.filter(customer=customer, closed_on=None).first()
    return None if case is None else case.next_action_on.isoformat()
