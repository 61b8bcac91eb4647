"""Disputes (争议): opened with an amount, answered, discussed, decided. Only the disputed part is held."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from huikuan.arrangements.models import Department, Dispute, DisputeMessage
from huikuan.arrangements.queries.service import service_clock
from huikuan.journal.commands import record
from huikuan.journal.files import keep_file
from huikuan.journal.rules.media import FileKind
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.kernel.zones import local_day
from huikuan.outreach.commands.queue import enqueue
from huikuan.parties.models import Customer, User
from huikuan.policy.commands import place_hold, release_hold
from huikuan.policy.models import Hold
from huikuan.policy.queries import policy_in_force
from huikuan.policy.reading.policy import default_policy
from huikuan.receivables.commands.account import locked_customer
from huikuan.receivables.commands.allocations import Wish
from huikuan.receivables.commands.credit_notes import book_credit_note
from huikuan.receivables.models import OpenItem

Decision = Dispute.Decision
ACK: Final = "dispute_ack"
NOTICE: Final = "dispute_decision"

ANSWERS: Final[Mapping[str, str]] = {
    Dispute.Kind.QUALITY: Department.QUALITY,
    Dispute.Kind.QUANTITY: Department.LOGISTICS,
    Dispute.Kind.PRICE: Department.SALES,
    Dispute.Kind.DELIVERY: Department.LOGISTICS,
    Dispute.Kind.SERVICE: Department.SERVICE,
    Dispute.Kind.INVOICE: Department.FINANCE,
    Dispute.Kind.PAID: Department.FINANCE,
    Dispute.Kind.OTHER: Department.SERVICE,
}
"""Which department answers, unless another is named."""


class DisputeRunning(Refusal):
    """One at a time."""

    code = "arrangements.dispute-running"
    text = gettext_noop("{item} is disputed already. Add to that dispute, or decide it first.")


class DisputeTooLarge(Refusal):
    """More than is open cannot be disputed."""

    code = "arrangements.dispute-too-large"
    text = gettext_noop("Only {open_minor} minor units of {item} are open; {amount_minor} were to be disputed.")


class DisputeItemForeign(Refusal):
    """An item of somebody else."""

    code = "arrangements.dispute-item-foreign"
    text = gettext_noop("This item does not belong to the customer.")


class DisputeWordsMissing(Refusal):
    """Nobody can answer nothing."""

    code = "arrangements.dispute-words-missing"
    text = gettext_noop("Write what the customer says, or what was decided and why.")


class DisputeDecided(Refusal):
    """It is over."""

    code = "arrangements.dispute-decided"
    text = gettext_noop("This dispute was decided already. Open a new one if the customer objects again.")


class ConcessionOutOfRange(Refusal):
    """What is conceded fits the decision."""

    code = "arrangements.concession-out-of-range"
    text = gettext_noop("A credit note or an agreement concedes between 1 and {amount_minor} minor units.")


@transaction.atomic
def open_dispute(
    *,
    customer_id: int,
    item_id: int,
    amount_minor: int,
    kind: str,
    text: str,
    actor: User | None,
    now: datetime,
    department: str = "",
) -> Dispute:
    """Take up what a customer objects to: the amount is held, the department's clock starts, receipt is confirmed.

    Args:
        customer_id: Who objects.
        item_id: To which item.
        amount_minor: To how much of it; the rest is pursued.
        kind: Dispute.Kind.
        text: In the customer's words.
        actor: Who took it up; None: the customer himself.
        now: The instant: the clock starts with it.
        department: Who answers; "": by the kind.

    Raises: DisputeItemForeign, DisputeRunning, DisputeTooLarge, DisputeWordsMissing.
    """
    customer = locked_customer(customer_id)
    item = _disputable(customer, item_id, amount_minor, text)
    today = local_day(now, customer.entity.time_zone)
    clock = service_clock(customer.entity, now)
    dispute = Dispute.objects.create(
        entity=customer.entity, customer=customer, item=item,
        currency=item.currency,
        amount_minor=amount_minor,
        kind=kind,
        department=department or ANSWERS[kind],
        text=text.strip(),
        raised_at=now,
        raised_by=actor,
        hold=place_hold(
            customer_id=customer_id,
            kind=Hold.Kind.DISPUTE,
            starts_on=today,
            ends_on=_hold_ends(customer.entity_id, today),
            reason=text.strip()[:300],
            actor=actor,
            now=now,
            item_id=item.pk,
            amount_minor=amount_minor,
        ),
        answer_due_at=clock.answer_due_at(now),
        resolve_due_on=clock.resolve_due_on(now),
    )  # fmt: skip
    _tell(dispute, ACK, today, actor=actor, now=now)
    record(
        "arrangements.dispute-opened", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer_id,
        subject=dispute, item=item.number, amount_minor=amount_minor, currency=item.currency, kind=kind,
        department=dispute.department, answer_due_at=dispute.answer_due_at, resolve_due_on=dispute.resolve_due_on,
    )  # fmt: skip
    return dispute


def _disputable(customer: Customer, item_id: int, amount_minor: int, text: str) -> OpenItem:
    """Return the item when so much of it may be disputed in these words. Raises as `open_dispute`."""
    item = OpenItem.objects.filter(pk=item_id, customer=customer).first()
    if item is None:
        raise DisputeItemForeign
    if not text.strip():
        raise DisputeWordsMissing
    if Dispute.objects.filter(item=item, decided_at=None).exists():
        raise DisputeRunning(item=item.number)
    if not 0 < amount_minor <= item.open_minor:
        raise DisputeTooLarge(item=item.number, open_minor=item.open_minor, amount_minor=amount_minor)
    return item


def _hold_ends(entity_id: int, today: date) -> date:
    """Return the latest day until which the policy lets a dispute hold."""
    in_force = policy_in_force(entity_id, today)
    rule = (in_force.policy if in_force else default_policy()).holds[Hold.Kind.DISPUTE]
    return today + timedelta(days=rule.max_days - 1)


def _tell(dispute: Dispute, template: str, today: date, *, actor: User | None, now: datetime) -> None:
    """Queue a message about the dispute; its words are made when it leaves."""
    about = f"dispute:{dispute.pk}"
    enqueue(
        key=f"{about}/{template}", customer_id=dispute.customer_id, template=template, currency=dispute.currency,
        as_of=today, not_before=now, now=now, about=about, actor=actor,
    )  # fmt: skip


@transaction.atomic
def say_in_dispute(
    *,
    dispute_id: int,
    text: str,
    actor: User,
    now: datetime,
    is_answer: bool = False,
    evidence: tuple[str, str, bytes] | None = None,
) -> DisputeMessage:
    """Add an internal message, an answer that the customer was given, or a piece of evidence.

    Args:
        dispute_id: An open dispute.
        text: The words; may be empty with evidence.
        actor: Who says it.
        now: The instant.
        is_answer: The customer was told: the first such message stops the service clock.
        evidence: Name, media type and content of a file.

    Raises: DisputeDecided, DisputeWordsMissing, and the refusals of `keep_file`.
    """
    dispute = _locked(dispute_id)
    if not text.strip() and evidence is None:
        raise DisputeWordsMissing
    file = None
    if evidence is not None:
        name, media_type, content = evidence
        file = keep_file(
            content=content, name=name, media_type=media_type, kind=_kind_of(media_type), now=now, actor=actor,
            entity_id=dispute.entity_id, customer_id=dispute.customer_id, subject=dispute, title=text.strip(),
        )  # fmt: skip
    message = DisputeMessage.objects.create(
        dispute=dispute, text=text.strip(), file=file, is_answer=is_answer, at=now, by=actor
    )
    if is_answer and dispute.answered_at is None:
        dispute.answered_at, dispute.answered_by = now, actor
        dispute.save(update_fields=["answered_at", "answered_by"])
    record(
        "arrangements.dispute-discussed", now=now, actor=actor, entity_id=dispute.entity_id,
        customer_id=dispute.customer_id, subject=dispute, is_answer=is_answer, text=text.strip(),
        file_sha256=file.sha256 if file else "",
    )  # fmt: skip
    return message


def _kind_of(media_type: str) -> str:
    """Return what a file is evidence of, by what the sender says it is; `keep_file` looks at the content."""
    by_type = {"image": FileKind.PHOTO, "audio": FileKind.RECORDING}
    return by_type.get(media_type.partition("/")[0], FileKind.DOCUMENT)


def _locked(dispute_id: int) -> Dispute:
    """Return an open dispute, its customer locked. Raises DisputeDecided."""
    locked_customer(Dispute.objects.values_list("customer_id", flat=True).get(pk=dispute_id))
    dispute = (
        Dispute.objects.select_for_update(of=("self",)).select_related("item", "hold", "entity").get(pk=dispute_id)
    )
    if dispute.decided_at is not None:
        raise DisputeDecided
    return dispute


@transaction.atomic
def decide_dispute(
    *, dispute_id: int, decision: str, explanation: str, actor: User, now: datetime, conceded_minor: int = 0
) -> Dispute:
    """Decide a dispute: what is conceded is credited to the item, the rest is pursued again, the customer is told why.

    Args:
        dispute_id: An open dispute.
        decision: CREDIT_NOTE (all of it), REJECTED, AGREED (a part), WITHDRAWN.
        explanation: Why: goes into the notice.
        actor: Who decides.
        now: The instant.
        conceded_minor: What need not be paid, for AGREED; for CREDIT_NOTE 0 means the whole disputed amount.

    Raises: DisputeDecided, DisputeWordsMissing, ConcessionOutOfRange.
    """
    dispute = _locked(dispute_id)
    if not explanation.strip():
        raise DisputeWordsMissing
    conceded = _conceded(dispute, decision, conceded_minor)
    today = local_day(now, dispute.entity.time_zone)
    _end(dispute, decision, explanation.strip(), conceded, today=today, actor=actor, now=now)
    if decision != Decision.WITHDRAWN:
        _tell(dispute, NOTICE, today, actor=actor, now=now)
    return dispute


def _conceded(dispute: Dispute, decision: str, wanted_minor: int) -> int:
    """Return what the decision concedes. Raises ConcessionOutOfRange."""
    if decision in {Decision.REJECTED, Decision.WITHDRAWN}:
        return 0
    most = min(dispute.amount_minor, dispute.item.open_minor)
    conceded = most if decision == Decision.CREDIT_NOTE and not wanted_minor else wanted_minor
    if not 0 < conceded <= most:
        raise ConcessionOutOfRange(amount_minor=most)
    return conceded


def _end(
    dispute: Dispute, decision: str, explanation: str, conceded: int, *, today: date, actor: User | None, now: datetime
) -> None:
    """Credit what is conceded, end the hold, close the dispute."""
    if conceded:
        dispute.credit_note = book_credit_note(
            customer_id=dispute.customer_id,
            number=f"{dispute.item.number}-D{dispute.pk}"[-60:],
            issued_on=today,
            amount_minor=conceded,
            currency=dispute.currency,
            reason=explanation[:200],
            wish=Wish(amounts={dispute.item_id: conceded}),
            actor=actor,
            now=now,
        )
    if dispute.hold.released_on is None and dispute.hold.ends_on >= today:
        release_hold(hold_id=dispute.hold_id, released_on=today, actor=actor, now=now)
    dispute.decision, dispute.explanation, dispute.conceded_minor = decision, explanation, conceded
    dispute.decided_at, dispute.decided_by = now, actor
    if dispute.answered_at is None:
        dispute.answered_at, dispute.answered_by = now, actor
    dispute.save()
    record(
        "arrangements.dispute-decided", now=now, actor=actor, entity_id=dispute.entity_id,
        customer_id=dispute.customer_id, subject=dispute, item=dispute.item.number, decision=decision,
        amount_minor=dispute.amount_minor, conceded_minor=conceded, currency=dispute.currency, explanation=explanation,
    )  # fmt: skip


@transaction.atomic
def money_arrived(*, customer_id: int, as_of: date, now: datetime) -> list[Dispute]:
    """End the disputes about items that were paid in full all the same. Called inside the transaction of the money.

    Returns: the disputes that ended.
    """
    paid = list(
        Dispute.objects.select_for_update(of=("self",))
        .select_related("item", "hold", "entity")
        .filter(customer_id=customer_id, decided_at=None, item__open_minor=0)
        .order_by("pk")
    )
    for dispute in paid:
        _end(dispute, Decision.PAID, "", 0, today=as_of, actor=None, now=now)
    return paid


def with_open_disputes(customer_ids: Collection[int]) -> list[int]:
    """Return those customers who have an open dispute: a bulk booking looks at nobody else."""
    open_ones = Dispute.objects.filter(customer_id__in=customer_ids, decided_at=None)
    return sorted(set(open_ones.values_list("customer_id", flat=True)))


@transaction.atomic
def escalate_disputes(*, entity_id: int, as_of: date, now: datetime) -> list[Dispute]:
    """Mark the disputes that were not decided in time: part of the daily run, which asks a manager about each.

    A hold that ran out meanwhile is placed anew: what is disputed stays held until it is decided.
    """
    late = list(
        Dispute.objects.select_for_update(of=("self",))
        .select_related("item", "hold")
        .filter(entity_id=entity_id, decided_at=None, escalated_on=None, resolve_due_on__lt=as_of)
        .order_by("pk")
    )
    for dispute in late:
        dispute.escalated_on = as_of
        dispute.save(update_fields=["escalated_on"])
        record(
            "arrangements.dispute-escalated", now=now, entity_id=entity_id, customer_id=dispute.customer_id,
            subject=dispute, item=dispute.item.number, resolve_due_on=dispute.resolve_due_on,
        )  # fmt: skip
    return late


@transaction.atomic
def prolong_dispute_holds(*, entity_id: int, as_of: date, now: datetime) -> int:
    """Place anew the holds of open disputes that have run out; return how many. Part of the daily run."""
    over = list(
        Dispute.objects.select_for_update(of=("self",))
        .select_related("item")
        .filter(entity_id=entity_id, decided_at=None, hold__ends_on__lt=as_of, item__open_minor__gt=0)
        .order_by("pk")
    )
    for dispute in over:
        dispute.hold = place_hold(
            customer_id=dispute.customer_id, kind=Hold.Kind.DISPUTE, starts_on=as_of,
            ends_on=_hold_ends(entity_id, as_of), reason=dispute.text[:300], actor=None, now=now,
            item_id=dispute.item_id, amount_minor=min(dispute.amount_minor, dispute.item.open_minor),
        )  # fmt: skip
        dispute.save(update_fields=["hold"])
    return len(over)
