"""What people do with a promise to pay: make it, withdraw it. What money does with it is `judging`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from django.db import transaction

from huikuan.arrangements.models import Promise, PromiseChange, PromisePart
from huikuan.arrangements.models.promise import PromiseState
from huikuan.arrangements.queries.claim import policy_for
from huikuan.arrangements.rules.promise import last_day, reminder_day
from huikuan.journal.commands import record
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.days import add_days
from huikuan.kernel.money import currency_exponent
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.kernel.zones import instant_at, local_day
from huikuan.outreach.commands import contact as outreach_contact
from huikuan.outreach.commands.queue import cancel_delivery, check_acts_for, enqueue
from huikuan.outreach.models import Contact, Delivery
from huikuan.parties.models import ContactPerson, Customer, User
from huikuan.policy.commands import place_hold, release_hold
from huikuan.policy.models import Hold
from huikuan.receivables.commands.limitation import note_interruption
from huikuan.receivables.models import LimitationEvent, OpenItem

REMINDER: Final = "promise_reminder"
REMINDED_AT: Final = time(9)
"""On the creditor's clock; the contact guard may make it later."""
PARTS_MAX: Final = 12


class PromiseEmpty(Refusal):
    """No part, or one without an amount."""

    code = "promise.empty"
    text = gettext_noop("A promise needs 1 to {most} parts, each with a day and an amount above zero.")


class PromiseInPast(Refusal):
    """Nobody promises yesterday."""

    code = "promise.in-past"
    text = gettext_noop("The promised day {due_on} lies before the day of the promise, {made_on}. Correct the day.")


class PromiseDayTwice(Refusal):
    """Two parts on one day are one."""

    code = "promise.day-twice"
    text = gettext_noop("{due_on} is promised twice. Add the two amounts up.")


class PromiseItemForeign(Refusal):
    """The item is another customer's, or in another currency."""

    code = "promise.item-foreign"
    text = gettext_noop("Not every item chosen is one of {customer} in {currency}. Choose again.")


class PromiseNotRunning(Refusal):
    """It has been decided."""

    code = "promise.not-running"
    text = gettext_noop("This promise is no longer running ({state}); there is nothing to withdraw.")


class PromiseReasonMissing(Refusal):
    """Nobody could later say why."""

    code = "promise.reason-missing"
    text = gettext_noop("Say why the promise is withdrawn: the reason stays with it.")


@dataclass(frozen=True, slots=True)
class Share:
    """One part to be promised: a day and minor units."""

    due_on: date
    amount_minor: int


@transaction.atomic
def make_promise(
    *,
    customer_id: int,
    shares: Sequence[Share],
    currency: str,
    made_on: date,
    actor: User | None,
    now: datetime,
    person_id: int | None = None,
    contact_id: int | None = None,
    item_ids: Collection[int] = (),
    note: str = "",
) -> Promise:
    """Write down a promise, pause dunning until its last day of grace, and queue a reminder before each part.

    Args:
        customer_id: Who promised.
        shares: Days and amounts, in any order.
        currency: Of the amounts.
        made_on: Money dated from here on counts.
        actor: Who wrote it down.
        now: The instant.
        person_id: The contact person who said it.
        contact_id: The contact in which it was said.
        item_ids: What it is about; empty: whatever the customer owes.
        note: In words.

    Raises: the refusals above, PersonOfAnotherCustomer, CurrencyUnknown.
    """
    customer = Customer.objects.select_for_update(of=("self",)).select_related("entity").get(pk=customer_id)
    currency_exponent(currency)
    if person_id is not None:
        check_acts_for(ContactPerson.objects.get(pk=person_id), customer)
    ordered = _checked(shares, made_on)
    items = OpenItem.objects.filter(pk__in=item_ids, customer=customer, currency=currency)
    if len(items) != len(set(item_ids)):
        raise PromiseItemForeign(customer=customer.name, currency=currency)
    calendar = WorkingCalendar(customer.entity.country)
    last_days = [last_day(share.due_on, calendar) for share in ordered]
    promise = Promise.objects.create(
        entity=customer.entity, customer=customer, person_id=person_id, contact_id=contact_id, currency=currency,
        amount_minor=sum(share.amount_minor for share in ordered), made_on=made_on, made_at=now, made_by=actor,
        next_on=last_days[0], note=note,
    )  # fmt: skip
    promise.items.set(items)
    PromisePart.objects.bulk_create(
        PromisePart(promise=promise, number=n, due_on=share.due_on, last_on=last, amount_minor=share.amount_minor)
        for n, (share, last) in enumerate(zip(ordered, last_days, strict=True), start=1)
    )
    _hold(promise, items, last_days[-1], actor=actor, now=now)
    _remind(promise, ordered, calendar, made_on=made_on, now=now)
    PromiseChange.objects.create(promise=promise, counted_minor=0, as_of=made_on, at=now, actor=actor, state="RUNNING")
    record(
        "arrangements.promise-made", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=promise, currency=currency, amount_minor=promise.amount_minor, person_id=person_id,
        parts=[{"due_on": share.due_on.isoformat(), "amount_minor": share.amount_minor} for share in ordered],
        item_ids=sorted(item_ids),
    )  # fmt: skip
    _acknowledged(promise, items, actor=actor, now=now)
    return promise


