"""Open items of the demo: invoices as trade brings them, rents and fees month by month."""

from datetime import date, timedelta
from itertools import accumulate
from typing import Final

import polars as pl

from huikuan.demo.chance import below, between, happens
from huikuan.kernel.days import add_months, month_start

MONTHS: Final = 24
"""How far back the demo goes."""

_SEASON: Final = {1: 13, 2: 5, 3: 9, 4: 9, 5: 10, 6: 11, 7: 9, 8: 9, 9: 11, 10: 9, 11: 12, 12: 16}
"""How much is sold in a month: more before year-end and Spring Festival, little during it."""

KEY: Final = pl.col("key")
_KINDS: Final = {"SALE": "INVOICE", "PROPERTY": "PROPERTY_FEE", "LEASING": "RENT"}
_PREFIXES: Final = {"SALE": "XS", "PROPERTY": "WY", "LEASING": "ZL"}


def items(contracts: pl.DataFrame, *, first_id: int, as_of: date) -> pl.DataFrame:
    """Return what was billed under the contracts: the columns of the table but the balance, and payer.

    Args:
        contracts: As `bargains.contracts` gives them.
        first_id: Id of the first item.
        as_of: Today: nothing is issued later.
    """
    parts = [
        _invoices(contracts.filter(pl.col("business") == "SALE"), as_of=as_of),
        *(
            _periodic(contracts.filter(pl.col("business") == business), as_of=as_of)
            for business in ("PROPERTY", "LEASING")
        ),
    ]
    known = pl.concat(parts).filter((pl.col("issued_on") <= as_of) & (pl.col("issued_on") >= pl.col("effective_on")))
    known = known.sort("customer_id", "issued_on", "key").with_columns(
        id=pl.int_range(first_id, first_id + pl.len()),
        kind=pl.col("business").replace_strict(list(_KINDS), list(_KINDS.values())),
        prefix=pl.col("business").replace_strict(list(_PREFIXES), list(_PREFIXES.values())),
    )
    return known.select(
        "id",
        "payer",
        "entity_id",
        "customer_id",
        "contract_id",
        number=pl.col("prefix")
        + pl.col("issued_on").dt.strftime("%Y%m")
        + "-"
        + pl.col("id").cast(pl.String).str.zfill(6),
        kind="kind",
        issued_on="issued_on",
        due_on="due_on",
        currency="currency",
        amount_minor="amount_minor",
        terms_id="item_terms_id",
        # Five in the morning in Chongqing: the run of that day already knows it.
        booked_at=(pl.col("issued_on").cast(pl.Datetime("us")) - pl.duration(hours=3)).dt.replace_time_zone("UTC"),
    )


_CARRIED: Final = (
    "payer", "business", "entity_id", "customer_id", "contract_id", "currency", "item_terms_id", "effective_on",
)  # fmt: skip


def _invoices(contracts: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """Return invoices at irregular intervals, the more the season asks for."""
    firsts = [add_months(month_start(as_of), -back) for back in range(MONTHS, -1, -1)]
    edges = list(accumulate(_SEASON[first.month] for first in firsts))
    customer = pl.col("customer_id")
    is_new = pl.col("payer") == "NEW"
    many = pl.when(is_new).then(between(customer, "many-new", 2, 5)).otherwise(between(customer, "many", 8, 34))
    drawn = (
        contracts.rename({"id": "contract_id"})
        .with_columns(place=pl.int_ranges(0, many), scale=between(customer, "scale", 1, 12))
        .explode("place")
        .with_columns(key=customer * 64 + pl.col("place"))
        .with_columns(drawn=below(KEY, "month", edges[-1]))
    )
    month = pl.Series("edges", edges).search_sorted(drawn["drawn"], side="right")
    first_of_month = pl.Series("firsts", firsts)[month]
    recent = pl.lit(as_of) - pl.duration(days=below(KEY, "recent", 75))
    usual = pl.lit(first_of_month)
    net = between(KEY, "amount", 3_000, 26_000) * pl.col("scale") * 100
    cents = pl.when(happens(KEY, "round", 500)).then(0).otherwise(below(KEY, "cents", 1_000) * 10)
    abroad = pl.when(pl.col("currency") == "CNY").then(1).otherwise(7)
    return drawn.with_columns(
        issued_on=pl.when(is_new).then(recent).otherwise(usual + pl.duration(days=below(KEY, "day", 28))),
        amount_minor=(net + cents) // abroad,
    ).select(
        *_CARRIED,
        "key",
        "issued_on",
        "amount_minor",
        due_on=pl.col("issued_on") + pl.duration(days=pl.col("term_days")),
    )


def _periodic(contracts: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """Return the installments of rents and fees, billed in advance of a fixed day of the month."""
    customer, cycle = pl.col("customer_id"), pl.col("cycle_months").cast(pl.Int64)
    this_month = month_start(as_of)
    return (
        contracts.rename({"id": "contract_id"})
        .with_columns(back=pl.int_ranges(0, MONTHS, dtype=pl.Int64))
        .explode("back")
        .filter((pl.col("back") + customer) % cycle == 0)
        .with_columns(
            month=pl.lit(this_month).dt.offset_by(pl.format("-{}mo", "back")), key=customer * 64 + pl.col("back")
        )
        .select(
            *_CARRIED,
            "key",
            issued_on=pl.col("month") + pl.duration(days=below(customer, "bill-day", 5)),
            amount_minor=pl.col("cycle_amount_minor"),
            due_on=pl.col("month") + pl.duration(days=pl.col("fixed_day").cast(pl.Int64) - 1),
        )
    )


def first_day(as_of: date) -> date:
    """Return the day before which the demo knows nothing."""
    return add_months(month_start(as_of), -MONTHS) - timedelta(days=1)
