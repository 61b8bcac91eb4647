"""Many accounts at once: what their money may pay, and the money, as frames."""

from collections.abc import Collection
from typing import Final

import polars as pl

from huikuan.kernel.columns import round_half_away
from huikuan.receivables.queries.terms import terms_frame
from huikuan.receivables.rules.allocation import PRINCIPAL_FIRST, STATUTORY
from huikuan.receivables.rules.beside import Row
from huikuan.storage.among import among
from huikuan.storage.bulk import read_frame

USUAL_RATE_PPM: Final = 30_000
"""At what reference rate terms that hang on one are weighed against others: the heavier is paid first."""


def claims_frame(customer_ids: Collection[int]) -> pl.DataFrame:
    """Return the open items of customers with what decides the order of payment.

    Returns: item_id, customer_id, currency, open_minor, item_issued_on; debt_id and beside (`rules.beside`: the item
        itself and null, but for what was charged); issued_on, due_on, secured_minor, burden_ppb and order (of the
        contract; null without one) of the debt.
    """
    condition, values = among("i.customer_id", "customers", sorted(customer_ids))
    items = read_frame(
        f"""SELECT i.id AS item_id, i.customer_id, i.currency, d.issued_on, d.due_on, i.open_minor, d.terms_id,
                   d.id AS debt_id, h.kind AS beside, i.issued_on AS item_issued_on,
                   c.allocation_order AS "order", g.count AS guarantee_count, g.limits AS limits_minor, g.limited
            FROM receivables_openitem i
            LEFT JOIN receivables_charge h ON h.booked_as_id = i.id
            JOIN receivables_openitem d ON d.id = coalesce(h.item_id, i.id)
            LEFT JOIN receivables_contract c ON c.id = d.contract_id
            LEFT JOIN (SELECT contract_id, count(*) AS count, count(limit_minor) AS limited,
                              CAST(sum(limit_minor) AS bigint) AS limits
                       FROM receivables_guarantee GROUP BY contract_id) g ON g.contract_id = c.id
            WHERE i.settled_on IS NULL AND {condition}""",  # noqa: S608  our own names
        values,
        {
            "item_id": pl.Int64, "customer_id": pl.Int64, "currency": pl.String, "issued_on": pl.Date,
            "due_on": pl.Date, "open_minor": pl.Int64, "terms_id": pl.Int64, "order": pl.String,
            "debt_id": pl.Int64, "beside": pl.String, "item_issued_on": pl.Date,
            "guarantee_count": pl.Int64, "limits_minor": pl.Int64, "limited": pl.Int64,
        },
    )  # fmt: skip
    burdens = terms_frame().select(
        "terms_id",
        burden_ppb=round_half_away((pl.col("fixed_num") + pl.col("ref_num") * USUAL_RATE_PPM) * 10**9, pl.col("den")),
    )
    secured = (
        pl.when(pl.col("guarantee_count").is_null())
        .then(0)
        .when(pl.col("limited") < pl.col("guarantee_count"))
        .then("open_minor")
        .otherwise(pl.min_horizontal("limits_minor", "open_minor"))
    )
    return (
        items.join(burdens, on="terms_id", how="left")
        .with_columns(pl.col("burden_ppb").fill_null(0), secured_minor=secured)
        .select(
            "item_id", "customer_id", "currency", "issued_on", "due_on", "open_minor", "secured_minor", "burden_ppb",
            "order", "debt_id", "beside", "item_issued_on",
        )
        .sort("customer_id", "currency", "due_on", "item_id")
    )  # fmt: skip


def order_of(contract_order: pl.Expr) -> pl.Expr:
    """Return by which order unnamed money of an account pays: by contract only if every claim's contract says so.

    A claim without contract, or whose contract follows the law, puts all under Civil Code 560 and 561.
    """
    by_contract = (contract_order == PRINCIPAL_FIRST).fill_null(value=False).all()
    return pl.when(by_contract).then(pl.lit(PRINCIPAL_FIRST)).otherwise(pl.lit(STATUTORY))


def claims_of_account(customer_id: int, currency: str) -> tuple[list[Row], str]:
    """Return what one account owes as plain rows (`claims_frame`), and the order by which unnamed money pays it."""
    claims = claims_frame([customer_id]).filter(pl.col("currency") == currency)
    return claims.rows(named=True), str(claims.select(order_of(pl.col("order"))).item())


def money_frame(customer_ids: Collection[int]) -> pl.DataFrame:
    """Return what customers have on account.

    Returns: source_id (receipts positive, credit notes negative: one column of names for both), customer_id, currency,
        received_on, unapplied_minor.
    """
    condition, values = among("customer_id", "customers", sorted(customer_ids))
    return read_frame(
        f"""SELECT id AS source_id, customer_id, currency, received_on, unapplied_minor
            FROM receivables_receipt WHERE unapplied_minor > 0 AND {condition}
            UNION ALL
            SELECT -id, customer_id, currency, issued_on, unapplied_minor
            FROM receivables_creditnote WHERE unapplied_minor > 0 AND {condition}""",  # noqa: S608  our own names
        values,
        {
            "source_id": pl.Int64, "customer_id": pl.Int64, "currency": pl.String, "received_on": pl.Date,
            "unapplied_minor": pl.Int64,
        },
    ).sort("customer_id", "currency", "received_on", "source_id")  # fmt: skip


def customers_with_reversals(customer_ids: Collection[int]) -> set[int]:
    """Return those customers with an allocation ever taken back: their past needs a closer look (`first_days`)."""
    condition, values = among("i.customer_id", "customers", sorted(customer_ids))
    frame = read_frame(
        f"""SELECT DISTINCT i.customer_id FROM receivables_allocation a
            JOIN receivables_openitem i ON i.id = a.item_id WHERE a.amount_minor < 0 AND {condition}""",  # noqa: S608
        values,
        {"customer_id": pl.Int64},
    )
    return set(frame["customer_id"])
