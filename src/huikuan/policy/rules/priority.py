"""Order of the worklist (优先级): what acting now is worth. Source: domain.md §8.

priority = amount × gain % × urgency % × limitation % × grade % × formal %

amount      overdue, not held, less money on account, minor units of its currency
gain        how much more likely money comes because somebody acts now: rises at first, falls with age
urgency     by days overdue: tomorrow is too late for some, not for others
limitation  by days left until the limitation period ends: a claim about to lapse comes first
grade       by credit grade, formal: for formal steps

All percentages are the policy's (`priority` in the file). Whole numbers only, rounded half away from zero once, at the
end. The result orders cases of one currency; it is no amount that anybody owes.
"""

from datetime import date
from typing import Final

import polars as pl

from huikuan.kernel.columns import mul128, round_half_away, wide
from huikuan.policy.rules.schema import Bands, PriorityRules

FACTORS: Final = ["gain_percent", "urgency_percent", "limitation_percent", "grade_percent", "formal_percent"]
NEUTRAL: Final = 100
LARGEST: Final = 2**62
"""Where the order stops telling larger from large: beyond any claim that can be held."""


def priority(cases: pl.DataFrame, *, rules: PriorityRules, as_of: date) -> pl.DataFrame:
    """Add `priority` (Int64, from 0) and the five percentages that made it.

    Args:
        cases: net_overdue_minor, oldest_due_on (null: not overdue, counted as 0 days), grade; optional is_formal
            Boolean, limitation_ends_on Date (the earliest; null or absent: no risk seen).
        rules: The policy's numbers.
        as_of: The day.
    """
    absent = {"is_formal": pl.lit(False), "limitation_ends_on": pl.lit(None, dtype=pl.Date)}
    whole = cases.with_columns(**{name: value for name, value in absent.items() if name not in cases.columns})
    late = (pl.lit(as_of) - pl.col("oldest_due_on")).dt.total_days().fill_null(0)
    left = (pl.col("limitation_ends_on") - pl.lit(as_of)).dt.total_days()
    letters = rules.grade_percent
    rated = whole.lazy().with_columns(
        gain_percent=_banded(late, rules.gain_percent),
        urgency_percent=_banded(late, rules.urgency_percent),
        limitation_percent=pl.when(left.is_null()).then(NEUTRAL).otherwise(_banded(left, rules.limitation_percent)),
        grade_percent=pl.col("grade").replace_strict(
            list(letters), list(letters.values()), default=NEUTRAL, return_dtype=pl.Int64
        ),
        formal_percent=pl.when(pl.col("is_formal").fill_null(False)).then(rules.formal_percent).otherwise(NEUTRAL),
    )
    product = wide(pl.col("net_overdue_minor").fill_null(0).clip(lower_bound=0))
    for factor in FACTORS:
        product = mul128(product, pl.col(factor))
    largest = wide(LARGEST) * NEUTRAL ** len(FACTORS)
    # In a step of its own: the rounding asks for the product more than once.
    capped = rated.with_columns(pl.col(FACTORS).cast(pl.Int64), priority=pl.min_horizontal(product, largest))
    worth = round_half_away(pl.col("priority"), NEUTRAL ** len(FACTORS))
    return capped.with_columns(priority=worth).drop([name for name in absent if name not in cases.columns]).collect()


def _banded(value: pl.Expr, bands: Bands) -> pl.Expr:
    """Return the percentage of the band that the value falls into."""
    limits = [(up_to, percent) for up_to, percent in bands if up_to is not None]
    chosen = pl.lit(bands[-1][1])
    for up_to, percent in reversed(limits):
        chosen = pl.when(value <= up_to).then(percent).otherwise(chosen)
    return chosen
