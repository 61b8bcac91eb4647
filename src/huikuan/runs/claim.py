"""What a customer owes in one currency on the day a notice is written: the facts, before any words."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl
from django.db.models import Max

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
from huikuan.receivables.rules.waiver import less_waived
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


Account = tuple[int, str]
"""A customer and a currency."""


def claim_on(delivery: Delivery, as_of: date, *, from_due_day: bool = False) -> Claim:
    """Read what the customer of a delivery owes in its currency, from the ledger as it stands: `claims_on` of one."""
    scope = Scope(as_of=as_of, entity_id=delivery.entity_id, customer_ids=[delivery.customer_id])
    account = (delivery.customer_id, delivery.currency)
    return claims_on(scope, [account], from_due_day=from_due_day)[account]


def claims_on(scope: Scope, accounts: Iterable[Account], *, from_due_day: bool = False) -> dict[Account, Claim]:
    """Read what each of these accounts owes, from the ledger as it stands; in as many queries as for one.

    Args:
        scope: Their customers, and the day.
        accounts: Customers and currencies; each is in the answer, also with nothing owed.
        from_due_day: What falls due on the day itself is asked for (a ladder with `days_overdue: 0`).
    """
    as_of, customer_ids = scope.as_of, list(scope.customer_ids or ())
    items = item_frame(scope)
    holds = holds_frame(entity_id=scope.entity_id or 0, as_of=as_of, customer_ids=customer_ids)
    held = apply_holds(items, holds=holds, as_of=as_of).with_columns(
        due_minor=pl.col("open_minor") - pl.col("held_minor"),
        is_overdue=(pl.col("due_on") <= as_of) if from_due_day else (pl.col("due_on") < as_of),
    )
    owed = held.filter(pl.col("due_minor") > 0)
    overdue, lines = _priced(owed.filter("is_overdue").drop("is_overdue"), scope)
    late, soon = _by_account(overdue), _by_account(owed.filter(~pl.col("is_overdue")).drop("is_overdue"))
    calculated = _by_account(lines)
    held_minor = _sums(held.filter("is_overdue"), "held_minor")
    on_account = _sums(on_account_frame(scope), "on_account_minor")
    return {
        account: Claim(
            as_of=as_of,
            currency=account[1],
            overdue=late.get(account, []),
            upcoming=soon.get(account, []),
            held_minor=held_minor.get(account, 0),
            lines=[_without_account(line) for line in calculated.get(account, ())],
            on_account_minor=on_account.get(account, 0),
        )
        for account in accounts
    }


def _by_account(rows: pl.DataFrame) -> dict[Account, list[Row]]:
    """Return the rows of each account, in their order."""
    found: dict[Account, list[Row]] = {}
    for row in rows.iter_rows(named=True):
        found.setdefault((row["customer_id"], row["currency"]), []).append(row)
    return found


def _sums(rows: pl.DataFrame, column: str) -> dict[Account, int]:
    sums = rows.group_by("customer_id", "currency").agg(pl.col(column).sum())
    return {(customer_id, currency): int(minor) for customer_id, currency, minor in sums.iter_rows()}


def _without_account(line: Row) -> Row:
    return {name: value for name, value in line.items() if name not in {"customer_id", "currency"}}


def _priced(items: pl.DataFrame, scope: Scope) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Add the penalty of what is not held, and return its calculation beside it.

    The lines add up to the penalty to the cent; a fixed fee is not among them.
    """
    late = (pl.lit(scope.as_of) - pl.col("due_on")).dt.total_days()
    none = items.with_columns(days_overdue=late, penalty_minor=pl.lit(0, pl.Int64), fee_minor=pl.lit(0, pl.Int64))
    used = items["terms_id"].drop_nulls().unique().to_list()
    if not used:
        return none, pl.DataFrame()  # no lines at all
    terms = terms_frame(PenaltyTerms.objects.filter(pk__in=used))
    has_reference = (terms["kind"] == "REFERENCE").any()
    basis = items.with_columns(open_minor="due_minor").select(_PRICED)
    paid = allocation_frame(scope).join(items.select("item_id"), on="item_id", how="semi")
    reference = reference_frame(scope.as_of if has_reference else date.min)
    waivers = waiver_frame(scope)
    borne = penalty(basis, allocations=paid, terms=terms, reference=reference, as_of=scope.as_of)
    lines = penalty_lines(
        basis, allocations=paid, terms=terms, reference=reference, as_of=scope.as_of, waivers=waivers, borne=borne
    )
    borne = less_waived(borne, waivers).select("item_id", "penalty_minor", "fee_minor")
    priced = none.drop("penalty_minor", "fee_minor").join(borne, on="item_id", how="left", maintain_order="left")
    of_items = items.select("item_id", "number", "due_on", "customer_id", "currency")
    numbered = lines.join(of_items, on="item_id", maintain_order="left")
    return (
        priced.with_columns(pl.col("penalty_minor", "fee_minor").fill_null(0)),
        numbered.sort("due_on", "item_id", "line"),
    )


def decision_of(delivery: Delivery) -> Decision | None:
    """Return the decision that asked for a delivery; None for one put into the outbox by hand."""
    return decisions_of([delivery]).get(_asked(delivery))


Asked = tuple[int, str, str, date]
"""What finds the decision behind a delivery: customer, currency, step, day."""


def decisions_of(deliveries: Collection[Delivery]) -> dict[Asked, Decision]:
    """Return the latest decision behind each delivery, by customer, currency, step and day. One query."""
    asked = {_asked(delivery) for delivery in deliveries}
    found = Decision.objects.filter(
        customer_id__in={key[0] for key in asked}, decided_on__in={key[3] for key in asked}
    ).order_by("pk")
    by_key = {(each.customer_id, each.currency, each.step_code, each.decided_on): each for each in found}
    return {key: decision for key, decision in by_key.items() if key in asked}


def _asked(delivery: Delivery) -> Asked:
    return delivery.customer_id, delivery.currency, delivery.step_code, delivery.as_of


def overtaken(deliveries: Collection[Delivery]) -> set[int]:
    """Return the ids of those after which a later step was taken: a lower one never follows a higher (domain.md §5)."""
    gone = [Delivery.State.CANCELLED, Delivery.State.REFUSED, Delivery.State.FAILED]
    rows = (
        Delivery.objects.filter(
            customer_id__in={each.customer_id for each in deliveries},
            as_of__gt=min((each.as_of for each in deliveries), default=date.max),
        )
        .exclude(template__in=NOT_DEMANDS)
        .exclude(state__in=gone)
        .values_list("customer_id", "currency", "channel")
        .annotate(latest=Max("as_of"))
    )
    latest = {tuple(key): last for *key, last in rows.order_by()}
    return {
        each.pk
        for each in deliveries
        if latest.get((each.customer_id, each.currency, each.channel), date.min) > each.as_of
    }
