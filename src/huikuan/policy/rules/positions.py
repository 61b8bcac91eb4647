"""Positions: what one customer owes in one currency on a day, as the ladder sees it."""

from datetime import date
from typing import Final

import polars as pl

from huikuan.kernel.columns import total
from huikuan.policy.rules.triggers import days_after


def positions(
    items: pl.DataFrame,
    *,
    on_account: pl.DataFrame,
    ladder_state: pl.DataFrame,
    customers: pl.DataFrame,
    contacts: pl.DataFrame,
    as_of: date,
    from_due_day: bool = False,
    per_item: bool = False,
) -> pl.DataFrame:
    """Return one row per customer and currency with anything open: what it owes, and how far it has climbed.

    Args:
        items: Open items of the day after `holds.apply`: item_id, customer_id, currency, issued_on, due_on,
            open_minor, held_minor, hold_ends_on (Date, null), paused_days; optional contract_kind.
        on_account: customer_id, currency, on_account_minor (unapplied money and credit notes).
        ladder_state: customer_id, currency, case_id, opened_on, last_step_code, last_step_rank, last_step_on,
            last_occurrence; optional last_is_sent, not_before_on. No row: nothing taken in this spell.
        customers: customer_id and whatever segments ask for (grade, size_class, industry, customer_code …).
        contacts: customer_id, fruitless_count, last_inbound_on.
        as_of: The day. An item is overdue when due_on lies before it.
        from_due_day: Count an item from its due day on (a ladder with `days_overdue: 0`).
        per_item: One row per item (`scope: item`), with item_id; ladder_state then needs item_id as well.

    Returns: customer_id, currency [, item_id], open_minor, overdue_minor (all of it), held_minor (held part of the
        overdue), net_overdue_minor (overdue − held − on account, may be negative), on_account_minor, unpaid_minor
        (open − held, due or not), item_count (overdue items), overdue_count (of them with an unheld part),
        unpaid_count, oldest_due_on, ladder_due_on, oldest_issued_on, held_until, lead_item_id (the oldest overdue
        item), contract_kind (its contract's, when items have it), the state, the customers' and contacts' columns.
    """
    key = ["customer_id", "currency", *(["item_id"] if per_item else [])]
    is_overdue = (pl.col("due_on") <= as_of) if from_due_day else (pl.col("due_on") < as_of)
    rolled = _masked(items.lazy(), key=key, is_overdue=is_overdue).group_by(key).agg(**_sums()).collect()
    joined = (
        _with_contract_kind(rolled, items)
        .join(
            on_account.select("customer_id", "currency", "on_account_minor"), on=["customer_id", "currency"], how="left"
        )
        .join(ladder_state, on=key, how="left")
        .join(customers, on="customer_id", how="left")
        .join(contacts.select("customer_id", "fruitless_count", "last_inbound_on"), on="customer_id", how="left")
    )
    return joined.with_columns(
        pl.col("on_account_minor", "fruitless_count", "last_occurrence", "last_step_rank").fill_null(0),
    ).with_columns(
        net_overdue_minor=pl.col("overdue_minor") - pl.col("held_minor") - pl.col("on_account_minor"),
    )


def _masked(items: pl.LazyFrame, *, key: list[str], is_overdue: pl.Expr) -> pl.LazyFrame:
    """Return one column per figure, null or 0 where an item does not count: what is left is plain sums and minima."""
    free = pl.col("open_minor") - pl.col("held_minor")
    moved = days_after(pl.col("due_on"), pl.col("paused_days"))
    unheld = free > 0
    pursued = is_overdue & unheld
    return items.select(
        *key,
        "open_minor",
        overdue_minor=pl.when(is_overdue).then("open_minor").otherwise(0),
        held_minor=pl.when(is_overdue).then("held_minor").otherwise(0),
        unpaid_minor=free,
        item_count=is_overdue,
        overdue_count=pursued,
        unpaid_count=unheld,
        oldest_due_on=pl.when(pursued).then("due_on"),
        ladder_due_on=pl.when(pursued).then(moved),
        oldest_issued_on=pl.when(unheld).then("issued_on"),
        held_until=pl.when(is_overdue & ~unheld).then("hold_ends_on"),
        lead_item_id=pl.when(pursued).then(pl.col("due_on").cast(pl.Int128) * IDS + pl.col("item_id")),
    )


def _sums() -> dict[str, pl.Expr]:
    """Return the totals and the first days of one position."""
    amounts = ("open_minor", "overdue_minor", "held_minor", "unpaid_minor")
    counts = ("item_count", "overdue_count", "unpaid_count")
    days = ("oldest_due_on", "ladder_due_on", "oldest_issued_on")
    return {
        **{name: total(pl.col(name)) for name in amounts},
        **{name: pl.col(name).sum() for name in counts},
        **{name: pl.col(name).min() for name in days},
        "held_until": pl.col("held_until").min().dt.offset_by("1d"),
        "lead_item_id": (pl.col("lead_item_id").min() % IDS).cast(pl.Int64),
    }


IDS: Final = 2**64
"""More than any item id: the oldest due day and, on one day, the lowest id in a single number."""


def _with_contract_kind(rolled: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """Add the kind of contract of the item that leads each position."""
    if "contract_kind" not in items.columns:
        return rolled
    leads = rolled.select("lead_item_id")
    kinds = items.select(lead_item_id="item_id", contract_kind="contract_kind").join(
        leads, on="lead_item_id", how="semi"
    )
    return rolled.join(kinds, on="lead_item_id", how="left", maintain_order="left")