def _acknowledged(promise: Promise, items: Collection[OpenItem], *, actor: User | None, now: datetime) -> None:
    """Keep that who promises to pay acknowledges the debt: the limitation period begins anew (Civil Code 195)."""
    promised = items or OpenItem.objects.filter(
        customer_id=promise.customer_id, currency=promise.currency, settled_on=None
    )  # fmt: skip
    note_interruption(
        customer_id=promise.customer_id, kind=LimitationEvent.Kind.PROMISE, happened_on=promise.made_on,
        evidence=f"promise:{promise.pk}", item_ids=[item.pk for item in promised],
        who="" if promise.person is None else promise.person.name, actor=actor, now=now,
    )  # fmt: skip


def _checked(shares: Sequence[Share], made_on: date) -> list[Share]:
    ordered = sorted(shares, key=lambda share: share.due_on)
    if not 1 <= len(ordered) <= PARTS_MAX or any(share.amount_minor <= 0 for share in ordered):
        raise PromiseEmpty(most=PARTS_MAX)
    if ordered[0].due_on < made_on:
        raise PromiseInPast(due_on=ordered[0].due_on, made_on=made_on)
    days = [share.due_on for share in ordered]
    twice = next((day for day in days if days.count(day) > 1), None)
    if twice is not None:
        raise PromiseDayTwice(due_on=twice)
    return ordered


def _hold(promise: Promise, items: Collection[OpenItem], ends_on: date, *, actor: User | None, now: datetime) -> None:
    """Pause dunning of the items promised, or of the customer, no longer than the policy lets a promise hold it up."""
    longest = policy_for(promise.entity_id, promise.made_on).holds[Hold.Kind.PROMISE].max_days
    ends_on = min(ends_on, add_days(promise.made_on, longest - 1))
    held: list[int | None] = [item.pk for item in items]
    for item_id in held or [None]:
        promise.holds.add(
            place_hold(
                customer_id=promise.customer_id, kind=Hold.Kind.PROMISE, starts_on=promise.made_on, ends_on=ends_on,
                reason=f"promise:{promise.pk}", actor=actor, now=now, item_id=item_id,
            )
        )  # fmt: skip


def _remind(
    promise: Promise, shares: Sequence[Share], calendar: WorkingCalendar, *, made_on: date, now: datetime
) -> None:
    """Queue a reminder one working day before each part, where there is a mailbox and a day left to do it."""
    customer, entity = promise.customer, promise.entity
    has_mailbox = customer.email or (promise.person is not None and promise.person.email)
    for number, share in enumerate(shares, start=1):
        day = reminder_day(share.due_on, calendar)
        if has_mailbox and day > made_on:
            enqueue(
                key=f"{REMINDER}/{promise.pk}/{number}", customer_id=customer.pk, template=REMINDER,
                about=f"promise:{promise.pk}", currency=promise.currency, as_of=made_on,
                not_before=instant_at(day, REMINDED_AT, entity.time_zone), now=now,
            )  # fmt: skip


