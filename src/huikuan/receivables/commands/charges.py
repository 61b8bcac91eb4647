"""Charging a penalty, or costs of enforcement (加收): a debit note that money can pay, and never twice."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Final

import polars as pl
from django.db import transaction

from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import User
from huikuan.receivables.commands.account import AmountNotPositive, locked_customer, today_of
from huikuan.receivables.commands.allocations import Wish
from huikuan.receivables.commands.credit_notes import book_credit_note
from huikuan.receivables.commands.history import refresh_history
from huikuan.receivables.commands.waivers import unwaive, waive
from huikuan.receivables.models import Charge, OpenItem, PenaltyTerms
from huikuan.receivables.queries.frames import Scope, allocation_frame, item_frame
from huikuan.receivables.queries.terms import reference_frame, terms_frame
from huikuan.receivables.queries.waivers import waiver_frame
from huikuan.receivables.rules.lines import penalty_lines
from huikuan.receivables.rules.penalty import penalty

SUFFIX: Final = {"PENALTY": "PEN", "COSTS": "COST"}
NUMBER_MAX: Final = 60


class NothingToCharge(Refusal):
    """No penalty has run, or all of it is charged or waived."""

    code = "receivables.nothing-to-charge"
    text = gettext_noop("{customer} owes no penalty up to {through_on} that has not been charged or waived already.")


class ChargeOfTheFuture(Refusal):
    """What has not run is not owed."""

    code = "receivables.charge-of-the-future"
    text = gettext_noop("A penalty can be charged up to {today} at the latest, not up to {through_on}.")


class ChargePaid(Refusal):
    """Money went to it: reverse the payment first."""

    code = "receivables.charge-paid"
    text = gettext_noop(
        "{number} has been paid in part or whole. Take that payment back before you withdraw the charge."
    )


class ChargeWithdrawn(Refusal):
    """A charge is withdrawn once."""

    code = "receivables.charge-withdrawn"
    text = gettext_noop("{number} has already been withdrawn.")


def chargeable(customer_id: int, *, through_on: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what penalty could be charged: item_id, number, currency, due_on, penalty_minor; and its lines.

    Settled items too: what they bore is still owed. What was charged or waived before is not in it.
    """
    scope = Scope(as_of=through_on, customer_ids=[customer_id])
    items = item_frame(scope, with_settled=True)
    inputs: dict[str, Any] = {
        "allocations": allocation_frame(scope, with_settled=True),
        "terms": terms_frame(PenaltyTerms.objects.filter(pk__in=items["terms_id"].drop_nulls().unique().to_list())),
        "reference": reference_frame(through_on),
        "as_of": through_on,
        "waivers": waiver_frame(scope),
    }
    borne = penalty(items, **inputs).filter(pl.col("penalty_minor") > 0)
    kept = borne.select("item_id", "number", "currency", "due_on", "penalty_minor").sort("due_on", "item_id")
    lines = penalty_lines(items.filter(pl.col("item_id").is_in(kept["item_id"].implode())), **inputs)
    return kept, lines


@transaction.atomic
def charge_penalty(
    *,
    customer_id: int,
    through_on: date,
    actor: User | None,
    now: datetime,
    item_ids: Collection[int] | None = None,
    due_on: date | None = None,
    reason: str = "",
) -> list[Charge]:
    """Charge the penalty that has run up to a day and is neither charged nor waived: one debit note per item.

    From that day on the charged part no longer shows as running penalty, and money pays the debit note: before the
    principal of its item where the law orders (Civil Code 561), after all principal where the contract says so.

    Args:
        customer_id: Who owes.
        through_on: The last day that counts; not after today.
        actor: Who charges; None: the machine.
        now: The instant.
        item_ids: Only these; None: every item that bore any.
        due_on: When the debit notes fall due; None: `through_on`.
        reason: In words.

    Raises: ChargeOfTheFuture, NothingToCharge.
    """
    customer = locked_customer(customer_id)
    today = today_of(customer.entity, now)
    if through_on > today:
        raise ChargeOfTheFuture(today=today, through_on=through_on)
    borne, lines = chargeable(customer_id, through_on=through_on)
    wanted = borne if item_ids is None else borne.filter(pl.col("item_id").is_in(list(item_ids)))
    if wanted.is_empty():
        raise NothingToCharge(customer=customer, through_on=through_on)
    items = OpenItem.objects.in_bulk(wanted["item_id"].to_list())
    made = []
    for row in wanted.iter_rows(named=True):
        charge = _booked(
            items[row["item_id"]], Charge.Kind.PENALTY, row["penalty_minor"], through_on=through_on,
            due_on=due_on or through_on, calculation=_kept(lines, row["item_id"]), reason=reason, actor=actor, now=now,
        )  # fmt: skip
        waive(
            {charge.item_id: charge.amount_minor}, about=_about(charge), effective_on=through_on, actor=actor, now=now
        )
        made.append(charge)
    refresh_history(customer_ids=[customer_id])
    record(
        "receivables.penalty-charged", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer_id,
        through_on=through_on, reason=reason,
        charges=[
            {"item": each.item.number, "number": each.booked_as.number, "amount_minor": each.amount_minor,
             "currency": each.currency}
            for each in made
        ],
    )  # fmt: skip
    return made


