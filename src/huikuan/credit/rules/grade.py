"""The credit grade A, B, C or N by scorecard (信用等级), explained component by component. Source: domain.md §4."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from huikuan.credit.rules.scorecard import Scorecard
from huikuan.kernel.columns import mul128, round_half_away, wide

COMPONENTS = ("late_share", "mean_days_late", "worst_open", "cooperation", "size", "industry")
"""Order in which an explanation lists the components; each has a column `<name>_points`."""

FACTS = ("settled_count", "late_count", "mean_days_late", "worst_days", "months_known", "size_class", "industry")
"""Columns of the result that say what the components saw."""


def grade(customers: pl.DataFrame, *, scorecard: Scorecard, as_of: date) -> pl.DataFrame:
    """Grade every customer.

    Args:
        customers: One row a customer:
            customer_id; size_class, industry (text, "" unknown);
            known_since (date, null unknown): the earlier of start of business and first item;
            settled_count, late_count: items settled in the last 12 months, and those more than 3 days late;
            amount_minor_sum, amount_days_sum (Int64, Int128 or Decimal without scale): their amounts, and amount times
            days late;
            worst_days: days overdue of the worst open item, 0 for none;
            has_broken_plan, is_blacklisted: knock-outs (booleans);
            override_letter (null for none): a valid override by hand.
        scorecard: Points and thresholds.
        as_of: The day of the grade.

    Returns: customer_id, letter, score, knocked_out_by ("", OVERDUE, BROKEN_PLAN, BLACKLIST), is_override, the six
        `<component>_points` and the facts they saw. Points are rounded half away from zero, once per component.
    """
    facts = customers.with_columns(
        months_known=_months_between(pl.col("known_since"), as_of),
        amount=wide(pl.col("amount_minor_sum")),
        amount_days=wide(pl.col("amount_days_sum")),
    ).with_columns(
        mean_days_late=pl.when(pl.col("amount") > 0)
        .then(round_half_away(pl.col("amount_days"), pl.max_horizontal(pl.col("amount"), pl.lit(1))))
        .otherwise(0)
    )
    scored = facts.with_columns(*_points(scorecard)).with_columns(
        score=pl.sum_horizontal([f"{name}_points" for name in COMPONENTS]).clip(0, 100)
    )
    return _lettered(scored, scorecard).select(
        "customer_id",
        "letter",
        "score",
        "knocked_out_by",
        "is_override",
        *(f"{name}_points" for name in COMPONENTS),
        *FACTS,
    )


def _months_between(since: pl.Expr, as_of: date) -> pl.Expr:
    """Whole months from a day to as_of; 0 when unknown or in the future."""
    months = (as_of.year - since.dt.year().cast(pl.Int64)) * 12 + as_of.month - since.dt.month().cast(pl.Int64)
    begun = (since.dt.day() > as_of.day).cast(pl.Int64)
    return (months - begun).clip(lower_bound=0).fill_null(0)


def _points(card: Scorecard) -> list[pl.Expr]:
    """Return the six component columns.

    Without a settled item there is no record: half its points, neither praise nor blame.
    """
    count, late = pl.col("settled_count"), pl.col("late_count")
    no_record = pl.lit((card.late_share_points + 1) // 2)
    late_share = round_half_away(
        mul128(count - late, card.late_share_points), pl.max_horizontal(count.cast(pl.Int64), pl.lit(1))
    )
    zero = card.mean_days_late_zero
    base = pl.max_horizontal(pl.col("amount"), pl.lit(1)) * zero
    room = pl.max_horizontal(base - pl.col("amount_days"), pl.lit(0))
    mean = round_half_away(room * card.mean_days_late_points, base)
    worst = round_half_away(
        (card.worst_open_zero_days - pl.col("worst_days").cast(pl.Int64)).clip(lower_bound=0) * card.worst_open_points,
        card.worst_open_zero_days,
    )
    months = pl.col("months_known").clip(upper_bound=card.cooperation_full_months)
    return [
        pl.when(count > 0).then(late_share).otherwise(no_record).alias("late_share_points"),
        pl.when(count > 0)
        .then(mean)
        .otherwise(pl.lit((card.mean_days_late_points + 1) // 2))
        .alias("mean_days_late_points"),
        worst.alias("worst_open_points"),
        round_half_away(months * card.cooperation_points, card.cooperation_full_months).alias("cooperation_points"),
        _table("size_class", card.size_points, card.size_points.get("", 0)).alias("size_points"),
        _table("industry", card.industry_points, card.industry_default_points).alias("industry_points"),
    ]


def _table(column: str, points: Mapping[str, int], default: int) -> pl.Expr:
    if not points:
        return pl.lit(default, dtype=pl.Int64)
    return pl.col(column).replace_strict(list(points), list(points.values()), default=default, return_dtype=pl.Int64)


def _lettered(scored: pl.DataFrame, card: Scorecard) -> pl.DataFrame:
    """Turn scores into letters: by threshold, then knock-outs, then N for the new, then the override by hand."""
    knocked = (
        pl.when(pl.col("is_blacklisted"))
        .then(pl.lit("BLACKLIST"))
        .when(pl.col("worst_days") > card.knock_out_days)
        .then(pl.lit("OVERDUE"))
        .when(pl.col("has_broken_plan"))
        .then(pl.lit("BROKEN_PLAN"))
        .otherwise(pl.lit(""))
    )
    is_new = (pl.col("settled_count") < card.new_below_count) & (pl.col("months_known") < card.new_below_months)
    by_score = (
        pl.when(pl.col("score") >= card.a_least)
        .then(pl.lit("A"))
        .when(pl.col("score") >= card.b_least)
        .then(pl.lit("B"))
        .otherwise(pl.lit("C"))
    )
    return scored.with_columns(knocked_out_by=knocked).with_columns(
        letter=pl.when(pl.col("override_letter").is_not_null())
        .then(pl.col("override_letter"))
        .when(pl.col("knocked_out_by") != "")
        .then(pl.lit("C"))
        .when(is_new)
        .then(pl.lit("N"))
        .otherwise(by_score),
        is_override=pl.col("override_letter").is_not_null(),
    )


def explanation() -> pl.Expr:
    """Return the explanation of a graded row as one JSON text column, built in bulk.

    Shape: {"score": …, "knocked_out_by": …, "is_override": …, "points": {component: points}, "facts": {…}}.
    """
    return pl.struct(
        "score",
        "knocked_out_by",
        "is_override",
        points=pl.struct(pl.col(f"{name}_points").alias(name) for name in COMPONENTS),
        facts=pl.struct(*FACTS),
    ).struct.json_encode()
