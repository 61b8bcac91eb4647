"""What happens to a letter outside: handed over, on its way, signed for, refused, returned; and the proof of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from huikuan.journal.files import keep_file
from huikuan.journal.models import StoredFile
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.kernel.zones import local_day
from huikuan.outreach import ports
from huikuan.outreach.commands.contact import ContactForbidden
from huikuan.outreach.commands.letters import journal_letter, locked_letter, move_letter
from huikuan.outreach.commands.refusals import keep_refusal
from huikuan.outreach.models import Contact, Letter, LetterEvent
from huikuan.parties.models import User
from huikuan.receivables.commands.limitation import note_interruption
from huikuan.receivables.models import LimitationEvent
from huikuan.storage import locks

State, Carrier = Letter.State, Letter.Carrier

FINAL: Final = frozenset({State.SIGNED, State.REFUSED, State.RETURNED})
"""States after which the post says nothing more; a wrong one is corrected by another of them."""
FROM_POST: Final = frozenset({State.IN_TRANSIT, *FINAL})
"""What the post reports."""
TRACKED: Final = frozenset({Carrier.EMS, Carrier.REGISTERED, Carrier.COURIER})
"""Carriers that give a number."""


class LetterNotWaiting(Refusal):
    """It left before, or was withdrawn."""

    code = "outreach.letter-not-waiting"
    text = gettext_noop("Letter {number} is not waiting to be posted ({state}).")


class LetterNotPosted(Refusal):
    """Nothing can have happened to it."""

    code = "outreach.letter-not-posted"
    text = gettext_noop("Letter {number} has not been handed to the post ({state}). Record the posting first.")


class TrackingNumberMissing(Refusal):
    """Without it nobody can prove anything."""

    code = "outreach.tracking-number-missing"
    text = gettext_noop("{carrier} gives a tracking number. Enter it: without it delivery cannot be proved.")


class TrackingNumberTaken(Refusal):
    """One number, one letter."""

    code = "outreach.tracking-number-taken"
    text = gettext_noop("Tracking number {tracking_number} already belongs to letter {number}.")


class SignerMissing(Refusal):
    """A signature is somebody's."""

    code = "outreach.signer-missing"
    text = gettext_noop("Say who signed for letter {number}.")


class PostingOutOfOrder(Refusal):
    """Times that cannot be."""

    code = "outreach.posting-out-of-order"
    text = gettext_noop("{at} cannot be: letter {number} was handed over at {handed_over_at}, and now it is {now}.")


class StateNotOfPost(Refusal):
    """Not a state the post reports."""

    code = "outreach.state-not-of-post"
    text = gettext_noop("“{state}” is no news of the post. It is one of: {known}.")


def hand_over(
    *,
    letter_id: int,
    carrier: str,
    at: datetime,
    actor: User | None,
    now: datetime,
    tracking_number: str = "",
    guard: ports.ContactGuard | None = None,
) -> Letter:
    """Record that a letter was handed to the post; the contact guard is asked first, and a contact is logged.

    Args:
        letter_id: A letter that is made and not posted.
        carrier: A `Letter.Carrier`.
        at: When it was handed over; the guard judges this instant.
        actor: Who did it.
        now: When it is recorded.
        tracking_number: Needed for every carrier that gives one.
        guard: For tests; None: the wired one.

    Raises: LetterNotWaiting, TrackingNumberMissing, TrackingNumberTaken, PostingOutOfOrder; ContactForbidden when the
        guard says no: then the refusal is in the journal, and the letter waits on.
    """
    tracking_number = "".join(tracking_number.split()).upper()
    with transaction.atomic():
        letter = locked_letter(letter_id)
        _check_hand_over(letter, Carrier(carrier), tracking_number, at=at, now=now)
        answer = _asked(letter, at=at, now=now, actor=actor, guard=guard)
        if isinstance(answer, ports.Allow):
            letter.carrier, letter.tracking_number, letter.handed_over_at = carrier, tracking_number, at
            letter.contact = _contact(letter, at=at, now=now, actor=actor)
            move_letter(
                letter, State.HANDED_OVER, at=at, now=now, actor=actor, carrier=carrier, tracking_number=tracking_number
            )
            journal_letter(
                "outreach.letter-handed-over", letter, now=now, actor=actor, carrier=carrier,
                tracking_number=tracking_number, at=at, warnings=list(answer.warnings),
            )  # fmt: skip
            return letter
    # Outside: the journal entry of the refusal has been committed.
    raise ContactForbidden(reason=answer.text, rule=answer.rule)


def _check_hand_over(
    letter: Letter, carrier: Letter.Carrier, tracking_number: str, *, at: datetime, now: datetime
) -> None:
    if letter.state != State.MADE:
        raise LetterNotWaiting(number=letter.number, state=letter.get_state_display())
    if carrier in TRACKED and not tracking_number:
        raise TrackingNumberMissing(carrier=carrier.label)
    other = Letter.objects.filter(tracking_number=tracking_number).first() if tracking_number else None
    if other is not None:
        raise TrackingNumberTaken(tracking_number=tracking_number, number=other.number)
    if at > now:
        raise PostingOutOfOrder(at=at, number=letter.number, handed_over_at=letter.made_at, now=now)


