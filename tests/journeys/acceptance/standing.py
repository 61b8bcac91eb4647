"""How far a customer or an item has climbed, and what waits for it."""

from datetime import date
from typing import Any

from huikuan.cases.models import Case, CaseBalance
from huikuan.kernel.money import format_decimal
from huikuan.outreach.models import Delivery
from huikuan.parties.models import Customer
from huikuan.policy.queries import running_holds
from huikuan.receivables.models import OpenItem
from huikuan.runs.models import Decision, Run
from tests.journeys.acceptance import books, ladders, looking
from tests.journeys.acceptance.books import Part
from tests.journeys.acceptance.words import Unsupported
from tests.journeys.acceptance.world import World

REVIEW = "review"
"""Next action of a case when its ladder is exhausted (`policy.rules.standing`)."""


def level_of(world: World, name: str) -> int:
    """Return the level of a customer or an item: as the day stands, or as last issued (decision record 0030)."""
    customer, currency = _climber(world, name)
    if "make_claim" in world.verbs:
        return _claims(customer, currency)
    policy = world.given.get("policy")
    if ladders.mode_of(policy) == ladders.BY_CUSTOMER_NOW:
        return looking.level_now(world, customer, currency)
    balance = _balance(customer, currency)
    return balance.last_step_rank if balance is not None and _is_owed(world, name) else 0


def _claims(customer: Customer, currency: str | None) -> int:
    """Return how many claims were made: the first, and its repetitions."""
    balance = _balance(customer, currency)
    return balance.last_occurrence + balance.last_step_rank if balance is not None else 0


def _climber(world: World, name: str) -> tuple[Customer, str | None]:
    """Return who climbs. Here a customer does, not an item: an item has the level of its customer."""
    if name in world.customers:
        return world.customer(name), None
    parts = world.parts_of(name)
    customer = Customer.objects.get(pk=parts[0].customer_id)
    _refuse_levels_of_their_own(world, customer, parts[0].currency)
    return customer, parts[0].currency


def _refuse_levels_of_their_own(world: World, customer: Customer, currency: str) -> None:
    """Refuse to speak of items where the case's system would have them on different levels.

    Here all overdue items are on the level of their customer. That is the same as long as every one of them had reached
    each level when it was issued.
    """
    policy = world.given.get("policy")
    if policy is None or ladders.mode_of(policy) == ladders.BY_CUSTOMER_NOW:
        return
    owed = [
        part
        for part in world.all_parts([customer])
        if part.currency == currency and part.due <= world.day and books.open_minor(part)
    ]
    taken = Decision.objects.filter(customer=customer, currency=currency).exclude(action=Decision.Action.SKIPPED)
    for step_code, day in taken.values_list("step_code", "decided_on"):
        if any(ladders.reached_on(policy, step_code, part.due, day) > day for part in owed):
            raise Unsupported(what="level: items of one customer on levels of their own; here a contact lists them all")


def _balance(customer: Customer, currency: str | None) -> CaseBalance | None:
    found = CaseBalance.objects.filter(case__customer=customer, case__closed_on=None)
    if currency is not None:
        found = found.filter(currency=currency)
    return found.order_by("-last_step_rank").first()


def _is_owed(world: World, name: str) -> bool:
    """Tell whether anything of it is open on the day."""
    parts = world.all_parts([world.customer(name)]) if name in world.customers else world.parts_of(name)
    owed = looking.open_on_day(world)
    return any(owed.get(part.name) for part in parts)


def reminders(world: World) -> list[dict[str, Any]]:
    """Return what is being reminded of: each open item of a customer with a step taken, with level and state."""
    owed = looking.open_on_day(world)
    found = []
    for case in Case.objects.filter(closed_on=None).order_by("pk"):
        held = {hold.item_id for hold in running_holds(case.customer_id, world.day)}
        for balance in case.balances.exclude(last_step_code="").order_by("currency"):
            _refuse_levels_of_their_own(world, case.customer, balance.currency)
            for part in _listed(case, balance, world.day):
                if owed.get(part.name):
                    reminder = _reminder(case, balance, part, owed[part.name])
                    found.append({**reminder, "blocked": bool(held & {None, part.pk})})
    return found


def _listed(case: Case, balance: CaseBalance, day: date) -> list[Part]:
    """Return the items that a contact about the balance lists: everything due in its currency, fees included."""
    items = OpenItem.objects.filter(customer_id=case.customer_id, currency=balance.currency, due_on__lte=day)
    return [
        Part(item.pk, item.number, item.customer_id, item.currency, item.due_on)
        for item in items.order_by("due_on", "pk")
    ]


def _reminder(case: Case, balance: CaseBalance, part: Part, open_minor: int) -> dict[str, Any]:
    item = OpenItem.objects.get(pk=part.pk)
    delivery = (
        Delivery.objects.filter(
            customer_id=case.customer_id, currency=balance.currency, step_code=balance.last_step_code
        )
        .order_by("-pk")
        .first()
    )
    return {
        "item": part.name,
        "level": balance.last_step_rank,
        "state": _state(case, balance, delivery),
        "level_reached_on": None
        if delivery is None or delivery.finished_at is None
        else delivery.finished_at.date().isoformat(),
        "amount": format_decimal(item.amount_minor, item.currency),
        "open": format_decimal(open_minor, item.currency),
    }


def _state(case: Case, balance: CaseBalance, delivery: Delivery | None) -> str:
    """Return draft until it has left, then sent; final once a later run found nothing above it to climb to."""
    if delivery is not None and delivery.state in {Delivery.State.QUEUED, Delivery.State.SENDING}:
        return "draft"
    later = Run.objects.filter(entity_id=case.entity_id, as_of__gt=balance.last_step_on).exists()
    return "final" if later and case.next_action == REVIEW else "sent"


def channel_of(world: World, name: str) -> str:
    """Return by what the last step about an item reaches the customer: e-mail, or a letter by hand."""
    part = world.parts_of(name)[0]
    deliveries = Delivery.objects.filter(customer_id=part.customer_id, currency=part.currency)
    if deliveries.exists():
        return str(deliveries.order_by("-pk")[0].channel).lower()
    letters = Customer.objects.get(pk=part.customer_id).tasks.filter(kind="LETTER", cancelled_at=None)
    if letters.exists():
        return "letter"
    raise Unsupported(
        what="channel: nobody can be reached, and a task to find an address takes the place of the message"
    )
