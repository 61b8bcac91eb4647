"""What a customer owes in one currency on the day a notice is written: the facts, before any words."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from huikuan.outreach.models import Delivery
from huikuan.outreach.rules.kinds import NOT_DEMANDS
from huikuan.policy.queries import holds_frame
from huikuan.policy.rules.holds import apply_holds
from huikuan.receivables.models import PenaltyTerms
from huikuan.receivables.queries.frames import Scope, allocation_frame, item_frame, on_account_frame
from huikuan.receivables.queries.terms import reference_frame, terms_frame
from huikuan.receivables.queries.waivers import waiver_frame
from huikuan.receivables.rules.lines import penalty_lines
from huikuan.receivables.rules.penalty import penalty
from huikuan.runs.models import Decision

Row = dict[str, Any]
_PRICED: Final = ("item_id", "due_on", "amount_minor", "open_minor", "terms_id")
RECENT_DAYS: Final = 7
"""A bill without a decision of a run (sent by hand) states what was issued in the last days."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The claim as of a day.

    Attributes:
        as_of: The day of writing, on the creditor's calendar.
        overdue: Items past their due day, less what is held: item_id, number, kind, contract_id, terms_id, issued_on,
            due_on, amount_minor, due_minor (open and not held), held_minor, days_overdue, penalty_minor, fee_minor.
        upcoming: Items not yet due, less what is held; the same without days and penalty.
        held_minor: Held part of what is past its due day.
        lines: The calculation of the penalty, line by line (`receivables.rules.lines`).
        on_account_minor: Money and credit not applied yet.
    """

    as_of: date
    currency: str
    overdue: list[Row]
    upcoming: list[Row]
    held_minor: int
    lines: list[Row]
    on_account_minor: int

    @property
    def overdue_minor(self) -> int:
        """Open and not held, past its due day."""
        return sum(row["due_minor"] for row in self.overdue)

    @property
    def upcoming_minor(self) -> int:
        """Open and not held, not yet due."""
        return sum(row["due_minor"] for row in self.upcoming)

    @property
    def penalty_minor(self) -> int:
        """Penalty and fixed cost of the overdue items."""
        return sum(row["penalty_minor"] + row["fee_minor"] for row in self.overdue)

    @property
    def due_minor(self) -> int:
        """Overdue principal less the money on account; never below zero."""
        return max(0, self.overdue_minor - self.on_account_minor)


def claim_on(delivery: Delivery, as_of: date, *, from_due_day: bool = False) -> Claim:
    """Read what the customer of a delivery owes in its currency, from the ledger as it stands.

    Args:
        delivery: Whose customer and currency.
        as_of: The day.
        from_due_day: What falls due on the day itself is asked for (a ladder with `days_overdue: 0`).
    """
    scope = Scope(as_of=as_of, entity_id=delivery.entity_id, customer_ids=[delivery.customer_id])
    currency = delivery.currency
    items = item_frame(scope).filter(pl.col("currency") == currency)
    holds = holds_frame(entity_id=delivery.entity_id, as_of=as_of, customer_ids=[delivery.customer_id])
    held = apply_holds(items, holds=holds, as_of=as_of).with_columns(
        due_minor=pl.col("open_minor") - pl.col("held_minor")
    )
    is_overdue = (pl.col("due_on") <= as_of) if from_due_day else (pl.col("due_on") < as_of)
    is_owed = pl.col("due_minor") > 0
    overdue, lines = _priced(held.filter(is_overdue & is_owed), scope)
    on_account = on_account_frame(scope).filter(pl.col("currency") == currency)["on_account_minor"].sum()
    return Claim(
        as_of=as_of,
        currency=currency,
        overdue=overdue.to_dicts(),
        upcoming=held.filter(~is_overdue & is_owed).to_dicts(),
        held_minor=int(held.filter(is_overdue)["held_minor"].sum()),
        lines=lines.to_dicts(),
        on_account_minor=int(on_account),
    )


def _priced(items: pl.DataFrame, scope: Scope) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Add the penalty of what is not held, and return its calculation beside it.

    The lines add up to the penalty to the cent, so the penalty is read off them; a fixed fee is not among the lines.
    """
    late = (pl.lit(scope.as_of) - pl.col("due_on")).dt.total_days()
    none = items.with_columns(days_overdue=late, penalty_minor=pl.lit(0, pl.Int64), fee_minor=pl.lit(0, pl.Int64))
    used = items["terms_id"].drop_nulls().unique().to_list()
    if not used:
        return none, pl.DataFrame()
    terms = terms_frame(PenaltyTerms.objects.filter(pk__in=used))
    has_reference = (terms["kind"] == "REFERENCE").any()
    basis = items.with_columns(open_minor="due_minor").select(_PRICED)
    paid = allocation_frame(scope).join(items.select("item_id"), on="item_id", how="semi")
    reference = reference_frame(scope.as_of if has_reference else date.min)
    waivers = waiver_frame(scope)
    lines = penalty_lines(basis, allocations=paid, terms=terms, reference=reference, as_of=scope.as_of, waivers=waivers)
    if (terms["fee_bands"].list.len() > 0).any():
        fees = penalty(basis, allocations=paid, terms=terms, reference=reference, as_of=scope.as_of, waivers=waivers)
        borne = fees.select("item_id", "penalty_minor", "fee_minor")
    else:
        borne = lines.group_by("item_id").agg(penalty_minor=pl.col("amount_minor").sum(), fee_minor=pl.lit(0, pl.Int64))
    priced = none.drop("penalty_minor", "fee_minor").join(borne, on="item_id", how="left", maintain_order="left")
    numbered = lines.join(items.select("item_id", "number", "due_on"), on="item_id", maintain_order="left")
    return (
        priced.with_columns(pl.col("penalty_minor", "fee_minor").fill_null(0)),
        numbered.sort("due_on", "item_id", "line"),
    )


def decision_of(delivery: Delivery) -> Decision | None:
    """Return the decision that asked for a delivery; None for one put into the outbox by hand."""
    return (
        Decision.objects.filter(
            customer_id=delivery.customer_id,
            currency=delivery.currency,
            step_code=delivery.step_code,
            decided_on=delivery.as_of,
        )
        .order_by("-pk")
        .first()
    )


def is_overtaken(delivery: Delivery) -> bool:
    """Tell whether a later step has been taken since: a lower one never follows a higher (domain.md §5)."""
    later = Delivery.objects.filter(
        customer_id=delivery.customer_id,
        currency=delivery.currency,
        channel=delivery.channel,
        as_of__gt=delivery.as_of,
    ).exclude(template__in=NOT_DEMANDS)
    gone = [Delivery.State.CANCELLED, Delivery.State.REFUSED, Delivery.State.FAILED]
    return later.exclude(state__in=gone).exclude(pk=delivery.pk).exists()
