"""The account statement as columns: opening balance, lines, closing balance, checked to the cent.

A balance is what is open less what is on account: negative when the customer has money with us.
"""

from typing import Final

import polars as pl

ACCOUNT: Final = ("customer_id", "currency")
BALANCES: Final[dict[str, type[pl.DataType]]] = {
    "customer_id": pl.Int64,
    "currency": pl.String,
    "balance_minor": pl.Int64,
}
LINES: Final[dict[str, type[pl.DataType]]] = {
    "customer_id": pl.Int64,
    "currency": pl.String,
    "day": pl.Date,
    "side": pl.String,
    "kind": pl.String,
    "number": pl.String,
    "due_on": pl.Date,
    "amount_minor": pl.Int64,
}
"""What moved an account. side: one of `SIDES`; kind: of the document; amount_minor: as the balance moves."""

SIDES: Final = {"ITEM": 1, "CREDIT_NOTE": -1, "RECEIPT": -1, "WRITE_OFF": -1}
"""What moves a balance, in the order of a day, and the sign with which its total is stated."""

TOTALS: Final = {
    "ITEM": "charged_minor",
    "CREDIT_NOTE": "credited_minor",
    "RECEIPT": "received_minor",
    "WRITE_OFF": "written_off_minor",
}


class StatementDoesNotAddUp(ValueError):  # noqa: N818  it reads as what it says
    """Opening balance and lines do not make the closing balance: the ledger is damaged, nothing may be sent."""


def totals(openings: pl.DataFrame, lines: pl.DataFrame, closings: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each account with anything to state, checked.

    Args:
        openings: `BALANCES` on the day before the period, from the ledger as of that day.
        lines: `LINES` of the period, from the documents.
        closings: `BALANCES` on the last day, from the ledger as of that day: another way than by the lines.

    Returns: customer_id, currency, opening_minor, charged_minor, credited_minor, received_minor, written_off_minor (all
        as people state them, usually positive), closing_minor; sorted. An account at zero without lines has no row.

    Raises: StatementDoesNotAddUp.
    """
    moved = [
        pl.col("amount_minor").filter(pl.col("side") == side).sum().mul(sign).alias(TOTALS[side])
        for side, sign in SIDES.items()
    ]
    summed = lines.group_by(*ACCOUNT).agg(*moved, pl.len().alias("line_count"))
    stated = (
        _named(openings, "opening_minor")
        .join(_named(closings, "closing_minor"), on=ACCOUNT, how="full", coalesce=True)
        .join(summed, on=ACCOUNT, how="full", coalesce=True)
        .with_columns(pl.col("opening_minor", "closing_minor", "line_count", *TOTALS.values()).fill_null(0))
        .filter((pl.col("opening_minor") != 0) | (pl.col("closing_minor") != 0) | (pl.col("line_count") > 0))
    )
    less = pl.col("credited_minor") + pl.col("received_minor") + pl.col("written_off_minor")
    wrong = stated.filter(pl.col("opening_minor") + pl.col("charged_minor") - less != pl.col("closing_minor"))
    if not wrong.is_empty():
        message = f"statements that do not add up: {wrong.head(5).to_dicts()}"
        raise StatementDoesNotAddUp(message)
    columns = [*ACCOUNT, "opening_minor", *TOTALS.values(), "closing_minor"]
    return stated.select(columns).sort(*ACCOUNT)


def running(lines: pl.DataFrame, openings: pl.DataFrame) -> pl.DataFrame:
    """Return the lines in the order of a statement with balance_minor: the balance after each."""
    order = {side: position for position, side in enumerate(SIDES)}
    ordered = lines.sort(
        *ACCOUNT, "day", pl.col("side").replace_strict(order, return_dtype=pl.Int8), "number", "amount_minor"
    )
    begun = ordered.join(_named(openings, "opening_minor"), on=ACCOUNT, how="left", maintain_order="left")
    moved = pl.col("amount_minor").cum_sum().over(*ACCOUNT)
    return begun.with_columns(balance_minor=pl.col("opening_minor").fill_null(0) + moved).drop("opening_minor")


def balances(open_items: pl.DataFrame, on_account: pl.DataFrame) -> pl.DataFrame:
    """Return `BALANCES`: what is open (customer_id, currency, open_minor) less what is on account."""
    owed = open_items.group_by(*ACCOUNT).agg(owed_minor=pl.col("open_minor").sum())
    both = owed.join(on_account, on=ACCOUNT, how="full", coalesce=True)
    net = pl.col("owed_minor").fill_null(0) - pl.col("on_account_minor").fill_null(0)
    return both.select(*ACCOUNT, balance_minor=net).sort(*ACCOUNT)


def _named(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    return frame.select(*ACCOUNT, pl.col("balance_minor").alias(name))
