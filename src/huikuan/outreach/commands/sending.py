"""From the queue to the channel and back, in three transactions whose order makes every interruption decidable.

1. `claim`: QUEUED -> SENDING, with an expiry. Nothing has happened yet.
2. `hand_over`: under the customer's lock compose, choose the mailbox, ask the guard, freeze the message, set
   `handed_over_at`, COMMIT. Only then may the channel be called, outside any transaction.
3. `settling.settle`: record what the channel answered.

A worker that dies before the commit of 2 sent nothing, for certain: `recover_expired` queues the delivery again.
One that dies after it may have sent: `recover_expired` marks it UNKNOWN, and a person reconciles it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from huikuan.outreach import ports
from huikuan.outreach.commands.refusals import keep_refusal
from huikuan.outreach.commands.trail import journal, move
from huikuan.outreach.models import Contact, Delivery, Message
from huikuan.outreach.queries.outbox import addressee, mail_of
from huikuan.parties.models import Customer, User
from huikuan.storage import locks

LEASE_SECONDS: Final = 900
"""A claim lasts longer than any one call of a channel can: then an expired claim means a dead worker."""

State = Delivery.State


@dataclass(frozen=True, slots=True)
class Handover:
    """One message that may now be given to the channel, once."""

    delivery_id: int
    handed_over_at: datetime
    mail: ports.Mail


@transaction.atomic
def claim(*, worker: str, now: datetime, limit: int, channel: str = Delivery.Channel.EMAIL) -> list[int]:
    """Reserve up to `limit` due deliveries for one worker and return their ids, the most urgent first.

    Rows that another worker is claiming at this moment are passed over, not waited for.
    """
    due = (
        Delivery.objects.filter(state=State.QUEUED, channel=channel, not_before__lte=now)
        .order_by("not_before", "-priority", "pk")
        .select_for_update(skip_locked=True)
    )
    ids = list(due.values_list("pk", flat=True)[:limit])
    Delivery.objects.filter(pk__in=ids, state=State.QUEUED).update(
        state=State.SENDING,
        claimed_by=worker,
        claimed_at=now,
        claim_expires_at=now + timedelta(seconds=LEASE_SECONDS),
        handed_over_at=None,
    )
    return ids


@transaction.atomic
def release(*, worker: str, now: datetime, not_before: datetime, why: str) -> int:
    """Give back every claim of the worker that was not handed over; they are due again at `not_before`."""
    mine = Delivery.objects.select_for_update().filter(state=State.SENDING, claimed_by=worker, handed_over_at=None)
    claimed = list(mine)
    for delivery in claimed:
        delivery.not_before = max(delivery.not_before, not_before)
        move(delivery, State.QUEUED, now=now, why=why)
    return len(claimed)


@transaction.atomic
def hand_over(
    *, delivery_id: int, worker: str, now: datetime, composer: ports.Composer, guard: ports.ContactGuard
) -> Handover | None:
    """Compose, ask the guard and freeze, all under the customer's lock; return what the channel is to send.

    None when it is not to be sent now: the claim was lost, nothing is owed any more (CANCELLED), there is no mailbox
    (FAILED), the guard refused (REFUSED), or it is for later: held, or not at this hour (QUEUED again).
    """
    delivery = _locked_claim(delivery_id, worker, now)
    if delivery is None:
        return None
    delivery.person, delivery.address = addressee(delivery)
    if not delivery.address:
        end(delivery, State.FAILED, "outreach.delivery-failed", now=now, why="NO_ADDRESS")
        return None
    draft = composer.compose(delivery, now)
    if isinstance(draft, ports.Pointless):
        end(delivery, State.CANCELLED, "outreach.delivery-cancelled", now=now, why=draft.reason, **draft.facts)
        return None
    if isinstance(draft, ports.Later):
        delivery.not_before = draft.at
        move(delivery, State.QUEUED, now=now, why=draft.reason)
        return None
    locks.hold(f"contact:{delivery.channel}:{delivery.address.casefold()}")
    answer = guard.ask(_intent(delivery, draft), delivery.person, now)
    match answer:
        case ports.DelayUntil(at, rule, text):
            delivery.not_before = at
            move(delivery, State.QUEUED, now=now, why=f"{rule}: {text}")
            _keep(delivery, answer, now=now)
        case ports.Refuse(rule, text):
            move(delivery, State.REFUSED, now=now, why=f"{rule}: {text}", rule=rule)
            _keep(delivery, answer, now=now)
        case ports.Allow(warnings):
            if draft.binds is not None:
                draft.binds(delivery, now)
            return _freeze(delivery, draft, now=now, warnings=warnings)
    return None


def _locked_claim(delivery_id: int, worker: str, now: datetime) -> Delivery | None:
    """Lock the customer, then its delivery (the one order in which everybody locks); None when the claim is lost."""
    customer_id = Delivery.objects.filter(pk=delivery_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        return None
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    delivery = Delivery.objects.select_for_update(of=["self"]).select_related("entity").get(pk=delivery_id)
    delivery.customer = customer
    is_mine = delivery.state == State.SENDING and delivery.claimed_by == worker and delivery.handed_over_at is None
    is_live = delivery.claim_expires_at is not None and delivery.claim_expires_at > now
    return delivery if is_mine and is_live else None


def _intent(delivery: Delivery, draft: ports.Draft) -> ports.Intent:
    return ports.Intent(
        entity_id=delivery.entity_id,
        customer_id=delivery.customer_id,
        channel=delivery.channel,
        address=delivery.address,
        is_automatic=True,
        key=delivery.key,
        step_code=delivery.step_code,
        template=delivery.template,
        language=draft.language,
        words=f"{draft.subject}\n{draft.text}",
    )


def _keep(delivery: Delivery, answer: ports.DelayUntil | ports.Refuse, *, now: datetime) -> None:
    """Write down what the guard did not let pass."""
    keep_refusal(
        answer,
        customer=delivery.customer,
        person=delivery.person,
        channel=delivery.channel,
        now=now,
        actor=None,
        delivery=delivery,
        template=delivery.template,
        step_code=delivery.step_code,
    )


def _freeze(delivery: Delivery, draft: ports.Draft, *, now: datetime, warnings: tuple[str, ...]) -> Handover:
    """Keep the words as they are about to leave and mark the hand-over; the commit makes it count."""
    words = f"{draft.subject}\n{draft.text}\n{draft.html}"
    delivery.message = Message.objects.create(
        language=draft.language,
        subject=draft.subject,
        text=draft.text,
        html=draft.html,
        facts=draft.facts,
        sha256=hashlib.sha256(words.encode()).hexdigest(),
        composed_at=now,
    )
    delivery.attempt_count += 1
    delivery.handed_over_at = now
    delivery.claim_expires_at = now + timedelta(seconds=LEASE_SECONDS)
    move(delivery, State.SENDING, now=now, attempt=delivery.attempt_count, warnings=list(warnings))
    return Handover(delivery.pk, now, mail_of(delivery))


@transaction.atomic
def give_up(*, delivery_id: int, worker: str, why: str, now: datetime) -> bool:
    """Fail a claimed delivery that cannot be written (a template nobody wrote, a program error): it certainly did not
    leave, and it must not stop those behind it. False when the claim is lost.
    """  # noqa: D205  the summary needs its reason
    delivery = _locked_claim(delivery_id, worker, now)
    if delivery is None:
        return False
    end(delivery, State.FAILED, "outreach.delivery-failed", now=now, why=why)
    return True


def write_sent(delivery: Delivery, *, at: datetime, now: datetime, actor: User | None = None, **facts: Any) -> None:
    """Mark a locked delivery sent and write its row of the contact log.

    Args:
        delivery: Locked by the caller.
        at: When it left.
        now: When we know.
        actor: Who said so; None: the channel did.
        facts: For event and journal.
    """
    move(delivery, State.SENT, now=now, reference=delivery.provider_reference, **facts)
    Contact.objects.create(
        entity_id=delivery.entity_id,
        customer_id=delivery.customer_id,
        person_id=delivery.person_id,
        channel=delivery.channel,
        direction=Contact.Direction.OUT,
        address=delivery.address,
        at=at,
        outcome=Contact.Outcome.SENT,
        summary=delivery.message.subject if delivery.message else "",
        delivery=delivery,
        logged_by=actor,
        logged_at=now,
    )
    _journal(delivery, "outreach.delivery-sent", now=now, actor=actor, reference=delivery.provider_reference, **facts)


def end(delivery: Delivery, state: Delivery.State, event: str, *, now: datetime, why: str, **facts: Any) -> None:
    """Finish a locked delivery in a state other than sent, with its journal entry; `why` is shown in lists."""
    move(delivery, state, now=now, why=why, **facts)
    _journal(delivery, event, now=now, why=why, **facts)


def _journal(delivery: Delivery, event: str, *, now: datetime, actor: User | None = None, **facts: Any) -> None:
    sha256 = "" if delivery.message is None else delivery.message.sha256
    journal(event, delivery, now=now, actor=actor, message_sha256=sha256, **facts)