@transaction.atomic
def charge_costs(
    *, item_id: int, amount_minor: int, charged_on: date, reason: str, actor: User | None, now: datetime
) -> Charge:
    """Charge costs of enforcing a claim (court, lawyer, delivery), where law or contract lays them on the debtor.

    Raises: AmountNotPositive.
    """
    item = OpenItem.objects.select_related("customer").get(pk=item_id)
    customer = locked_customer(item.customer_id)
    if amount_minor <= 0:
        raise AmountNotPositive(number=item.number)
    charge = _booked(
        item, Charge.Kind.COSTS, amount_minor, through_on=charged_on, due_on=charged_on, calculation=[], reason=reason,
        actor=actor, now=now,
    )  # fmt: skip
    refresh_history(customer_ids=[customer.pk])
    record(
        "receivables.costs-charged", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=charge.booked_as, item=item.number, amount_minor=amount_minor, currency=item.currency, reason=reason,
    )  # fmt: skip
    return charge


@transaction.atomic
def withdraw_charge(*, charge_id: int, reason: str, actor: User | None, now: datetime) -> Charge:
    """Take back a charge of which nothing has been paid: a credit note settles it, and its penalty runs again.

    Raises: ChargeWithdrawn, ChargePaid.
    """
    found = Charge.objects.select_related("booked_as").get(pk=charge_id)
    customer = locked_customer(found.booked_as.customer_id)
    charge = Charge.objects.select_for_update().select_related("booked_as").get(pk=charge_id)
    note = charge.booked_as
    if charge.withdrawn_at is not None:
        raise ChargeWithdrawn(number=note.number)
    if note.open_minor != note.amount_minor:
        raise ChargePaid(number=note.number)
    day = max(today_of(customer.entity, now), charge.through_on)
    book_credit_note(
        customer_id=customer.pk, number=f"{note.number[-(NUMBER_MAX - 5) :]}-BACK", issued_on=day,
        amount_minor=note.open_minor, currency=note.currency, reason=reason, actor=actor, now=now,
        wish=Wish(amounts={note.pk: note.open_minor}, reason=reason),
    )  # fmt: skip
    unwaive(about=_about(charge), effective_on=day, actor=actor, now=now)
    charge.withdrawn_at = now
    charge.save(update_fields=["withdrawn_at"])
    record(
        "receivables.charge-withdrawn", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=note, number=note.number, amount_minor=note.amount_minor, currency=note.currency, reason=reason,
    )  # fmt: skip
    return charge


def _about(charge: Charge) -> str:
    return f"charge:{charge.pk}"


def _booked(
    item: OpenItem, kind: str, amount_minor: int, *, through_on: date, due_on: date, calculation: list[dict[str, Any]],
    reason: str, actor: User | None, now: datetime,
) -> Charge:  # fmt: skip
    """Write the debit note and its charge. It bears no penalty of its own: interest bears no interest."""
    count = Charge.objects.filter(item=item, kind=kind).count() + 1
    suffix = f"-{SUFFIX[kind]}{count}"
    note = OpenItem.objects.create(
        entity_id=item.entity_id, customer_id=item.customer_id, contract_id=item.contract_id,
        number=f"{item.number[-(NUMBER_MAX - len(suffix)) :]}{suffix}", kind=kind, issued_on=through_on, due_on=due_on,
        currency=item.currency, amount_minor=amount_minor, open_minor=amount_minor, booked_at=now,
    )  # fmt: skip
    return Charge.objects.create(
        item=item, booked_as=note, kind=kind, through_on=through_on, currency=item.currency, amount_minor=amount_minor,
        calculation=calculation, reason=reason, booked_at=now, booked_by=actor,
    )  # fmt: skip


def _kept(lines: pl.DataFrame, item_id: int) -> list[dict[str, Any]]:
    """Return the calculation of one item as it is frozen: days as ISO text, exact rates as their two whole numbers."""
    mine = lines.filter(pl.col("item_id") == item_id).drop("item_id", "line")
    return mine.with_columns(
        pl.col("starts_on", "ends_on").dt.to_string("iso"), pl.col("rate_num", "rate_den").cast(pl.String)
    ).to_dicts()
