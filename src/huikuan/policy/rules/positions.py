"""Positions: what one customer owes in one currency on a day, as the ladder sees it."""

from datetime import date

import polars as pl

from huikuan.kernel.columns import total


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
    seen = items.with_columns(
        free_minor=pl.col("open_minor") - pl.col("held_minor"),
        is_overdue=(pl.col("due_on") <= as_of) if from_due_day else (pl.col("due_on") < as_of),
    ).with_columns(is_pursued=pl.col("is_overdue") & (pl.col("free_minor") > 0))
    rolled = seen.group_by(key).agg(**_sums())
    joined = (
        rolled.join(_lead(seen, key=key), on=key, how="left")
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


def _sums() -> dict[str, pl.Expr]:
    """Return the totals and the first days of one position."""
    overdue, pursued, unheld = pl.col("is_overdue"), pl.col("is_pursued"), pl.col("free_minor") > 0
    moved = pl.col("due_on") + pl.duration(days=pl.col("paused_days"))
    return {
        "open_minor": total(pl.col("open_minor")),
        "overdue_minor": total(pl.col("open_minor").filter(overdue)),
        "held_minor": total(pl.col("held_minor").filter(overdue)),
        "unpaid_minor": total(pl.col("free_minor")),
        "item_count": overdue.sum(),
        "overdue_count": pursued.sum(),
        "unpaid_count": unheld.sum(),
        "oldest_due_on": pl.col("due_on").filter(pursued).min(),
        "ladder_due_on": moved.filter(pursued).min(),
        "oldest_issued_on": pl.col("issued_on").filter(unheld).min(),
        "held_until": pl.col("hold_ends_on").filter(overdue & ~unheld).min().dt.offset_by("1d"),
    }


def _lead(seen: pl.DataFrame, *, key: list[str]) -> pl.DataFrame:
    """Return per position the item that leads it: the oldest overdue one with an unheld part."""
    lead = seen.filter("is_pursued").sort("due_on", "item_id").unique(key, keep="first", maintain_order=True)
    kind = ["contract_kind"] if "contract_kind" in seen.columns else []
    return lead.select(*key, *kind, *([] if "item_id" in key else [pl.col("item_id").alias("lead_item_id")]))
