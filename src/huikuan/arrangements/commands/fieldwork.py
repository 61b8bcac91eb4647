"""The end of a call and of a visit: the entry of the log, the promise made in it, and the evidence beside it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from huikuan.arrangements.commands.promising import log_contact
from huikuan.outreach.commands.recording import Recording, keep_recording
from huikuan.outreach.commands.visit import Findings, close_visit
from huikuan.outreach.models import Contact, VisitReport
from huikuan.parties.models import User


def end_call(
    *, customer_id: int, actor: User, now: datetime, recording: Recording | None = None, **facts: Any
) -> Contact:
    """Log a call with what was promised in it, and keep its recording. A recording that is none stops everything.

    Raises: what `log_contact` and `Recording.check` raise.
    """
    if recording is not None:
        recording.check()
    contact = log_contact(customer_id=customer_id, actor=actor, now=now, **facts)
    if recording is not None:
        keep_recording(contact_id=contact.pk, recording=recording, actor=actor, now=now)
    return contact


@transaction.atomic
def report_visit(*, visit_id: int, findings: Findings, actor: User, now: datetime, **facts: Any) -> VisitReport:
    """End a visit: the log entry bears the instant of the check-in, where the guard agreed.

    Raises: VisitNotUnderWay, FindingsMissing, and what `log_contact` raises.
    """
    return close_visit(
        visit_id=visit_id,
        findings=findings,
        log=lambda arrived: log_contact(
            customer_id=arrived.customer_id, actor=actor, now=now, at=arrived.at, attempt_id=arrived.pk,
            channel=Contact.Channel.VISIT, direction=Contact.Direction.OUT, **facts,
        ),
        actor=actor,
        now=now,
    )  # fmt: skip
