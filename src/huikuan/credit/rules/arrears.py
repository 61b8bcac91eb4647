"""Arrears type (拖欠类型): disputed, long-term, partial or ordinary. Source: product.md E7, domain.md §5."""

import polars as pl

TYPES = ("DISPUTED", "LONG_TERM", "PARTIAL", "ORDINARY")
"""In order of precedence: the first that holds names the arrears of a customer and currency."""


def arrears_type(balances: pl.DataFrame, *, long_term_days: int) -> pl.DataFrame:
    """Add `arrears`: the type of what is overdue, null where nothing is.

    Args:
        balances: One row per customer and currency with worst_days (days overdue of the worst item, held or not),
            disputed_minor (overdue amount under a dispute hold), overdue_minor, overdue_original_minor (the original
            amounts of the overdue items).
        long_term_days: More days overdue than this: long-term.

    Disputed when a dispute covers at least half of what is overdue; partial when part of it has been paid.
    """
    overdue = pl.col("overdue_minor") > 0
    return balances.with_columns(
        arrears=pl.when(~overdue)
        .then(None)
        .when(pl.col("disputed_minor") * 2 >= pl.col("overdue_minor"))
        .then(pl.lit("DISPUTED"))
        .when(pl.col("worst_days") > long_term_days)
        .then(pl.lit("LONG_TERM"))
        .when(pl.col("overdue_minor") < pl.col("overdue_original_minor"))
        .then(pl.lit("PARTIAL"))
        .otherwise(pl.lit("ORDINARY"))
    )
