"""The contact log (沟通记录): what a person did or heard, and what follows from it for the next contact."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach import ports
from huikuan.outreach.commands.queue import check_acts_for
from huikuan.outreach.commands.refusals import keep_refusal
from huikuan.outreach.models import Attempt, Contact
from huikuan.parties.models import ContactBlock, ContactPerson, Customer, User
from huikuan.storage import locks

Channel, Direction, Outcome = Contact.Channel, Contact.Direction, Contact.Outcome

NOT_CONNECTED: Final = frozenset({Outcome.NO_ANSWER, Outcome.BUSY, Outcome.SENT, Outcome.NOTED})
"""Outcomes of a call that reached nobody: a dial, not a connected call."""

BLOCKS: Final = {
    Outcome.STOP: ContactBlock.Kind.OPT_OUT,
    Outcome.WRONG_NUMBER: ContactBlock.Kind.WRONG_PERSON,
}
"""Outcomes that block the person for the future."""


class ContactForbidden(Refusal):
    """The contact guard said no, or not now."""

    code = "outreach.contact-forbidden"
    text = gettext_noop("This contact may not be made: {reason} ({rule}).")


class ContactInFuture(Refusal):
    """The log holds what happened."""

    code = "outreach.contact-in-future"
    text = gettext_noop("A contact is logged when it has happened; {at} is still to come.")


class PromiseIncomplete(Refusal):
    """A promise without a day and an amount cannot be kept or broken."""

    code = "outreach.promise-incomplete"
    text = gettext_noop("A promise needs the day, the amount above zero and its currency.")


class CallWithoutPerson(Refusal):
    """Nobody knows whom a call without a person reached."""

    code = "outreach.call-without-person"
    text = gettext_noop("Name the person you called or visited: only those who act for the customer may be contacted.")


class AttemptClosed(Refusal):
    """One dial is one line of the log."""

    code = "outreach.attempt-closed"
    text = gettext_noop("This call or visit is in the log already, or is not one of this customer. Begin a new one.")


@dataclass(frozen=True, slots=True)
class Promised:
    """What the person promised: judged later by the money that arrives."""

    on: date
    amount_minor: int
    currency: str


def permit_contact(
    *,
    customer_id: int,
    person_id: int,
    channel: str,
    now: datetime,
    actor: User,
    guard: ports.ContactGuard | None = None,
    visitor_count: int = 0,
) -> ports.Answer:
    """Ask the gate before a person dials or visits; a refusal is kept in the journal. Changes nothing else.

    Raises: PersonOfAnotherCustomer.
    """
    with transaction.atomic():
        customer = Customer.objects.select_for_update().get(pk=customer_id)
        person = ContactPerson.objects.get(pk=person_id)
        check_acts_for(person, customer)
        return ask_guard(
            customer, person, channel, at=now, now=now, actor=actor, guard=guard, visitor_count=visitor_count
        )


def begin_contact(
    *,
    customer_id: int,
    person_id: int,
    channel: str,
    now: datetime,
    actor: User,
    guard: ports.ContactGuard | None = None,
    visitor_count: int = 0,
) -> Attempt:
    """Ask the gate and dial, or ring at the door: from now on the attempt counts, whatever comes of it.

    A refusal is kept in the journal and nothing else changes.

    Raises: ContactForbidden, PersonOfAnotherCustomer.
    """
    with transaction.atomic():
        begun = attempt_contact(
            customer_id=customer_id, person_id=person_id, channel=channel, now=now, actor=actor, guard=guard,
            visitor_count=visitor_count,
        )  # fmt: skip
        if isinstance(begun, Attempt):
            return begun
    raise ContactForbidden(reason=begun.text, rule=begun.rule)


def attempt_contact(
    *,
    customer_id: int,
    person_id: int,
    channel: str,
    now: datetime,
    actor: User,
    guard: ports.ContactGuard | None,
    visitor_count: int,
) -> Attempt | ports.DelayUntil | ports.Refuse:
    """Begin a contact as part of another command's transaction; the answer of the guard when it may not begin.

    Raises: PersonOfAnotherCustomer.
    """
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    person = ContactPerson.objects.get(pk=person_id)
    check_acts_for(person, customer)
    answer = ask_guard(
        customer, person, channel, at=now, now=now, actor=actor, guard=guard, visitor_count=visitor_count
    )
    if not isinstance(answer, ports.Allow):
        return answer
    attempt = Attempt.objects.create(
        entity_id=customer.entity_id, customer=customer, person=person, channel=channel,
        address=address_of(person, channel), at=now, visitor_count=visitor_count, begun_by=actor,
    )  # fmt: skip
    record(
        "outreach.attempt-begun", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=attempt, channel=channel, warnings=list(answer.warnings),
    )  # fmt: skip
    return attempt


def foresee_contact(
    *, customer: Customer, person: ContactPerson | None, channel: str, now: datetime, visitor_count: int = 0
) -> ports.Answer:
    """Ask the same guard for display: takes no lock, keeps nothing, promises nothing; the contact itself asks again."""
    return ports.guard().ask(_intent(customer, person, channel, visitor_count), person, now)


def _intent(customer: Customer, person: ContactPerson | None, channel: str, visitor_count: int) -> ports.Intent:
    """Return a contact by hand as the guard judges it."""
    return ports.Intent(
        entity_id=customer.entity_id,
        customer_id=customer.pk,
        channel=channel,
        address=address_of(person, channel),
        is_automatic=False,
        visitor_count=visitor_count,
    )


def ask_guard(
    customer: Customer,
    person: ContactPerson | None,
    channel: str,
    *,
    at: datetime,
    now: datetime,
    actor: User,
    guard: ports.ContactGuard | None,
    visitor_count: int = 0,
) -> ports.Answer:
    """Ask the guard, for the instant `at`, under the locks of its counts; keep a no in the journal.

    The caller has locked the customer.
    """
    intent = _intent(customer, person, channel, visitor_count)
    locks.hold(f"contact:{channel}:{intent.address.casefold()}")
    answer = (guard or ports.guard()).ask(intent, person, at)
    if not isinstance(answer, ports.Allow):
        keep_refusal(answer, customer=customer, person=person, channel=channel, now=now, actor=actor)
    return answer


def address_of(person: ContactPerson | None, channel: str) -> str:
    """Return the number or mailbox of a person on a channel; "" where the channel has none."""
    if person is None:
        return ""
    return {Channel.EMAIL: person.email, Channel.PHONE: person.phone, Channel.SMS: person.phone}.get(
        Channel(channel), ""
    )


def log_contact(
    *,
    customer_id: int,
    channel: str,
    direction: str,
    outcome: str,
    at: datetime,
    actor: User,
    now: datetime,
    person_id: int | None = None,
    summary: str = "",
    reason: str = "",
    named_step: str = "",
    promised: Promised | None = None,
    next_step: str = "",
    next_step_on: date | None = None,
    is_identity_verified: bool = False,
    guard: ports.ContactGuard | None = None,
    visitor_count: int = 0,
    attempt_id: int | None = None,
    duration_seconds: int | None = None,
) -> Contact:
    """Log one attempt on one channel with its outcome.

    An outgoing call or visit is asked of the contact guard for the instant at which it took place: what the rules
    forbid is not logged as work done but refused, and the refusal is kept. With `attempt_id` the guard has agreed when
    it began, and the entry bears that instant. "Stop" and "wrong person" block the person.

    Raises: ContactForbidden, ContactInFuture, PromiseIncomplete, CallWithoutPerson, PersonOfAnotherCustomer,
        AttemptClosed.
    """
    with transaction.atomic():
        customer = Customer.objects.select_for_update().get(pk=customer_id)
        attempt = None if attempt_id is None else _open_attempt(attempt_id, customer, channel)
        if attempt is not None:
            person_id, at, visitor_count = attempt.person_id, attempt.at, attempt.visitor_count
        _check(channel, direction, outcome, at=at, now=now, person_id=person_id, promised=promised)
        person = None if person_id is None else ContactPerson.objects.get(pk=person_id)
        if person is not None:
            check_acts_for(person, customer)
        answer: ports.Answer = ports.Allow()
        if attempt is None and _needs_permission(channel, direction):
            answer = ask_guard(
                customer, person, channel, at=at, now=at, actor=actor, guard=guard, visitor_count=visitor_count
            )
        if isinstance(answer, ports.Allow):
            contact = Contact.objects.create(
                entity_id=customer.entity_id, customer=customer, person=person, channel=channel, direction=direction,
                address=attempt.address if attempt else address_of(person, channel), at=at, outcome=outcome,
                is_connected=outcome not in NOT_CONNECTED, is_identity_verified=is_identity_verified, summary=summary,
                reason=reason, named_step=named_step.strip(), next_step=next_step, next_step_on=next_step_on,
                duration_seconds=duration_seconds, attempt=attempt, logged_by=actor, logged_at=now,
                **_promise_columns(promised),
            )  # fmt: skip
            _follow_up(contact, actor=actor, now=now, warnings=answer.warnings, visitor_count=visitor_count)
            return contact
    # Outside: the journal entry of the refusal has been committed.
    raise ContactForbidden(reason=answer.text, rule=answer.rule)


def _open_attempt(attempt_id: int, customer: Customer, channel: str) -> Attempt:
    """Return an attempt that no entry of the log has ended. Raises AttemptClosed."""
    attempt = Attempt.objects.filter(pk=attempt_id, customer=customer, channel=channel, contact=None).first()
    if attempt is None:
        raise AttemptClosed
    return attempt


def _promise_columns(promised: Promised | None) -> dict[str, Any]:
    if promised is None:
        return {}
    return {
        "promised_on": promised.on,
        "promised_minor": promised.amount_minor,
        "promised_currency": promised.currency,
    }


def _follow_up(contact: Contact, *, actor: User, now: datetime, warnings: tuple[str, ...], visitor_count: int) -> None:
    """Block whoever asked for it, and write the journal."""
    record(
        "outreach.contact-logged",
        now=now,
        actor=actor,
        entity_id=contact.entity_id,
        customer_id=contact.customer_id,
        subject=contact,
        channel=contact.channel,
        direction=contact.direction,
        outcome=contact.outcome,
        blocked=_block(contact, actor=actor, now=now),
        warnings=list(warnings),
        **({"visitor_count": visitor_count} if visitor_count else {}),
    )


def _check(
    channel: str,
    direction: str,
    outcome: str,
    *,
    at: datetime,
    now: datetime,
    person_id: int | None,
    promised: Promised | None,
) -> None:
    """Refuse what cannot have been meant."""
    if at > now:
        raise ContactInFuture(at=at)
    if (outcome == Outcome.PROMISED) != (promised is not None):
        raise PromiseIncomplete
    if promised is not None and (promised.amount_minor <= 0 or not promised.currency):
        raise PromiseIncomplete
    if person_id is None and _needs_permission(channel, direction):
        raise CallWithoutPerson


def _needs_permission(channel: str, direction: str) -> bool:
    """Tell whether the guard is to be asked: every outgoing contact by hand, never a note or what came in."""
    return direction == Direction.OUT and channel != Channel.NOTE


def _block(contact: Contact, *, actor: User, now: datetime) -> str:
    """Block the person for what he said; return the kind, "" when nothing follows. "Stop" concerns every channel."""
    kind = BLOCKS.get(Outcome(contact.outcome))
    if kind is None:
        return ""
    person = contact.person
    ContactBlock.objects.get_or_create(
        customer_id=contact.customer_id,
        person=person,
        kind=kind,
        channel="" if kind == ContactBlock.Kind.OPT_OUT else contact.channel,
        ended_at=None,
        defaults={
            "phone": person.phone if person else "",
            "email": person.email if person else "",
            "reason": contact.summary[:300],
            "begun_at": now,
            "begun_by": actor,
        },
    )
    return str(kind.value)
