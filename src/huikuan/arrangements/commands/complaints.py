"""Complaints (投诉): taken down, answered within the hour, resolved, rated."""

from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from huikuan.arrangements.models import Complaint, Department
from huikuan.arrangements.queries.service import service_clock
from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.kernel.zones import local_day
from huikuan.parties.models import User
from huikuan.policy.commands import place_hold, release_hold
from huikuan.policy.models import Hold
from huikuan.policy.queries import policy_in_force
from huikuan.policy.reading.policy import default_policy
from huikuan.receivables.commands.account import locked_customer

HOLDS_CONTACT: Final = frozenset({Complaint.Kind.CONDUCT, Complaint.Kind.PRIVACY})
"""Complaints about how we contact the customer: contact waits until they are resolved (decision 0040)."""
BEST: Final = 5


class ComplaintWordsMissing(Refusal):
    """Nobody can answer nothing."""

    code = "arrangements.complaint-words-missing"
    text = gettext_noop("Write what the customer complains of, what was answered, or how it was resolved.")


class ComplaintNotAnswered(Refusal):
    """First the answer, then the resolution."""

    code = "arrangements.complaint-not-answered"
    text = gettext_noop("Answer the customer first; the answer is kept with the complaint.")


class ComplaintOver(Refusal):
    """It was answered, or resolved, before."""

    code = "arrangements.complaint-over"
    text = gettext_noop("This was written down already. A complaint is answered once and resolved once.")


class SatisfactionOutOfRange(Refusal):
    """Five steps."""

    code = "arrangements.satisfaction-out-of-range"
    text = gettext_noop("Satisfaction is a number from 1 to 5.")


@transaction.atomic
def take_complaint(
    *,
    customer_id: int,
    kind: str,
    via: str,
    text: str,
    received_at: datetime,
    actor: User | None,
    now: datetime,
    department: str = Department.SERVICE,
    responsible_id: int | None = None,
) -> Complaint:
    """Take down a complaint; the clock of its answer runs from when it was received.

    One about our own conduct or about personal data pauses contact until it is resolved; what is wrong with goods or
    services is disputed for its amount (`open_dispute`), and the rest is collected meanwhile.

    Args:
        customer_id: Who complains.
        kind, via, department: Codes of the model.
        text: In the customer's words.
        received_at: When it reached us; not after `now`.
        actor: Who takes it down.
        now: The instant.
        responsible_id: Who answers.

    Raises: ComplaintWordsMissing.
    """
    customer = locked_customer(customer_id)
    if not text.strip():
        raise ComplaintWordsMissing
    received_at = min(received_at, now)
    today = local_day(now, customer.entity.time_zone)
    hold = None
    if kind in HOLDS_CONTACT:
        hold = place_hold(
            customer_id=customer_id, kind=Hold.Kind.COMPLAINT, starts_on=today,
            ends_on=_hold_ends(customer.entity_id, today), reason=text.strip()[:300], actor=actor, now=now,
        )  # fmt: skip
    complaint = Complaint.objects.create(
        entity=customer.entity, customer=customer, kind=kind, via=via, text=text.strip(), department=department,
        responsible_id=responsible_id, received_at=received_at, logged_by=actor, hold=hold,
        response_due_at=service_clock(customer.entity, now).answer_due_at(received_at),
    )  # fmt: skip
    _record("arrangements.complaint-taken", complaint, actor=actor, now=now, kind=kind, text=complaint.text)
    return complaint


def _hold_ends(entity_id: int, today: date) -> date:
    in_force = policy_in_force(entity_id, today)
    rule = (in_force.policy if in_force else default_policy()).holds[Hold.Kind.COMPLAINT]
    return today + timedelta(days=rule.max_days - 1)


def _record(event: str, complaint: Complaint, *, actor: User | None, now: datetime, **facts: object) -> None:
    record(
        event, now=now, actor=actor, entity_id=complaint.entity_id, customer_id=complaint.customer_id,
        subject=complaint, **facts,
    )  # fmt: skip


@transaction.atomic
def answer_complaint(*, complaint_id: int, response: str, actor: User, now: datetime) -> Complaint:
    """Write down what the customer was answered: stops the clock. Raises ComplaintWordsMissing, ComplaintOver."""
    complaint = _locked(complaint_id)
    if not response.strip():
        raise ComplaintWordsMissing
    if complaint.responded_at is not None:
        raise ComplaintOver
    complaint.response, complaint.responded_at, complaint.responded_by = response.strip(), now, actor
    complaint.save(update_fields=["response", "responded_at", "responded_by"])
    _record("arrangements.complaint-answered", complaint, actor=actor, now=now, response=complaint.response)
    return complaint


@transaction.atomic
def resolve_complaint(
    *, complaint_id: int, resolution: str, actor: User, now: datetime, satisfaction: int | None = None
) -> Complaint:
    """Close a complaint with what was done and how content the customer is (1 to 5, when he was asked).

    Raises: ComplaintNotAnswered, ComplaintOver, ComplaintWordsMissing, SatisfactionOutOfRange.
    """
    complaint = _locked(complaint_id)
    if complaint.resolved_at is not None:
        raise ComplaintOver
    if complaint.responded_at is None:
        raise ComplaintNotAnswered
    if not resolution.strip():
        raise ComplaintWordsMissing
    if satisfaction is not None and not 1 <= satisfaction <= BEST:
        raise SatisfactionOutOfRange
    complaint.resolution, complaint.satisfaction = resolution.strip(), satisfaction
    complaint.resolved_at, complaint.resolved_by = now, actor
    complaint.save(update_fields=["resolution", "satisfaction", "resolved_at", "resolved_by"])
    hold, today = complaint.hold, local_day(now, complaint.entity.time_zone)
    if hold is not None and hold.released_on is None and hold.ends_on >= today:
        release_hold(hold_id=hold.pk, released_on=today, actor=actor, now=now)
    _record(
        "arrangements.complaint-resolved", complaint, actor=actor, now=now, resolution=complaint.resolution,
        satisfaction=satisfaction,
    )  # fmt: skip
    return complaint


def _locked(complaint_id: int) -> Complaint:
    locked_customer(Complaint.objects.values_list("customer_id", flat=True).get(pk=complaint_id))
    chosen = Complaint.objects.select_for_update(of=("self",)).select_related("hold", "entity")
    return chosen.get(pk=complaint_id)
