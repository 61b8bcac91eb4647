"""The credit grade A, B, C or N by scorecard (信用等级), explained component by component. Source: domain.md §4."""

from collections.abc import Callable
from datetime import date
from typing import Final

import polars as pl

from huikuan.credit.rules.scorecard import Component, Scorecard
from huikuan.kernel.columns import mul128, round_half_away, wide
from huikuan.kernel.days import add_months

LETTERS: Final = ("A", "B", "C")
FACTS: Final = (
    "settled_count", "late_count", "mean_days_late", "worst_days", "plan_broken_on", "months_known", "size_class",
    "industry",
)  # fmt: skip
"""Columns of the result that say what the components saw."""

_NAMED: Final = ("size_class", "industry", "reputation")


def grade(customers: pl.DataFrame, *, scorecard: Scorecard, as_of: date) -> pl.DataFrame:
    """Grade every customer.

    Args:
        customers: One row a customer:
            customer_id; size_class, industry, reputation (text, "" unknown; reputation may be absent);
            known_since (date, null unknown): the earlier of start of business and first item;
            settled_count, late_count: items settled in the window, and those settled more than `late_after_days` late;
            amount_minor_sum, amount_days_sum (Int64, Int128 or Decimal without scale): their amounts, and amount times
            days late;
            worst_days: days overdue of the worst open item, 0 for none;
            plan_broken_on (date, null for none): when the customer last broke an installment plan;
            override_letter (null for none): a valid override by hand, which wins over everything.
        scorecard: Points and thresholds, from the policy.
        as_of: The day of the grade.

    Returns: customer_id, letter, score, knocked_out_by ("" or the kind of the knock-out), is_override, `<code>_points`
    per component, and the facts they saw. Points are rounded half away from zero, once per component.
    """
    facts = _with_facts(customers, as_of=as_of)
    points = {component.code: f"{component.code}_points" for component in scorecard.components}
    scored = facts.with_columns(
        _points(component).alias(points[component.code]) for component in scorecard.components
    ).with_columns(score=pl.sum_horizontal(list(points.values())).clip(0, 100))
    return _lettered(scored, scorecard, as_of=as_of).select(
        "customer_id", "letter", "score", "knocked_out_by", "is_override", *points.values(), *FACTS
    )


def explanation(scorecard: Scorecard) -> pl.Expr:
    """Return the explanation of a graded row as one JSON text column, built in bulk.

    Shape: {"score": …, "knocked_out_by": …, "is_override": …, "points": {component: points}, "weights": {component:
    points it could earn}, "facts": {…}}.
    """
    codes = [component.code for component in scorecard.components]
    return pl.struct(
        "score",
        "knocked_out_by",
        "is_override",
        points=pl.struct(pl.col(f"{code}_points").alias(code) for code in codes),
        weights=pl.struct(pl.lit(component.weight).alias(component.code) for component in scorecard.components),
        facts=pl.struct(*FACTS),
    ).struct.json_encode()