@transaction.atomic
def withdraw_promise(*, promise_id: int, reason: str, as_of: date, actor: User, now: datetime) -> Promise:
    """Take a promise back, as the one who made or misheard it: dunning goes on, it counts in no statistics.

    Raises: PromiseNotRunning, PromiseReasonMissing.
    """
    if not reason.strip():
        raise PromiseReasonMissing
    promise = Promise.objects.select_for_update(of=("self",)).get(pk=promise_id)
    if promise.state != PromiseState.RUNNING:
        raise PromiseNotRunning(state=promise.get_state_display())
    promise.parts.update(state=PromiseState.WITHDRAWN)
    promise.state, promise.next_on, promise.decided_on = PromiseState.WITHDRAWN, None, as_of
    promise.save(update_fields=["state", "next_on", "decided_on"])
    end_waiting(promise, why="PROMISE_WITHDRAWN", as_of=as_of, actor=actor, now=now)
    PromiseChange.objects.create(
        promise=promise, state=promise.state, counted_minor=promise.counted_minor, as_of=as_of, at=now, actor=actor,
        reason=reason.strip()[:300],
    )  # fmt: skip
    record(
        "arrangements.promise-withdrawn", now=now, actor=actor, entity_id=promise.entity_id,
        customer_id=promise.customer_id, subject=promise, reason=reason.strip()[:300],
    )  # fmt: skip
    return promise


def end_waiting(promise: Promise, *, why: str, as_of: date, actor: User | None, now: datetime) -> None:
    """End the holds and the waiting reminders of a promise. Part of a command: each writes its own journal entry."""
    for hold in promise.holds.filter(released_on=None, ends_on__gte=as_of):
        release_hold(hold_id=hold.pk, released_on=as_of, actor=actor, now=now)
    waiting = Delivery.objects.filter(about=f"promise:{promise.pk}", state=Delivery.State.QUEUED)
    for delivery_id in waiting.values_list("pk", flat=True):
        cancel_delivery(delivery_id=delivery_id, reason=why, now=now, actor=actor)


def log_contact(
    *, customer_id: int, actor: User, now: datetime, promised: outreach_contact.Promised | None = None, **facts: Any
) -> Contact:
    """Log a contact (`outreach.commands.contact.log_contact`); what was promised in it becomes a promise.

    Raises: what `log_contact` and `make_promise` raise.
    """
    if promised is None:
        return outreach_contact.log_contact(customer_id=customer_id, actor=actor, now=now, **facts)
    try:
        return _log_promise(customer_id=customer_id, actor=actor, now=now, promised=promised, **facts)
    except outreach_contact.ContactForbidden:
        # Its journal entry went with the transaction: the guard is asked once more, so that its refusal is kept.
        outreach_contact.permit_contact(
            customer_id=customer_id, person_id=facts["person_id"], channel=facts["channel"], now=facts["at"],
            actor=actor, guard=facts.get("guard"), visitor_count=facts.get("visitor_count", 0),
        )  # fmt: skip
        raise


@transaction.atomic
def _log_promise(
    *, customer_id: int, actor: User, now: datetime, promised: outreach_contact.Promised, **facts: Any
) -> Contact:
    """Log the contact and make the promise: both, or neither."""
    contact = outreach_contact.log_contact(
        customer_id=customer_id, actor=actor, now=now, promised=promised, **facts
    )  # fmt: skip
    make_promise(
        customer_id=customer_id, shares=[Share(promised.on, promised.amount_minor)], currency=promised.currency,
        made_on=local_day(contact.at, contact.customer.entity.time_zone), actor=actor, now=now,
        person_id=contact.person_id, contact_id=contact.pk, note=contact.summary[:300],
    )  # fmt: skip
    return contact
