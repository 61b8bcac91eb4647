"""Offers (有条件减免): made by the policy or by a person, taken and lapsed by themselves."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import polars as pl
from django.db import transaction

from huikuan.arrangements.models import Offer, OfferChange, OfferItem
from huikuan.arrangements.queries.offer import borne_until, money_on_account, named_items, overdue_basis
from huikuan.arrangements.rules.offer import LAPSED, RUNNING, TAKEN, completed_on, state_of
from huikuan.journal.commands import record
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.days import days_between
from huikuan.kernel.money import share_ppm
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.commands.queue import enqueue
from huikuan.outreach.models import Delivery
from huikuan.parties.models import Customer, User
from huikuan.parties.queries import may
from huikuan.parties.rules.rights import Action
from huikuan.policy.queries import policy_in_force
from huikuan.policy.reading.policy import default_policy
from huikuan.receivables.commands.account import locked_customer
from huikuan.receivables.commands.waivers import unwaive, waive
from huikuan.receivables.models import PenaltyWaiver
from huikuan.receivables.rules.waiver import share_waived

State = OfferChange.State
LETTER: Final = "offer_made"


class NothingToOffer(Refusal):
    """No penalty, or nothing overdue."""

    code = "arrangements.nothing-to-offer"
    text = gettext_noop("No penalty has accrued on what is overdue in {currency}: there is nothing to waive.")


class OfferRunning(Refusal):
    """What was promised in writing is not promised again."""

    code = "arrangements.offer-running"
    text = gettext_noop("An offer in {currency} is running until {expires_on}. Wait for its end, or name other items.")


class OfferExpiresBeforeToday(Refusal):
    """Nobody can take it."""

    code = "arrangements.offer-expired-before-made"
    text = gettext_noop("The offer would end on {expires_on}, before today. Choose a later day.")


class OfferNotWaiting(Refusal):
    """It was decided already."""

    code = "arrangements.offer-not-waiting"
    text = gettext_noop("This offer is not waiting for approval any more.")


class OfferNeedsAnotherPerson(Refusal):
    """Four eyes, and the right to decide."""

    code = "arrangements.offer-needs-another-person"
    text = gettext_noop("The offer goes beyond the policy's limit: a manager other than {asked_by} must approve it.")


@transaction.atomic
def make_offer(
    *,
    customer_id: int,
    currency: str,
    waive_ppm: int,
    expires_on: date,
    as_of: date,
    actor: User,
    now: datetime,
    item_ids: Collection[int] | None = None,
) -> Offer:
    """Offer by hand to waive a share of the penalty if what is overdue is paid in time.

    Within the policy's limits (`offers:`) it binds at once; beyond them it waits for another person.

    Args:
        customer_id: To whom.
        currency: Of the items.
        waive_ppm: Share of the penalty, 500 000 = half of it.
        expires_on: Last value date in time.
        as_of: Today.
        actor: Who offers.
        now: The instant.
        item_ids: Only these; None: everything overdue.

    Raises: NothingToOffer, OfferRunning, OfferExpiresBeforeToday.
    """
    customer = locked_customer(customer_id)
    if expires_on < as_of:
        raise OfferExpiresBeforeToday(expires_on=expires_on)
    basis = overdue_basis(
        entity_id=customer.entity_id, customer_id=customer_id, currency=currency, as_of=as_of, item_ids=item_ids
    )
    running = running_offers(customer_id, currency).filter(items__item_id__in=[row["item_id"] for row in basis.items])
    if standing := running.first():
        raise OfferRunning(currency=currency, expires_on=standing.expires_on)
    in_force = policy_in_force(customer.entity_id, as_of)
    limits = (in_force.policy if in_force else default_policy()).offers
    is_within = waive_ppm <= limits.waive_at_most_ppm and days_between(as_of, expires_on) <= limits.days_at_most
    offer = _written(
        customer, currency, basis.items, basis.lines, waive_ppm=waive_ppm, offered_on=as_of, expires_on=expires_on,
        actor=actor, approved_at=now if is_within else None, now=now,
    )  # fmt: skip
    if is_within:
        _send(offer, as_of=as_of, actor=actor, now=now)
    return offer


def _send(offer: Offer, *, as_of: date, actor: User, now: datetime) -> None:
    """Put the offer into the outbox: the customer learns of it as soon as it binds."""
    enqueue(
        key=f"{LETTER}/{offer.pk}", customer_id=offer.customer_id, template=LETTER, about=f"offer:{offer.pk}",
        currency=offer.currency, as_of=as_of, not_before=now, now=now, actor=actor,
    )  # fmt: skip


def bind_offer(*, delivery: Delivery, facts: Mapping[str, Any], waive_ppm: int, now: datetime) -> Offer | None:
    """Make binding what a message of the policy promises, in the transaction that freezes its words.

    Args:
        delivery: The message.
        facts: `Message.facts`: items, penalty_lines, offer_until.
        waive_ppm: The share it promises to waive.
        now: The instant.

    Returns: None when it promises nothing. A second try of the same delivery replaces what the first, which never left,
        would have promised.
    """
    Offer.objects.filter(delivery=delivery, taken_at=None, lapsed_at=None).update(delivery=None, withdrawn_at=now)
    if not facts.get("waived_minor") or Offer.objects.filter(delivery=delivery).exists():
        return None
    until = date.fromisoformat(facts["offer_until"])
    return _written(
        delivery.customer, delivery.currency, facts["items"], facts["penalty_lines"], waive_ppm=waive_ppm,
        offered_on=date.fromisoformat(facts["as_of"]), expires_on=until, actor=None, approved_at=now, now=now,
        delivery=delivery,
    )  # fmt: skip


def running_offers(customer_id: int, currency: str) -> Any:  # noqa: ANN401  a queryset of offers
    """Return the binding offers of a customer that are neither taken nor over."""
    return Offer.objects.filter(
        customer_id=customer_id, currency=currency, taken_at=None, lapsed_at=None, withdrawn_at=None
    )


def _written(
    customer: Customer,
    currency: str,
    items: Sequence[Mapping[str, Any]],
    lines: Sequence[Mapping[str, Any]],
    *,
    waive_ppm: int,
    offered_on: date,
    expires_on: date,
    actor: User | None,
    approved_at: datetime | None,
    now: datetime,
    delivery: Delivery | None = None,
) -> Offer:
    """Write the offer, its items and the calculation they rest on. Raises NothingToOffer."""
    penalty_minor = sum(row["penalty_minor"] + row["fee_minor"] for row in items)
    if not items or not penalty_minor:
        raise NothingToOffer(currency=currency)
    offer = Offer.objects.create(
        entity_id=customer.entity_id,
        customer=customer,
        currency=currency,
        waive_ppm=waive_ppm,
        principal_minor=sum(row["due_minor"] for row in items),
        penalty_minor=penalty_minor,
        waived_minor=share_ppm(penalty_minor, waive_ppm),
        calculation=[{name: _plain(value) for name, value in line.items()} for line in lines],
        offered_on=offered_on,
        expires_on=expires_on,
        closes_on=WorkingCalendar(customer.entity.country).next_working_day(expires_on),
        step_code=delivery.step_code if delivery else "",
        delivery=delivery,
        offered_by=actor,
        offered_at=now,
        approved_at=approved_at,
    )
    OfferItem.objects.bulk_create(
        OfferItem(
            offer=offer,
            item_id=row["item_id"],
            principal_minor=row["due_minor"],
            held_minor=row["held_minor"],
            penalty_minor=row["penalty_minor"] + row["fee_minor"],
        )
        for row in items
    )
    state = State.RUNNING if approved_at else State.PROPOSED
    _noted(offer, state, as_of=offered_on, actor=actor, now=now, waived_minor=offer.waived_minor)
    return offer


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int) and abs(value) >= 2**53 else value


def _noted(offer: Offer, state: str, *, as_of: date, actor: User | None, now: datetime, waived_minor: int = 0) -> None:
    """Keep what became of the offer, and the journal entry."""
    OfferChange.objects.create(offer=offer, state=state, as_of=as_of, waived_minor=waived_minor, at=now, actor=actor)
    record(
        f"arrangements.offer-{state.lower()}", now=now, actor=actor, entity_id=offer.entity_id,
        customer_id=offer.customer_id, subject=offer, currency=offer.currency, as_of=as_of, waive_ppm=offer.waive_ppm,
        expires_on=offer.expires_on, principal_minor=offer.principal_minor, waived_minor=waived_minor,
    )  # fmt: skip


@transaction.atomic
def approve_offer(*, offer_id: int, as_of: date, actor: User, now: datetime) -> Offer:
    """Let an offer beyond the policy's limits bind: somebody else than who made it. Raises OfferNotWaiting,
    OfferNeedsAnotherPerson.
    """  # noqa: D205  one sentence
    offer = _waiting(offer_id, actor)
    offer.approved_by, offer.approved_at = actor, now
    offer.save(update_fields=["approved_by", "approved_at"])
    _noted(offer, State.RUNNING, as_of=as_of, actor=actor, now=now, waived_minor=offer.waived_minor)
    _send(offer, as_of=as_of, actor=actor, now=now)
    return offer


@transaction.atomic
def decline_offer(*, offer_id: int, as_of: date, actor: User, now: datetime) -> Offer:
    """Decline an offer that waits. Raises OfferNotWaiting, OfferNeedsAnotherPerson."""
    offer = _waiting(offer_id, actor)
    offer.withdrawn_at = now
    offer.save(update_fields=["withdrawn_at"])
    _noted(offer, State.WITHDRAWN, as_of=as_of, actor=actor, now=now)
    return offer


def _waiting(offer_id: int, actor: User) -> Offer:
    offer = Offer.objects.select_for_update(of=("self",)).select_related("offered_by").get(pk=offer_id)
    if offer.approved_at is not None or offer.withdrawn_at is not None or offer.lapsed_at is not None:
        raise OfferNotWaiting
    if offer.offered_by_id == actor.pk or not may(actor, Action.APPROVE, offer.entity_id):
        raise OfferNeedsAnotherPerson(asked_by=offer.offered_by)
    return offer


@transaction.atomic
def take_offers(*, customer_id: int, as_of: date, now: datetime) -> list[Offer]:
    """Let the offers of a customer follow the money: taken when everything arrived in time, lapsed when it is too late.

    Called by whatever books or takes back money, inside its transaction, and by the daily run. Money that went back
    un-takes an offer: its waiver is taken back, and it runs on or lapses.

    Returns: the offers whose state changed.
    """
    if not Offer.objects.filter(customer_id=customer_id, withdrawn_at=None).exists():
        return []
    customer = locked_customer(customer_id)
    offers = (
        Offer.objects.select_for_update(of=("self",))
        .filter(customer=customer, withdrawn_at=None, approved_at__isnull=False)
        .order_by("pk")
    )
    return [offer for offer in offers if _judged(offer, as_of=as_of, now=now)]


def _judged(offer: Offer, *, as_of: date, now: datetime) -> bool:
    """Bring one offer into the state that the money gives it; tell whether that is another one."""
    completed = completed_on(
        named_items(offer),
        on_account=money_on_account(offer.customer_id, offer.currency),
        offered_on=offer.offered_on,
        expires_on=offer.expires_on,
    )
    state = state_of(completed=completed, closes_on=offer.closes_on, as_of=as_of)
    was = TAKEN if offer.taken_at else LAPSED if offer.lapsed_at else RUNNING
    if state == was:
        return False
    if was == TAKEN:
        unwaive(about=about(offer), effective_on=as_of, actor=None, now=now)
    offer.taken_on = offer.taken_at = offer.granted_minor = offer.lapsed_at = None
    if completed is not None:
        amounts = _granted(offer, completed)
        waive(amounts, about=about(offer), effective_on=completed, actor=None, now=now)
        offer.taken_on, offer.taken_at, offer.granted_minor = completed, now, sum(amounts.values())
    elif state == LAPSED:
        offer.lapsed_at = now
    offer.save(update_fields=["taken_on", "taken_at", "granted_minor", "lapsed_at"])
    _noted(offer, state, as_of=as_of, actor=None, now=now, waived_minor=offer.granted_minor or 0)
    return True


def about(offer: Offer) -> str:
    """Return how waivers and messages name an offer."""
    return f"offer:{offer.pk}"


def _granted(offer: Offer, completed: date) -> dict[int, int]:
    """Return by item what the offer waives: its share of the penalty until the day of payment, less what is waived."""
    borne = borne_until(offer, completed)
    shared = share_waived(pl.DataFrame({"penalty_minor": list(borne.values())}), share_ppm_waived=offer.waive_ppm)
    waived: dict[int, int] = dict.fromkeys(borne, 0)
    for item_id, minor in PenaltyWaiver.objects.filter(item_id__in=borne).values_list("item_id", "amount_minor"):
        waived[item_id] += minor
    return {
        item_id: max(0, minor - waived[item_id]) for item_id, minor in zip(borne, shared["waived_minor"], strict=True)
    }


@transaction.atomic
def lapse_offers(*, entity_id: int, as_of: date, now: datetime) -> int:
    """End the offers of an entity that nobody took: part of the daily run; return how many ended.

    Those of customers who paid anything since are judged one by one; all others lapse together.
    """
    over = Offer.objects.filter(
        entity_id=entity_id, closes_on__lt=as_of, taken_at=None, lapsed_at=None, withdrawn_at=None
    )
    paid = _with_money(over)
    count = 0
    for customer_id in paid:
        count += len(take_offers(customer_id=customer_id, as_of=as_of, now=now))
    silent = list(over.exclude(customer_id__in=paid).order_by("pk").select_for_update().values_list("pk", flat=True))
    Offer.objects.filter(pk__in=silent, taken_at=None).update(lapsed_at=now)
    OfferChange.objects.bulk_create(OfferChange(offer_id=pk, state=State.LAPSED, as_of=as_of, at=now) for pk in silent)
    if silent:
        record("arrangements.offers-lapsed", now=now, entity_id=entity_id, as_of=as_of, offer_ids=silent)
    return count + len(silent)


def _with_money(over: Any) -> list[int]:  # noqa: ANN401  a queryset of offers
    """Return the customers of these offers who have paid anything that the offer might count."""
    paid = over.filter(items__item__allocations__isnull=False).values_list("customer_id", flat=True)
    on_account = over.filter(customer__receipts__unapplied_minor__gt=0).values_list("customer_id", flat=True)
    credit = over.filter(customer__credit_notes__unapplied_minor__gt=0).values_list("customer_id", flat=True)
    return sorted({*paid, *on_account, *credit})
