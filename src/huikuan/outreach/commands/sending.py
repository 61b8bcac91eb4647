"""From the queue to the channel and back, in transactions whose order makes every interruption decidable.

1. `claim`: QUEUED -> SENDING, with an expiry. Nothing has happened yet.
2. `write`: under the customers' locks compose, choose the mailbox, ask the guard, freeze the words, set `written_at`:
   from here on it counts as a contact. A few deliveries of different customers at once: what they need is read once.
3. `hand_over`: set `handed_over_at`, COMMIT. Only then may the channel be called, outside any transaction.
4. `settling.settle`: record what the channel answered; in one transaction with the next delivery's `hand_over`.

A worker that dies before the commit of 3 sent nothing, for certain: `recover_expired` queues the delivery again.
One that dies after it may have sent: `recover_expired` marks it UNKNOWN, and a person reconciles it.

Words are good for seconds only: they are not handed over once they are older, or once the journal has anything new
about the customer (money, a block, a hold …). Then they are written anew. Decisions 0009 and 0064.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Max

from huikuan.journal.models import Entry
from huikuan.outreach import ports
from huikuan.outreach.commands.refusals import keep_refusal
from huikuan.outreach.commands.trail import journal, move, note_event
from huikuan.outreach.models import Contact, Delivery, Message
from huikuan.outreach.queries.outbox import addressees, mail_of
from huikuan.parties.models import Customer, User
from huikuan.storage import locks
from huikuan.storage.rows import insert, insert_row, instant

LEASE_SECONDS: Final = 900
"""A claim lasts longer than any one call of a channel can: then an expired claim means a dead worker."""
FRESH_SECONDS: Final = 5
"""Words older than this are not handed over."""

State = Delivery.State


@dataclass(frozen=True, slots=True)
class Written:
    """One message that is written and allowed. It may be handed over while nothing new is known of its customer.

    Attributes:
        delivery: With its message, entity, customer and person, as stored.
        written_at: When.
        journal_id: The last entry of the journal that the words know of.
        warnings: Of the guard.
    """

    delivery: Delivery
    written_at: datetime
    journal_id: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handover:
    """One message that may now be given to the channel, once."""

    delivery: Delivery
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
        written_at=None,
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
def write(
    *,
    delivery_ids: Sequence[int],
    worker: str,
    now: datetime,
    composer: ports.Composer,
    guard: ports.ContactGuard,
) -> tuple[list[Written], list[int]]:
    """Compose, ask the guard and freeze, all under the customers' locks.

    Returns: what may be handed over, in the order given; and the ids that were left for the next call, because another
    delivery here goes to the same customer or address, and it must count first.

    What is not to be sent now is in neither: the claim was lost, nothing is owed any more (CANCELLED), there is no
    mailbox (FAILED), the guard refused (REFUSED), or it is for later: held, or not at this hour (QUEUED again).
    """
    deliveries, left = _apart(_locked_claims(delivery_ids, worker, now))
    journal_id = _last_entry()
    for delivery, (person, address) in zip(deliveries, addressees(deliveries), strict=True):
        delivery.person, delivery.address = person, address
    deliveries, shared = _reachable(deliveries, now)
    if not deliveries:
        return [], left + shared
    drafts = _drafts(deliveries, composer.having_read(deliveries, now), now)
    locks.hold(*(f"contact:{each.channel}:{each.address.casefold()}" for each, _draft in drafts))
    asked = guard.having_read([each for each, _draft in drafts], now)
    written = []
    for delivery, draft in drafts:
        warnings = _allowed(delivery, draft, asked, now)
        if warnings is not None:
            known = _last_entry() if draft.binds is not None else journal_id  # what it binds is in the journal too
            _freeze(delivery, draft, now=now)
            written.append(Written(delivery, now, known, warnings))
    return written, left + shared


def _last_entry() -> int:
    last: int | None = Entry.objects.aggregate(last=Max("pk"))["last"]
    return last or 0


def _locked_claims(delivery_ids: Sequence[int], worker: str, now: datetime) -> list[Delivery]:
    """Lock customers, then their deliveries (the one order in which everybody locks); those whose claim still holds."""
    of_customers = Delivery.objects.filter(pk__in=delivery_ids).values("customer_id")
    customers = Customer.objects.select_for_update(of=["self"]).filter(pk__in=of_customers).order_by("pk")
    by_id = {each.pk: each for each in customers.select_related("entity", "collector")}
    locked = Delivery.objects.select_for_update().in_bulk(delivery_ids)
    claimed = []
    for delivery_id in delivery_ids:
        delivery = locked.get(delivery_id)
        if delivery is None or not _is_claimed(delivery, worker, now):
            continue
        delivery.customer = by_id[delivery.customer_id]
        delivery.entity = delivery.customer.entity
        claimed.append(delivery)
    return claimed


def _is_claimed(delivery: Delivery, worker: str, now: datetime) -> bool:
    is_mine = delivery.state == State.SENDING and delivery.claimed_by == worker and delivery.handed_over_at is None
    return is_mine and delivery.claim_expires_at is not None and delivery.claim_expires_at > now


def _apart(deliveries: Sequence[Delivery]) -> tuple[list[Delivery], list[int]]:
    """Keep the first delivery of each customer; return the ids of the others."""
    first: dict[int, Delivery] = {}
    left = [each.pk for each in deliveries if first.setdefault(each.customer_id, each) is not each]
    return list(first.values()), left


def _reachable(deliveries: Sequence[Delivery], now: datetime) -> tuple[list[Delivery], list[int]]:
    """Keep those with an address, the first of each; return the ids of those that share one."""
    first: dict[str, Delivery] = {}
    left = []
    for each in deliveries:
        if not each.address:
            end(each, State.FAILED, "outreach.delivery-failed", now=now, why="NO_ADDRESS")
        elif first.setdefault(each.address.casefold(), each) is not each:
            left.append(each.pk)
    return list(first.values()), left


def _drafts(
    deliveries: Sequence[Delivery], composer: ports.Composer, now: datetime
) -> list[tuple[Delivery, ports.Draft]]:
    """Compose; what has nothing to say any more, or not yet, is moved on."""
    drafts = []
    for delivery in deliveries:
        draft = composer.compose(delivery, now)
        if isinstance(draft, ports.Pointless):
            end(delivery, State.CANCELLED, "outreach.delivery-cancelled", now=now, why=draft.reason, **draft.facts)
        elif isinstance(draft, ports.Later):
            delivery.not_before = draft.at
            move(delivery, State.QUEUED, now=now, why=draft.reason)
        else:
            drafts.append((delivery, draft))
    return drafts


def _allowed(
    delivery: Delivery, draft: ports.Draft, guard: ports.ContactGuard, now: datetime
) -> tuple[str, ...] | None:
    """Ask the guard: its warnings; None when it does not go now, which is then written down."""
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
            return warnings
    return None


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


_WRITTEN: Final = """
UPDATE outreach_delivery SET person_id = %s, address = %s, message_id = %s, written_at = %s, last_error = '',
       claim_expires_at = %s
