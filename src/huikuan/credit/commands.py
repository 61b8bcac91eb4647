"""Writes of the credit module: the grade set by hand, and grades that change by the scorecard."""

from datetime import date, datetime, timedelta

import polars as pl
from django.db import transaction

from huikuan.credit.models import GradeOverride
from huikuan.credit.rules.grading import GradeChanges
from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Customer, User
from huikuan.storage.bulk import insert_frame, update_frame

OVERRIDE_DAYS_MAX = 366
"""A grade by hand is an exception: it never holds for more than a year."""


class OverrideNeedsReason(Refusal):
    """A grade set by hand says why."""

    code = "credit.override-needs-reason"
    text = gettext_noop("Give a reason for setting the grade of {customer} by hand.")


class OverrideEndsBadly(Refusal):
    """A grade set by hand ends, not before it starts and not later than a year."""

    code = "credit.override-ends-badly"
    text = gettext_noop("The grade of {customer} set by hand must end between {first} and {last}.")


class NoOverride(Refusal):
    """There is nothing to take back."""

    code = "credit.no-override"
    text = gettext_noop("The grade of {customer} is not set by hand.")


@transaction.atomic
def override_grade(
    *, customer_id: int, letter: str, reason: str, starts_on: date, ends_on: date, actor: User, now: datetime
) -> GradeOverride:
    """Set a customer's grade by hand until `ends_on`, inclusive; an override in force is replaced.

    The next run uses it. Raises OverrideNeedsReason, OverrideEndsBadly.
    """
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    if not reason.strip():
        raise OverrideNeedsReason(customer=customer.name)
    last = starts_on + timedelta(days=OVERRIDE_DAYS_MAX)
    if not starts_on <= ends_on <= last:
        raise OverrideEndsBadly(customer=customer.name, first=starts_on.isoformat(), last=last.isoformat())
    customer.grade_overrides.filter(ended_at=None).update(ended_at=now)
    override: GradeOverride = customer.grade_overrides.create(
        letter=letter, reason=reason.strip(), placed_by=actor, starts_on=starts_on, ends_on=ends_on
    )
    record(
        "credit.grade-overridden",
        now=now,
        actor=actor,
        entity_id=customer.entity_id,
        customer_id=customer.pk,
        subject=override,
        letter=letter,
        reason=override.reason,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    return override


@transaction.atomic
def release_grade(*, customer_id: int, actor: User, now: datetime) -> None:
    """Take a grade by hand back; the next run grades by the scorecard again. Raises NoOverride."""
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    override = customer.grade_overrides.filter(ended_at=None).first()
    if override is None:
        raise NoOverride(customer=customer.name)
    override.ended_at = now
    override.save(update_fields=["ended_at"])
    record(
        "credit.grade-released",
        now=now,
        actor=actor,
        entity_id=customer.entity_id,
        customer_id=customer.pk,
        subject=override,
        letter=override.letter,
    )


def write_grades(changes: GradeChanges, *, as_of: date) -> int:
    """Let grades begin on a day, after those they replace have ended; the caller's transaction. Return how many."""
    today = pl.lit(as_of)
    update_frame(
        "credit_grade", ["id"], changes.ended.select(id="grade_id", ended_on=pl.max_horizontal("begun_on", today))
    )
    return insert_frame("credit_grade", changes.begun.with_columns(pl.col("score").cast(pl.Int64), begun_on=today))
