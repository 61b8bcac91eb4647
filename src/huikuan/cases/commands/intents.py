"""What a person makes of a reply (F7): one proposal followed, once, and taken back where what it made allows it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from django.db import models, transaction
from django.db.models import QuerySet

from huikuan.arrangements.commands.disputes import open_dispute
from huikuan.arrangements.commands.promising import Share, make_promise, withdraw_promise
from huikuan.arrangements.models import Dispute, Promise
from huikuan.cases.commands.task import cancel_task
from huikuan.cases.models import Case, Task
from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.kernel.zones import local_day
from huikuan.outreach.models import AppliedIntent, InboundMessage
from huikuan.outreach.rules.intent import Kind
from huikuan.outreach.rules.quoting import own_words
from huikuan.parties.commands.contacts import block_contact, unblock_contact
from huikuan.parties.models import ContactBlock, User

FIND_MONEY: Final = "find_money"
OFFER_PLAN: Final = "offer_plan"
FIND_PERSON: Final = "find_person"
"""Steps of the tasks that replies leave; their names are in `desk.queries.words`."""
REASON_MAX: Final = 300


class InboundUnassigned(Refusal):
    """Nobody knows whose promise it would be."""

    code = "cases.inbound-unassigned"
    text = gettext_noop("Say first whose message this is.")


class IntentWithoutEffect(Refusal):
    """There is nothing to do about it."""

    code = "cases.intent-without-effect"
    text = gettext_noop("Nothing follows from this by itself.")


class IntentUndone(Refusal):
    """It was taken back before."""

    code = "cases.intent-undone"
    text = gettext_noop("This was taken back already.")


class IntentStands(Refusal):
    """What it made is taken back in its own place."""

    code = "cases.intent-stands"
    text = gettext_noop(
        "This cannot be taken back here: decide the dispute, or lift the block on the page of contacts."
    )


@dataclass(frozen=True, slots=True)
class Details:
    """What the person settled on before following a proposal."""

    shares: Sequence[Share] = ()
    currency: str = ""
    item_id: int = 0
    amount_minor: int = 0
    dispute_kind: str = ""


@transaction.atomic
def apply_intent(
    *, message_id: int, intent: str, actor: User, now: datetime, place: int = 0, details: Details | None = None
) -> AppliedIntent:
    """Follow one proposal about a message. Followed before, it stays as it is and nothing is made twice.

    PROMISE makes a promise, PAID a task to find the money, DISPUTE a dispute, HARDSHIP a task to offer a plan, STOP a
    block of the person (without a person: of the customer), WRONG_PERSON that and a task to find the right one.

    Args:
        message_id: A message that has a customer.
        intent: A code of `outreach.rules.intent.Kind`.
        actor: Who decides.
        now: The instant.
        place: Which of several promises.
        details: Of a promise or a dispute.

    Raises: InboundUnassigned, IntentWithoutEffect, and what the commands behind it raise.
    """
    message = (
        InboundMessage.objects.select_for_update(of=("self",)).select_related("customer__entity").get(pk=message_id)
    )
    if message.customer is None:
        raise InboundUnassigned
    known = message.applied.filter(intent=intent, place=place, undone_at=None).first()
    if known is not None:
        return known
    maker = _MAKERS.get(Kind(intent))
    if maker is None:
        raise IntentWithoutEffect
    made = maker(message, details or Details(), actor, now)
    applied = AppliedIntent.objects.create(
        message=message, intent=intent, place=place, subject_type=made._meta.label_lower, subject_id=made.pk,
        applied_at=now, applied_by=actor,
    )  # fmt: skip
    _record("cases.intent-applied", applied, actor=actor, now=now)
    return applied


@transaction.atomic
def undo_intent(*, applied_id: int, actor: User, now: datetime) -> AppliedIntent:
    """Take back what was made of a proposal: the promise is withdrawn, the task called off, the mark lifted.

    Raises: IntentUndone, IntentStands for disputes and opt-outs, and what the commands behind it raise.
    """
    applied = AppliedIntent.objects.select_for_update(of=("self",)).select_related("message__entity").get(pk=applied_id)
    if applied.undone_at is not None:
        raise IntentUndone
    subject_id = applied.subject_id or 0
    match Kind(applied.intent):
        case Kind.PROMISE:
            entity = Promise.objects.select_related("entity").get(pk=subject_id).entity
            withdraw_promise(
                promise_id=subject_id, reason="INBOUND_UNDONE", as_of=local_day(now, entity.time_zone), actor=actor,
                now=now,
            )  # fmt: skip
        case Kind.PAID | Kind.HARDSHIP:
            cancel_task(task_id=subject_id, reason="INBOUND_UNDONE", actor=actor, now=now)
        case Kind.WRONG_PERSON:
            unblock_contact(block_id=subject_id, actor=actor, now=now, reason="INBOUND_UNDONE")
            for task in _open_tasks(applied.message_id, FIND_PERSON):
                cancel_task(task_id=task.pk, reason="INBOUND_UNDONE", actor=actor, now=now)
        case _:
            raise IntentStands
    applied.undone_at, applied.undone_by = now, actor
    applied.save(update_fields=["undone_at", "undone_by"])
    _record("cases.intent-undone", applied, actor=actor, now=now)
    return applied


# --- what each makes ---------------------------------------------------------------------------------------


def _promise(message: InboundMessage, details: Details, actor: User, now: datetime) -> models.Model:
    customer = message.customer
    if customer is None:
        raise InboundUnassigned
    # One promise can name a contact; a second one in the same message stands for itself.
    is_first = not Promise.objects.filter(contact_id=message.contact_id or 0).exists()
    return make_promise(
        customer_id=customer.pk,
        shares=details.shares,
        currency=details.currency or customer.currency,
        made_on=local_day(message.received_at, customer.entity.time_zone),
        actor=actor,
        now=now,
        person_id=message.person_id,
        contact_id=message.contact_id if is_first else None,
        note=_words(message),
    )


def _find_money(message: InboundMessage, _details: Details, actor: User, now: datetime) -> models.Model:
    return _task(message, FIND_MONEY, Task.Kind.REVIEW, actor=actor, now=now)


def _offer_plan(message: InboundMessage, _details: Details, actor: User, now: datetime) -> models.Model:
    return _task(message, OFFER_PLAN, Task.Kind.REVIEW, actor=actor, now=now)


def _dispute(message: InboundMessage, details: Details, actor: User, now: datetime) -> models.Model:
    return open_dispute(
        customer_id=message.customer_id or 0,
        item_id=details.item_id,
        amount_minor=details.amount_minor,
        kind=details.dispute_kind or Dispute.Kind.OTHER,
        text=_words(message, longest=2000),
        actor=actor,
        now=now,
    )


def _stop(message: InboundMessage, _details: Details, actor: User, now: datetime) -> models.Model:
    return _block(message, ContactBlock.Kind.OPT_OUT, actor=actor, now=now)


def _wrong_person(message: InboundMessage, _details: Details, actor: User, now: datetime) -> models.Model:
    _task(message, FIND_PERSON, Task.Kind.REPAIR, actor=actor, now=now)
    return _block(message, ContactBlock.Kind.WRONG_PERSON, actor=actor, now=now)


_MAKERS: Final[Mapping[Kind, Callable[[InboundMessage, Details, User, datetime], models.Model]]] = MappingProxyType(
    {
        Kind.PROMISE: _promise,
        Kind.PAID: _find_money,
        Kind.DISPUTE: _dispute,
        Kind.HARDSHIP: _offer_plan,
        Kind.STOP: _stop,
        Kind.WRONG_PERSON: _wrong_person,
    }
)


def _block(message: InboundMessage, kind: ContactBlock.Kind, *, actor: User, now: datetime) -> ContactBlock:
    """Block the person, or the customer where nobody knows who wrote; a block that is open already is that."""
    open_block = ContactBlock.objects.filter(
        customer_id=message.customer_id or 0, person_id=message.person_id, kind=kind, channel="", ended_at=None
    ).first()
    return open_block or block_contact(
        customer_id=message.customer_id or 0, kind=kind, person_id=message.person_id, reason=_words(message),
        actor=actor, now=now,
    )  # fmt: skip


def _task_key(message_id: int, step_code: str) -> str:
    return f"inbound:{message_id}/{step_code}"


def _open_tasks(message_id: int, step_code: str) -> QuerySet[Task]:
    key = _task_key(message_id, step_code)
    return Task.objects.filter(key__startswith=key, done_at=None, cancelled_at=None)


def _task(message: InboundMessage, step_code: str, kind: Task.Kind, *, actor: User, now: datetime) -> Task:
    """Leave a task about a message; done over after an undo it gets a key of its own."""
    customer = message.customer
    if customer is None:
        raise InboundUnassigned
    key = _task_key(message.pk, step_code)
    before = Task.objects.filter(key__startswith=key).count()
    task = Task.objects.create(
        key=f"{key}/{before}" if before else key,
        entity_id=customer.entity_id,
        customer=customer,
        case=Case.objects.filter(customer=customer, closed_on=None).order_by("-pk").first(),
        kind=kind,
        step_code=step_code,
        currency=customer.currency,
        owner_id=customer.collector_id or actor.pk,
        due_on=local_day(now, customer.entity.time_zone),
        created_at=now,
    )
    record(
        "cases.task-made", now=now, actor=actor, entity_id=task.entity_id, customer_id=task.customer_id, subject=task,
        kind=task.kind, step_code=step_code, inbound_message=message.pk,
    )  # fmt: skip
    return task


def _words(message: InboundMessage, *, longest: int = REASON_MAX) -> str:
    return (own_words(message.text) or message.text or message.subject)[:longest]


def _record(event: str, applied: AppliedIntent, *, actor: User, now: datetime) -> None:
    record(
        event, now=now, actor=actor, entity_id=applied.message.entity_id, customer_id=applied.message.customer_id,
        subject=applied, intent=applied.intent, made=applied.subject_type, made_id=applied.subject_id,
        inbound_message=applied.message_id,
    )  # fmt: skip