WHERE id = %s"""

_HANDED_OVER: Final = """
UPDATE outreach_delivery SET handed_over_at = %(now)s, attempt_count = attempt_count + 1, claim_expires_at = %(expires)s
WHERE id = %(id)s AND state = 'SENDING' AND claimed_by = %(worker)s AND written_at = %(written_at)s
  AND handed_over_at IS NULL AND claim_expires_at > %(now)s
  AND NOT EXISTS (SELECT 1 FROM journal_entry
                  WHERE journal_entry.customer_id = outreach_delivery.customer_id AND journal_entry.id > %(journal)s)"""


def _freeze(delivery: Delivery, draft: ports.Draft, *, now: datetime) -> None:
    """Keep the words as they are about to leave; the commit makes them count."""
    words = f"{draft.subject}\n{draft.text}\n{draft.html}"
    message = Message(
        language=draft.language,
        subject=draft.subject,
        text=draft.text,
        html=draft.html,
        facts=draft.facts,
        sha256=hashlib.sha256(words.encode()).hexdigest(),
        composed_at=now,
    )
    insert_row(message)
    delivery.message = message
    delivery.written_at, delivery.claim_expires_at = now, _expiry(now)
    with connection.cursor() as cursor:
        values = [delivery.person_id, delivery.address, message.pk, instant(now), instant(_expiry(now)), delivery.pk]
        cursor.execute(_WRITTEN, values)


def _expiry(now: datetime) -> datetime:
    return now + timedelta(seconds=LEASE_SECONDS)


@transaction.atomic(savepoint=False)
def hand_over(*, written: Written, worker: str, now: datetime) -> Handover | None:
    """Commit that the channel is about to be called, and return what it is to send.

    None when the words must not leave any more: the claim was lost, they are too old, or the journal has something new
    about the customer. What is still claimed is given back by `release`.
    """
    delivery = written.delivery
    if now - written.written_at > timedelta(seconds=FRESH_SECONDS):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            _HANDED_OVER,
            {
                "now": instant(now), "expires": instant(_expiry(now)), "id": delivery.pk, "worker": worker,
                "written_at": instant(written.written_at), "journal": written.journal_id,
            },
        )  # fmt: skip
        if cursor.rowcount != 1:
            return None
    delivery.handed_over_at, delivery.claim_expires_at = now, _expiry(now)
    delivery.attempt_count += 1
    detail = {"attempt": delivery.attempt_count, "warnings": list(written.warnings)}
    note_event(delivery, now=now, detail=detail)
    return Handover(delivery, now, mail_of(delivery))


@transaction.atomic
def give_up(*, delivery_id: int, worker: str, why: str, now: datetime) -> bool:
    """Fail a claimed delivery that cannot be written (a template nobody wrote, a program error): it certainly did not
    leave, and it must not stop those behind it. False when the claim is lost.
    """  # noqa: D205  the summary needs its reason
    for delivery in _locked_claims([delivery_id], worker, now):
        end(delivery, State.FAILED, "outreach.delivery-failed", now=now, why=why)
        return True
    return False


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
    log_sent(delivery, at=at, now=now, actor=actor, **facts)


def log_sent(delivery: Delivery, *, at: datetime, now: datetime, actor: User | None = None, **facts: Any) -> None:
    """Write the row of the contact log and the journal entry of a delivery that has just been marked sent."""
    contact = {
        "entity_id": delivery.entity_id,
        "customer_id": delivery.customer_id,
        "person_id": delivery.person_id,
        "channel": delivery.channel,
        "direction": Contact.Direction.OUT.value,
        "address": delivery.address,
        "at": at,
        "outcome": Contact.Outcome.SENT.value,
        "summary": delivery.message.subject if delivery.message else "",
        "delivery_id": delivery.pk,
        "logged_by_id": None if actor is None else actor.pk,
        "logged_at": now,
    }
    insert(Contact, contact)
    _journal(delivery, "outreach.delivery-sent", now=now, actor=actor, reference=delivery.provider_reference, **facts)


def end(delivery: Delivery, state: Delivery.State, event: str, /, *, now: datetime, why: str, **facts: Any) -> None:
    """Finish a locked delivery in a state other than sent, with its journal entry; `why` is shown in lists."""
    move(delivery, state, now=now, why=why, **facts)
    _journal(delivery, event, now=now, why=why, **facts)


def _journal(delivery: Delivery, event: str, *, now: datetime, actor: User | None = None, **facts: Any) -> None:
    sha256 = "" if delivery.message is None else delivery.message.sha256
    journal(event, delivery, now=now, actor=actor, message_sha256=sha256, **facts)
