"""Delay signals (拖延信号, product.md C3): facts that say a customer plays for time. Frames in, one frame out."""

from collections.abc import Mapping
from datetime import date
from typing import Final

import polars as pl

from huikuan.policy.rules.arranging import SignalRules

SIGNALS: Final[Mapping[str, pl.DataType | type[pl.DataType]]] = {
    "customer_id": pl.Int64, "kind": pl.String, "count": pl.Int64, "first_on": pl.Date, "last_on": pl.Date,
    "ids": pl.List(pl.Int64), "detail": pl.String,
}  # fmt: skip
"""What a signal rests on: how many facts, from when to when, which rows, and words of the facts themselves."""

REACHED: Final = pl.col("is_connected") | (pl.col("direction") == "IN")


def signals(
    *, promises: pl.DataFrame, contacts: pl.DataFrame, receipts: pl.DataFrame, records: pl.DataFrame,
    rules: SignalRules, as_of: date,
) -> pl.DataFrame:  # fmt: skip
    """Return the signals that stand on the day (`SIGNALS`), sorted by customer and kind.

    Args:
        promises: id, customer_id, on: broken in the running spell.
        contacts: id, customer_id, on, channel, direction, is_connected, reason, named_step: of the running spell.
        receipts: id, customer_id, currency, on, amount_minor, payer_name, in_spell: of the last year.
        records: id, customer_id, on, number: enforcement records that stand.
        rules: Which signals are looked for, and how many facts make one.
        as_of: The day: later facts do not count.
    """
    wanted = rules.counts
    parts = [
        _counted(_until(promises, as_of), "PROMISES_BROKEN", wanted),
        _counted(_vague(_until(contacts, as_of)), "VAGUE_PROCESS", wanted),
        _unreachable(_until(contacts, as_of), wanted, rules.unreachable_days),
        _shrinking(_until(receipts, as_of), wanted),
        _payer_changed(_until(receipts, as_of), wanted),
        _counted(_until(records, as_of), "ENFORCEMENT", wanted),
    ]
    return pl.concat([part.select(list(SIGNALS)) for part in parts]).sort("customer_id", "kind")


def _until(facts: pl.DataFrame, as_of: date) -> pl.DataFrame:
    return facts.filter(pl.col("on") <= as_of).sort("customer_id", "on", "id")


def _summed(detail: pl.Expr) -> list[pl.Expr]:
    return [
        pl.len().cast(pl.Int64).alias("count"),
        pl.col("on").min().alias("first_on"),
        pl.col("on").max().alias("last_on"),
        pl.col("id").alias("ids"),
        detail.alias("detail"),
    ]


def _counted(facts: pl.DataFrame, kind: str, wanted: Mapping[str, int]) -> pl.DataFrame:
    """Return the signal of customers with so many facts at least; none when it is not looked for."""
    if kind not in wanted or facts.is_empty():
        return pl.DataFrame(schema=dict(SIGNALS))
    detail = pl.col("number").str.join("; ") if "number" in facts.columns else pl.lit("")
    return (
        facts.group_by("customer_id", maintain_order=True)
        .agg(_summed(detail))
        .filter(pl.col("count") >= wanted[kind])
        .with_columns(kind=pl.lit(kind))
    )


def _vague(contacts: pl.DataFrame) -> pl.DataFrame:
    """Return the contacts in which “in process” was said and no step named."""
    return contacts.filter((pl.col("reason") == "IN_PROCESS") & (pl.col("named_step") == ""))


def _unreachable(contacts: pl.DataFrame, wanted: Mapping[str, int], days: int) -> pl.DataFrame:
    """Return who answered none of the last calls and visits, so many of them over so many days at least."""
    last_reached = contacts.filter(REACHED).group_by("customer_id").agg(reached_on=pl.col("on").max())
    vain = (
        contacts.filter((pl.col("direction") == "OUT") & pl.col("channel").is_in(["PHONE", "VISIT"]) & ~REACHED)
        .join(last_reached, on="customer_id", how="left", maintain_order="left")
        .filter(pl.col("reached_on").is_null() | (pl.col("on") > pl.col("reached_on")))
    )
    spanned = (pl.col("last_on") - pl.col("first_on")).dt.total_days() >= days
    return _counted(vain, "UNREACHABLE", wanted).filter(spanned)


def _shrinking(receipts: pl.DataFrame, wanted: Mapping[str, int]) -> pl.DataFrame:
    """Return who paid so many times in a row, each time less than before, in one currency and one spell."""
    kind = "SHRINKING_PAYMENTS"
    if kind not in wanted:
        return pl.DataFrame(schema=dict(SIGNALS))
    per_currency = ["customer_id", "currency"]
    last = receipts.filter("in_spell").group_by(per_currency, maintain_order=True).tail(wanted[kind])
    return (
        last.sort("customer_id", "currency", "on", "id")
        .with_columns(is_less=(pl.col("amount_minor") < pl.col("amount_minor").shift(1).over(per_currency)))
        .group_by(per_currency, maintain_order=True)
        .agg(
            *_summed(pl.format("{} {}", "currency", "amount_minor").str.join(" > ")),
            all_less=pl.col("is_less").fill_null(True).all(),
        )
        .filter((pl.col("count") >= wanted[kind]) & pl.col("all_less"))
        .unique("customer_id", keep="first", maintain_order=True)
        .with_columns(kind=pl.lit(kind))
    )


def _payer_changed(receipts: pl.DataFrame, wanted: Mapping[str, int]) -> pl.DataFrame:
    """Return whose last money came from another payer than the one who paid every time before, twice at least."""
    kind = "PAYER_CHANGED"
    if kind not in wanted:
        return pl.DataFrame(schema=dict(SIGNALS))
    named = receipts.filter(pl.col("payer_name") != "")
    name = pl.col("payer_name")
    return (
        named.group_by("customer_id", maintain_order=True)
        .agg(
            last=name.last(), usual=name.get(0), count=pl.lit(1, pl.Int64), first_on=pl.col("on").last(),
            last_on=pl.col("on").last(), ids=pl.col("id").tail(1), names=name.slice(0, pl.len() - 1).n_unique(),
            before=pl.len() - 1, in_spell=pl.col("in_spell").last(),
        )
        .filter(
            (pl.col("before") >= USUAL_FROM) & (pl.col("names") == 1) & (pl.col("last") != pl.col("usual"))
            & pl.col("in_spell")
        )
        .with_columns(kind=pl.lit(kind), detail=pl.format("{} > {}", "usual", "last"))
    )  # fmt: skip


USUAL_FROM: Final = 2
"""A payer is the usual one after so many payments."""
