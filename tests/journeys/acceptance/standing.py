"""How far a customer or an item has climbed, and what waits for it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F

from huikuan.cases.models import Case, CaseBalance
from huikuan.kernel.money import format_decimal
from huikuan.outreach.models import Delivery
from huikuan.parties.models import Customer
from huikuan.policy.queries import running_holds
from huikuan.receivables.models import OpenItem
from huikuan.runs.claim import decision_of
from huikuan.runs.item_contact import steps_of
from huikuan.runs.models import ItemStep, Run
from tests.journeys.acceptance import ladders, looking
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
    if ladders.climbs_by_item(policy):
        is_named = name in world.customers
        parts = world.all_parts([customer]) if is_named else world.parts_of(name)
        return max((_level_of_part(world, part) for part in parts), default=0)
    if ladders.mode_of(policy) == ladders.BY_CUSTOMER_NOW:
        return looking.level_now(world, customer, currency)
    balance = _balance(customer, currency)
    return balance.last_step_rank if balance is not None and _is_owed(world, name) else 0


def _level_of_part(world: World, part: Part) -> int:
    """Return the level of one open item that climbs by itself."""
    if not looking.open_on_day(world).get(part.name):
        return 0
    if ladders.mode_of(world.given.get("policy")) == ladders.BY_CUSTOMER_NOW:
        return looking.item_level_now(world, part)
    step = _last_step(part)
    return 0 if step is None else step.rank


def _last_step(part: Part) -> ItemStep | None:
    """Return the last step that an item took in the running spell."""
    taken = ItemStep.objects.filter(item_id=part.pk, customer__cases__closed_on=None, customer__cases__isnull=False)
    in_spell = taken.filter(spell_on=F("customer__cases__opened_on")).exclude(action=ItemStep.Action.SKIPPED)
    return in_spell.order_by("decided_on", "rank").last()


def _claims(customer: Customer, currency: str | None) -> int:
    """Return how many claims were made: the first, and its repetitions."""
    balance = _balance(customer, currency)
    return balance.last_occurrence + balance.last_step_rank if balance is not None else 0


def _climber(world: World, name: str) -> tuple[Customer, str | None]:
    """Return whose it is, and for an item in which currency."""
    if name in world.customers:
        return world.customer(name), None
    parts = world.parts_of(name)
    return Customer.objects.get(pk=parts[0].customer_id), parts[0].currency


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


@dataclass(frozen=True, slots=True)
class _Stood:
    """The step on which an item stands, by itself or with its customer."""

    level: int
    taken_on: date
    delivery: Delivery | None
    is_exhausted: bool


def reminders(world: World) -> list[dict[str, Any]]:
    """Return what is being reminded of: each open item with a step taken, with level and state."""
    owed = looking.open_on_day(world)
    found = []
    for case in Case.objects.filter(closed_on=None).order_by("pk"):
        held = {hold.item_id for hold in running_holds(case.customer_id, world.day)}
        for part, stood in _standing(world, case):
            if owed.get(part.name):
                reminder = _reminder(case, part, stood, owed[part.name])
                found.append({**reminder, "blocked": bool(held & {None, part.pk})})
    return found


def _standing(world: World, case: Case) -> list[tuple[Part, _Stood]]:
    """Return the items of a case with the steps on which they stand, the oldest first."""
    if ladders.climbs_by_item(world.given.get("policy")):
        exhausted = looking.exhausted_items(world, case.customer)
        steps = [(part, _last_step(part)) for part in _parts(case)]
        return [
            (part, _Stood(step.rank, step.decided_on, _delivery_about(part, step), part.pk in exhausted))
            for part, step in steps
            if step is not None
        ]
    found = []
    for balance in case.balances.exclude(last_step_code="").order_by("currency"):
        assert balance.last_step_on is not None
        of_step = Delivery.objects.filter(
            customer_id=case.customer_id, currency=balance.currency, step_code=balance.last_step_code
        )
        stood = _Stood(
            balance.last_step_rank, balance.last_step_on, of_step.order_by("-pk").first(), case.next_action == REVIEW
        )
        # A contact lists everything due in its currency, fees included.
        found += [(part, stood) for part in _parts(case) if part.currency == balance.currency and part.due <= world.day]
    return found


def _parts(case: Case) -> list[Part]:
    items = OpenItem.objects.filter(customer_id=case.customer_id).order_by("currency", "due_on", "pk")
    return [Part(item.pk, item.number, item.customer_id, item.currency, item.due_on) for item in items]


def _delivery_about(part: Part, step: ItemStep) -> Delivery | None:
    """Return the last message that speaks of the item's step: its own, or a later one that took it over."""
    since = Delivery.objects.filter(
        customer_id=part.customer_id, currency=part.currency, as_of__gte=step.decided_on
    ).exclude(state=Delivery.State.CANCELLED)
    about = [each for each in since.order_by("pk") if part.pk in steps_of(decision_of(each))]
    return about[-1] if about else None


def _reminder(case: Case, part: Part, stood: _Stood, open_minor: int) -> dict[str, Any]:
    item = OpenItem.objects.get(pk=part.pk)
    delivery = stood.delivery
    return {
        "item": part.name,
        "level": stood.level,
        "state": _state(case, stood),
        "level_reached_on": None
        if delivery is None or delivery.finished_at is None
        else delivery.finished_at.date().isoformat(),
        "amount": format_decimal(item.amount_minor, item.currency),
        "open": format_decimal(open_minor, item.currency),
    }


def _state(case: Case, stood: _Stood) -> str:
    """Return draft until it has left, then sent; final once a later run found nothing above it to climb to."""
    if stood.delivery is not None and stood.delivery.state in {Delivery.State.QUEUED, Delivery.State.SENDING}:
        return "draft"
    later = Run.objects.filter(entity_id=case.entity_id, as_of__gt=stood.taken_on).exists()
    return "final" if later and stood.is_exhausted else "sent"


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