def _asked(
    letter: Letter, *, at: datetime, now: datetime, actor: User | None, guard: ports.ContactGuard | None
) -> ports.Answer:
    """Ask the guard under the lock of the address; keep a no in the journal."""
    intent = ports.Intent(
        entity_id=letter.entity_id,
        customer_id=letter.customer_id,
        channel=Contact.Channel.LETTER,
        address=letter.address[:254],
        is_automatic=False,
        key=letter.key,
        step_code=letter.step_code,
        template=letter.template,
        language=letter.language,
        words=letter.words,
    )
    locks.hold(f"contact:{intent.channel}:{intent.address.casefold()}")
    answer = (guard or ports.guard()).ask(intent, letter.person, at)
    if not isinstance(answer, ports.Allow):
        keep_refusal(
            answer,
            customer=letter.customer,
            person=letter.person,
            channel=intent.channel,
            now=now,
            actor=actor,
            subject=letter,
        )
    return answer


def _contact(letter: Letter, *, at: datetime, now: datetime, actor: User | None) -> Contact:
    """Write the letter into the contact log."""
    return Contact.objects.create(
        entity_id=letter.entity_id,
        customer_id=letter.customer_id,
        person_id=letter.person_id,
        channel=Contact.Channel.LETTER,
        direction=Contact.Direction.OUT,
        address=letter.address[:254],
        at=at,
        outcome=Contact.Outcome.SENT,
        summary=f"{letter.data['title']} {letter.number}",
        logged_by=actor,
        logged_at=now,
    )


@dataclass(frozen=True, slots=True)
class News:
    """What was recorded: the letter, and whether it was new (the carrier's list says the same thing every day)."""

    letter: Letter
    is_new: bool


@transaction.atomic
def record_news(
    *,
    letter_id: int,
    state: str,
    at: datetime,
    actor: User | None,
    now: datetime,
    signed_by: str = "",
    note: str = "",
    source: str = "",
) -> News:
    """Record what the post says about a letter: on its way, signed for, refused, returned.

    The same news twice is recorded once. News older than what is known stays in the trail and changes nothing.

    Args:
        letter_id: A letter that was handed over.
        state: One of `FROM_POST`.
        at: When it happened, by the post's account.
        actor: Who recorded it; None for an import by the machine.
        now: When it is recorded.
        signed_by: Who signed; needed for SIGNED.
        note: What else the post says.
        source: Where it comes from: name of the carrier's list.

    Raises: StateNotOfPost, LetterNotPosted, SignerMissing, PostingOutOfOrder.
    """
    if state not in FROM_POST:
        raise StateNotOfPost(state=state, known=", ".join(sorted(FROM_POST)))
    letter = locked_letter(letter_id)
    if letter.handed_over_at is None:
        raise LetterNotPosted(number=letter.number, state=letter.get_state_display())
    if state == State.SIGNED and not signed_by.strip():
        raise SignerMissing(number=letter.number)
    if not letter.handed_over_at <= at <= now:
        raise PostingOutOfOrder(at=at, number=letter.number, handed_over_at=letter.handed_over_at, now=now)
    if letter.events.filter(state=state, at=at).exists():
        return News(letter, is_new=False)
    detail = _said(signed_by=signed_by.strip()[:80], note=note, source=source)
    if _is_older(letter, state, at):
        LetterEvent.objects.create(letter=letter, at=at, state=state, detail=detail, recorded_by=actor, recorded_at=now)
    else:
        letter.signed_by = signed_by.strip()[:80] if state == State.SIGNED else ""
        move_letter(letter, State(state), at=at, now=now, actor=actor, **detail)
    journal_letter(f"outreach.letter-{_EVENTS[State(state)]}", letter, now=now, actor=actor, at=at, **detail)
    if state == State.SIGNED:
        note_interruption(
            customer_id=letter.customer_id, kind=LimitationEvent.Kind.DEMAND_DELIVERED,
            happened_on=local_day(at, letter.entity.time_zone), evidence=f"letter:{letter.pk}", proof=letter.number,
            item_ids=[row["item_id"] for row in letter.facts.get("items", [])], who=signed_by.strip(), actor=actor,
            now=now,
        )  # fmt: skip
    return News(letter, is_new=True)


_EVENTS: Final = {
    State.IN_TRANSIT: "in-transit",
    State.SIGNED: "signed",
    State.REFUSED: "refused",
    State.RETURNED: "returned",
}


def _is_older(letter: Letter, state: str, at: datetime) -> bool:
    """Tell whether something later, or more final, is known already."""
    is_step_back = letter.state in FINAL and state not in FINAL
    return is_step_back or at < letter.state_at


def _said(**detail: str) -> dict[str, str]:
    return {name: value for name, value in detail.items() if value}


@transaction.atomic
def keep_receipt(
    *, letter_id: int, content: bytes, name: str, media_type: str, actor: User, now: datetime, title: str = ""
) -> StoredFile:
    """Keep the photo or scan of a receipt as evidence of a letter. Raises the refusals of `journal.files.keep_file`."""
    letter = locked_letter(letter_id)
    if letter.handed_over_at is None:
        raise LetterNotPosted(number=letter.number, state=letter.get_state_display())
    return keep_file(
        content=content,
        name=name,
        media_type=media_type,
        kind="RECEIPT",
        now=now,
        actor=actor,
        entity_id=letter.entity_id,
        customer_id=letter.customer_id,
        subject=letter,
        title=title or letter.number,
    )


def details(letter: Letter) -> list[dict[str, Any]]:
    """Return the trail of a letter, oldest first: state, at, recorded_at, and what was said."""
    return [
        {"state": event.state, "at": event.at, "recorded_at": event.recorded_at, **event.detail}
        for event in letter.events.order_by("at", "pk")
    ]
