"""Segments: who climbs which ladder. The first segment that matches wins; the last one matches everybody."""

import polars as pl

from huikuan.policy.rules.schema import Amount, Policy, Segment

EXCLUDED = "excluded"
"""Segment of the customers that the policy excludes from contact altogether."""

AMOUNT = "net_overdue_minor"


def assign(frame: pl.DataFrame, *, policy: Policy | None) -> pl.DataFrame:
    """Add `segment` and `ladder` (both null without a policy: nobody is contacted) to positions or items.

    Args:
        frame: The columns that the segments ask for, named as in the policy file: grade, contract_kind, item_kind,
            industry, size_class, region, country, arrears_type, currency, business, customer_code; and
            net_overdue_minor for amounts. A column that is absent is empty: a segment that asks for it does not match.
        policy: The policy in force.
    """
    if policy is None:
        nobody = pl.lit(None, dtype=pl.String)
        return frame.with_columns(segment=nobody, ladder=nobody)
    present = set(frame.columns)
    currencies = frame["currency"].unique().drop_nulls().sort().to_list()
    codes = sorted(policy.excluded_customers)
    is_excluded = pl.col("customer_code").is_in(codes) if codes and "customer_code" in present else pl.lit(False)
    segment = pl.lit(None, dtype=pl.String)
    ladder = pl.lit(None, dtype=pl.String)
    for each in reversed(policy.segments):
        matches = _matches(each, present=present, currencies=currencies)
        segment = pl.when(matches).then(pl.lit(each.code)).otherwise(segment)
        ladder = pl.when(matches).then(pl.lit(each.ladder, dtype=pl.String)).otherwise(ladder)
    return frame.with_columns(
        segment=pl.when(is_excluded).then(pl.lit(EXCLUDED)).otherwise(segment),
        ladder=pl.when(is_excluded).then(pl.lit(None, dtype=pl.String)).otherwise(ladder),
    )


def _matches(segment: Segment, *, present: set[str], currencies: list[str]) -> pl.Expr:
    """Tell whether a row meets every part of the segment's match; no part: always."""
    matches = pl.lit(True)
    for field, values in segment.match.items():
        matches = matches & (pl.col(field).is_in(list(values)) if field in present else pl.lit(False))
    if segment.overdue_at_least is not None:
        matches = matches & _compared(segment.overdue_at_least, "at_least", present=present, currencies=currencies)
    if segment.overdue_below is not None:
        matches = matches & _compared(segment.overdue_below, "below", present=present, currencies=currencies)
    return matches.fill_null(False)


def _compared(amount: Amount, how: str, *, present: set[str], currencies: list[str]) -> pl.Expr:
    """Compare what is overdue with the amount; a currency that the amount does not name never matches."""
    minors = {currency: amount.minor(currency) for currency in currencies}
    if AMOUNT not in present or not minors:
        return pl.lit(False)
    threshold = pl.col("currency").replace_strict(list(minors), list(minors.values()), return_dtype=pl.Int64)
    return pl.col(AMOUNT) >= threshold if how == "at_least" else pl.col(AMOUNT) < threshold
