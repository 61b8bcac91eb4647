"""Delay signals (拖延信号) as rows, and the public records that a person enters."""

from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import transaction

from huikuan.arrangements.models import EnforcementRecord, Signal
from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import User
from huikuan.receivables.commands.account import locked_customer


class RecordKnown(Refusal):
    """One case is one record."""

    code = "arrangements.record-known"
    text = gettext_noop("The case {number} is on record for this customer already.")


class RecordIncomplete(Refusal):
    """What cannot be looked up is hearsay."""

    code = "arrangements.record-incomplete"
    text = gettext_noop("Give the number of the case and where it can be looked up.")


class RecordEnded(Refusal):
    """It was struck off before."""

    code = "arrangements.record-ended"
    text = gettext_noop("This record was struck off already.")


@transaction.atomic
def keep_signals(
    found: pl.DataFrame, *, entity_id: int, first_customer_id: int, last_customer_id: int, as_of: date, now: datetime
) -> list[Signal]:
    """Bring the rows of a range of customers in line with what the rule found: begin, go on with more evidence, end.

    Args:
        found: `rules.signal.SIGNALS`.
        entity_id, first_customer_id, last_customer_id: Whose signals these are all of.
        as_of: The day.
        now: The instant.

    Returns: the signals that begin today; asked again, none.
    """
    standing = {
        (each.customer_id, each.kind): each
        for each in Signal.objects.select_for_update().filter(
            customer__entity_id=entity_id,
            customer_id__gte=first_customer_id,
            customer_id__lte=last_customer_id,
            ended_on=None,
        )
    }
    begun, changed = [], []
    for row in found.iter_rows(named=True):
        evidence = _evidence(row)
        known = standing.pop((row["customer_id"], row["kind"]), None)
        if known is None:
            begun.append(
                Signal(
                    customer_id=row["customer_id"], kind=row["kind"], begun_on=as_of, evidence=evidence, written_at=now
                )
            )
        elif known.evidence != evidence:
            known.evidence = evidence
            changed.append(known)
    for over in standing.values():
        over.ended_on = max(as_of, over.begun_on)
    if not (begun or changed or standing):
        return []
    Signal.objects.bulk_update([*changed, *standing.values()], ["evidence", "ended_on"])
    made = Signal.objects.bulk_create(begun)
    record(
        "arrangements.signals-kept", now=now, entity_id=entity_id, as_of=as_of,
        begun=[[each.customer_id, each.kind] for each in made],
        ended=[[each.customer_id, each.kind] for each in standing.values()],
    )  # fmt: skip
    return made


def _evidence(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a signal rests on, as JSON holds it."""
    return {
        "count": row["count"],
        "first_on": row["first_on"].isoformat(),
        "last_on": row["last_on"].isoformat(),
        "ids": list(row["ids"]),
        "detail": row["detail"],
    }


@transaction.atomic
def enter_record(
    *,
    customer_id: int,
    kind: str,
    number: str,
    published_on: date,
    source: str,
    actor: User,
    now: datetime,
    court: str = "",
) -> EnforcementRecord:
    """Enter a public record about a customer, such as being subject to enforcement; the next run makes it a signal.

    Args:
        customer_id: About whom.
        kind: EnforcementRecord.Kind.
        number: Of the case.
        published_on: When it was published.
        source: Where it can be looked up.
        actor: Who enters it.
        now: The instant.
        court: Which court.

    Raises: RecordIncomplete, RecordKnown.
    """
    customer = locked_customer(customer_id)
    if not number.strip() or not source.strip():
        raise RecordIncomplete
    if EnforcementRecord.objects.filter(customer=customer, number=number.strip(), ended_on=None).exists():
        raise RecordKnown(number=number.strip())
    entered = EnforcementRecord.objects.create(
        customer=customer, kind=kind, number=number.strip(), court=court.strip(), published_on=published_on,
        source=source.strip(), entered_at=now, entered_by=actor,
    )  # fmt: skip
    record(
        "arrangements.record-entered", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer_id,
        subject=entered, kind=kind, number=entered.number, published_on=published_on, source=entered.source,
    )  # fmt: skip
    return entered


@transaction.atomic
def end_record(*, record_id: int, ended_on: date, actor: User, now: datetime) -> EnforcementRecord:
    """Say that a record was struck off. Raises RecordEnded."""
    entered = EnforcementRecord.objects.select_for_update(of=("self",)).select_related("customer").get(pk=record_id)
    if entered.ended_on is not None:
        raise RecordEnded
    entered.ended_on, entered.ended_by = ended_on, actor
    entered.save(update_fields=["ended_on", "ended_by"])
    record(
        "arrangements.record-ended", now=now, actor=actor, entity_id=entered.customer.entity_id,
        customer_id=entered.customer_id, subject=entered, number=entered.number, ended_on=ended_on,
    )  # fmt: skip
    return entered