def _with_facts(customers: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """Add months_known, mean_days_late (whole days, for people) and the widened sums."""
    reputation = [] if "reputation" in customers.columns else [pl.lit("").alias("reputation")]
    return customers.with_columns(
        *reputation,
        months_known=_months_between(pl.col("known_since"), as_of),
        amount=wide(pl.col("amount_minor_sum")),
        amount_days=wide(pl.col("amount_days_sum")),
    ).with_columns(
        mean_days_late=pl.when(pl.col("amount") > 0).then(
            round_half_away(pl.col("amount_days"), pl.max_horizontal(pl.col("amount"), pl.lit(1)))
        )
    )


def _months_between(since: pl.Expr, as_of: date) -> pl.Expr:
    """Whole months from a day to as_of; 0 when unknown or in the future."""
    months = (as_of.year - since.dt.year().cast(pl.Int64)) * 12 + as_of.month - since.dt.month().cast(pl.Int64)
    begun = (since.dt.day() > as_of.day).cast(pl.Int64)
    return (months - begun).clip(lower_bound=0).fill_null(0)


def _points(component: Component) -> pl.Expr:
    """Return the points a component earns: weight times the percent of the band or name, rounded once."""
    if component.code in _NAMED:
        percent = _by_name(component)
    else:
        reaches, is_known = _FACT_OF_BAND[component.code]
        percent = pl.lit(0)
        for up_to, earns in reversed(component.bands):
            percent = pl.lit(earns) if up_to is None else pl.when(reaches(up_to)).then(earns).otherwise(percent)
        percent = pl.when(is_known).then(percent).otherwise(component.missing_percent)
    return round_half_away(percent.cast(pl.Int64) * component.weight, 100)


def _by_name(component: Component) -> pl.Expr:
    if not component.values:
        return pl.lit(component.missing_percent)
    names, percents = list(component.values), list(component.values.values())
    return pl.col(component.code).replace_strict(
        names, percents, default=component.missing_percent, return_dtype=pl.Int64
    )


# Per banded fact: whether it is at most so much, exactly (no division), and whether it is known at all.
_FACT_OF_BAND: Final[dict[str, tuple[Callable[[int], pl.Expr], pl.Expr]]] = {
    "late_share": (
        lambda edge: pl.col("late_count").cast(pl.Int64) * 100 <= pl.col("settled_count").cast(pl.Int64) * edge,
        pl.col("settled_count") > 0,
    ),
    "mean_days_late": (lambda edge: pl.col("amount_days") <= mul128(pl.col("amount"), edge), pl.col("amount") > 0),
    "worst_open_days": (lambda edge: pl.col("worst_days") <= edge, pl.lit(True)),
    "cooperation_months": (lambda edge: pl.col("months_known") <= edge, pl.col("known_since").is_not_null()),
}

BANDED: Final = tuple(_FACT_OF_BAND)
"""Facts that a component reads by bands; the others are read by name."""


def _lettered(scored: pl.DataFrame, card: Scorecard, *, as_of: date) -> pl.DataFrame:
    """Turn scores into letters: by threshold, N for the new, then knock-outs, then the override by hand."""
    by_score = pl.lit(LETTERS[-1])
    for name, least in sorted(card.thresholds.items(), key=lambda pair: pair[1]):
        by_score = pl.when(pl.col("score") >= least).then(pl.lit(name)).otherwise(by_score)
    is_new = (pl.col("settled_count") < card.new_below_settled) & (pl.col("months_known") < card.new_below_months)
    letter: pl.Expr = pl.when(is_new).then(pl.lit("N")).otherwise(by_score)
    knocked: pl.Expr = pl.lit("")
    for knock_out in reversed(card.knock_outs):
        holds = KNOCK_OUTS[knock_out.kind](knock_out.value, as_of)
        knocked = pl.when(holds).then(pl.lit(knock_out.kind)).otherwise(knocked)
        worse = [name for name in LETTERS if name >= knock_out.at_most]
        letter = pl.when(holds & ~letter.is_in(worse)).then(pl.lit(knock_out.at_most)).otherwise(letter)
    return scored.with_columns(
        knocked_out_by=knocked,
        letter=pl.coalesce(pl.col("override_letter"), letter),
        is_override=pl.col("override_letter").is_not_null(),
    )


def _overdue_over(days: int, as_of: date) -> pl.Expr:  # noqa: ARG001  every knock-out is asked alike
    return pl.col("worst_days") > days


def _broken_within(months: int, as_of: date) -> pl.Expr:
    """A plan broken on the same day so many months ago no longer counts."""
    return (pl.col("plan_broken_on") > add_months(as_of, -months)).fill_null(value=False)


KNOCK_OUTS: Final[dict[str, Callable[[int, date], pl.Expr]]] = {
    "open_overdue_days": _overdue_over,
    "broken_plan_months": _broken_within,
}
"""Whether a fact that limits the letter holds on the day."""
