"""What every calculation of lateness starts from: items with their terms in numbers, and the payments that came late.

Days are plain numbers here (days since 1970). `gain` is what one unit of principal has borne when a day ends.
"""

from datetime import date
from typing import Final

import polars as pl

from huikuan.kernel.columns import check_bounds
from huikuan.receivables.rules.reference import DayIndex
from huikuan.receivables.rules.terms import DAY_GAIN_MAX, REFERENCE_PPM_MAX

EPOCH: Final = date(1970, 1, 1)
LATE: Final = pl.col("p") > pl.col("threshold")
NEVER: Final = 2**30


def day_number(day: date) -> int:
    """Return the number of a day."""
    return (day - EPOCH).days


def numbered(column: str) -> pl.Expr:
    """Return a column of days as their numbers."""
    return pl.col(column).to_physical()


def index_for(terms: pl.DataFrame, reference: pl.DataFrame, *, as_of: date) -> DayIndex:
    """Lay out the reference rates that these terms hang on."""
    used = terms["reference_code"].unique().to_list()
    return DayIndex.of(reference.filter(pl.col("reference_code").is_in(used)), as_of=as_of)


def prepared(terms: pl.DataFrame, index: DayIndex) -> pl.DataFrame:
    """Return the terms in the shape of the closed form; a rate fixed at contract date becomes a plain one.

    Raises: ColumnOutOfBounds when a day's rate is beyond what 64 bits hold over two centuries.
    """
    at_contract = pl.col("anchor") == "AT_CONTRACT"
    with_rates = terms.join(index.codes, on="reference_code", how="left", maintain_order="left").with_columns(
        anchor_rate=index.rate_at(numbered("anchor_on"))
    )
    at_anchor = pl.col("ref_num") * pl.col("anchor_rate")
    shaped = with_rates.select(
        "terms_id", "den", "cap_share_ppm", "cap_minor", "ref_offset", "ref_first", "ref_size",
        fixed_num=pl.col("fixed_num") + pl.when(at_contract).then(at_anchor).otherwise(0),
        ref_num=pl.when(at_contract).then(0).otherwise("ref_num"),
        known_from=pl.when(pl.col("ref_num") > 0).then(pl.col("ref_first").fill_null(NEVER) + 1),
        anchored=pl.when(at_contract).then(numbered("anchor_on")),
        shift=pl.when(pl.col("grace_mode") == "SHIFTING").then("grace_days").otherwise(0).cast(pl.Int32),
        grace_days=pl.col("grace_days").cast(pl.Int32),
        at_breach=pl.col("anchor") == "AT_BREACH",
        is_per_day=pl.col("rounding") == "PER_DAY",
    )  # fmt: skip
    most = shaped.select("terms_id", rate=pl.col("fixed_num") + pl.col("ref_num") * REFERENCE_PPM_MAX)
    check_bounds(most, "rate", limit=DAY_GAIN_MAX, key="terms_id")
    return shaped


def with_terms(items: pl.DataFrame, terms: pl.DataFrame, index: DayIndex, *, as_of: date) -> pl.LazyFrame:
    """Return the items, in their order, with the numbers of their closed form; lazy: what nobody asks costs nothing.

    Args:
        items: As of `penalty.penalty`.
        terms: As `prepared` gives them.
        index: The reference rates.
        as_of: The last day that counts.

    Adds: due, start (last day that bears nothing), threshold (paid by then bears nothing), num and ref_num (per day,
        in parts of den), cum_start, p (= as_of), is_late, today_gain, days_overdue, is_reference_missing.
    """
    today = day_number(as_of)
    due = pl.col("due")
    needed_from = pl.coalesce("anchored", pl.when(pl.col("at_breach")).then(due + 1).otherwise(pl.col("start") + 1))
    chosen = items.select("item_id", "terms_id", "amount_minor", "open_minor", due=numbered("due_on"))
    full = _accruing(chosen, terms, index).with_columns(
        p=pl.lit(today, pl.Int32),
        is_per_day=pl.col("is_per_day").fill_null(value=False),
        days_overdue=pl.when(pl.col("open_minor") > 0).then((today - due).clip(0)).otherwise(0).cast(pl.Int64),
        is_reference_missing=((needed_from < pl.col("known_from")) & (due < today)).fill_null(value=False),
    )
    return full.with_columns(is_late=LATE, today_gain=pl.when(LATE).then(gain(index)).otherwise(0))


def _accruing(rows: pl.DataFrame, terms: pl.DataFrame, index: DayIndex) -> pl.LazyFrame:
    """Add the terms, and from which day on what is borne; rows without terms bear nothing, in parts of 1."""
    breach_num = pl.when(pl.col("at_breach")).then(pl.col("ref_num") * index.rate_at(pl.col("due") + 1)).otherwise(0)
    # Joined at once: the lazy engine takes five times as long to keep the order of a join.
    return (
        rows.join(terms, on="terms_id", how="left", maintain_order="left")
        .lazy()
        .with_columns(
            pl.col("den").fill_null(1),
            start=pl.col("due") + pl.col("shift").fill_null(0),
            threshold=pl.col("due") + pl.col("grace_days").fill_null(0),
            num=pl.col("fixed_num").fill_null(0) + breach_num.fill_null(0),
            ref_num=pl.when("at_breach").then(0).otherwise(pl.col("ref_num").fill_null(0)),
        )
        .with_columns(cum_start=index.cum_at(pl.col("start")))
    )


def gain(index: DayIndex) -> pl.Expr:
    """Return what a unit of principal has borne when day `p` ends, in parts of `den`. Within 64 bits: `prepared`."""
    days = pl.col("p") - pl.col("start")
    return pl.col("num") * days + pl.col("ref_num") * (index.cum_at(pl.col("p")) - pl.col("cum_start"))


def late_pieces(
    items: pl.DataFrame, allocations: pl.DataFrame, terms: pl.DataFrame, index: DayIndex, *, as_of: date
) -> pl.DataFrame:
    """Return the allocations that came too late: item_id, paid_minor, p, gain. Those after `as_of` are left out.

    Args:
        items: item_id, terms_id, due_on.
        allocations: As of `penalty.penalty`.
        terms: As `prepared` gives them.
        index: The reference rates.
        as_of: The last day that counts.
    """
    paid = (
        allocations.filter(pl.col("effective_on") <= as_of)
        .select("item_id", paid_minor="amount_minor", p=numbered("effective_on"))
        .join(items.select("item_id", "terms_id", due=numbered("due_on")), on="item_id", how="inner")
        .filter(pl.col("p") > pl.col("due"))
    )
    return _accruing(paid, terms, index).filter(LATE).select("item_id", "paid_minor", "p", gain=gain(index)).collect()
