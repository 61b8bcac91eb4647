"""Accepting a plan by signature: the signed agreement is kept as evidence, and the plan runs, in one transaction."""

from datetime import date, datetime

from django.db import transaction

from huikuan.arrangements.commands.planning import accept_plan
from huikuan.arrangements.models import Plan
from huikuan.journal.files import keep_file
from huikuan.parties.models import User


@transaction.atomic
def accept_signed_plan(
    *,
    plan_id: int,
    content: bytes,
    name: str,
    media_type: str,
    as_of: date,
    actor: User,
    now: datetime,
    person_id: int | None = None,
) -> Plan:
    """Keep the signed agreement and let the plan run.

    Raises: what `keep_file` and `accept_plan` raise; then neither happened.
    """
    plan = Plan.objects.get(pk=plan_id)
    stored = keep_file(
        content=content, name=name, media_type=media_type, kind="DOCUMENT", now=now, actor=actor,
        entity_id=plan.entity_id, customer_id=plan.customer_id, subject=plan, title=plan.number,
    )  # fmt: skip
    return accept_plan(
        plan_id=plan_id, how=Plan.Acceptance.SIGNATURE, evidence=f"{stored.name} · SHA-256 {stored.sha256}",
        as_of=as_of, actor=actor, now=now, person_id=person_id,
    )  # fmt: skip
