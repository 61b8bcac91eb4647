"""Who pays when: payments, credit notes and corrections, as allocations with the money behind them."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from huikuan.demo.chance import below, between, happens, weighted

KEY: Final = pl.col("id")
PAYER: Final = pl.col("payer")
SATURDAY: Final = 6
FRESH_DAYS: Final = 150
"""Disputes and remainders are of this age at most; what is older was settled in the end."""
LATELY_DAYS: Final = 60
"""Money rounded up stays on account for so long at most."""


@dataclass(frozen=True, slots=True)
class Money:
    """What arrived and what it paid; every frame has the columns of its table."""

    receipts: pl.DataFrame
    credit_notes: pl.DataFrame
    allocations: pl.DataFrame


@dataclass(frozen=True, slots=True)
class FirstIds:
    """Ids of the first row of each table."""

    receipt: int
    credit_note: int
    allocation: int


def money(items: pl.DataFrame, *, first: FirstIds, as_of: date, is_open_only: bool = False) -> Money:
    """Pay the items as their customers do.

    Args:
        items: As `sales.items` gives them.
        first: Ids to begin with.
        as_of: Today: everything lies before it.
        is_open_only: Nothing is paid in full; three in ten items have one to three part payments (benchmarks).
    """
    planned = _planned(items, as_of=as_of, is_open_only=is_open_only)
    credits_ = _credits(planned, as_of=as_of)
    parts = _parts(planned, as_of=as_of)
    paid = pl.concat([parts, _finals(planned, parts, credits_)])
    receipts, from_receipts = _receipts(paid, first=first, as_of=as_of)
    notes, from_notes = _credit_notes(credits_, first=first, as_of=as_of)
    allocated = _corrected(pl.concat([from_receipts, from_notes], how="diagonal"), first=first, as_of=as_of)
    return Money(receipts, notes, allocated)


def _planned(items: pl.DataFrame, *, as_of: date, is_open_only: bool) -> pl.DataFrame:
    """Add pay_on (null: not yet), the number of part payments and their sizes, and the credit.

    Columns added: pay_on, part_count, part_minor (each), credit_minor, credit_on.
    """
    late = (
        pl.when(PAYER.is_in(["PROMPT", "OVERPAYS"])).then(between(KEY, "late", -7, 1))
        .when(PAYER == "SLIGHT").then(between(KEY, "late", -3, 9))
        .when(PAYER == "NEW").then(between(KEY, "late", -4, 12))
        .when(PAYER == "CHRONIC").then(between(KEY, "late", 8, 75))
        .when(PAYER == "PARTIAL").then(between(KEY, "late", 15, 100))
        .otherwise(between(KEY, "late", -3, 12))
    )  # fmt: skip
    age = (pl.lit(as_of) - pl.col("due_on")).dt.total_days()
    customer = pl.col("customer_id")
    never = (
        ((PAYER == "STOPPED") & (age < between(customer, "stopped", 40, 300)))
        | ((PAYER == "LONG") & (age < between(customer, "stopped", 380, 620)))
        | ((PAYER == "DISPUTES") & (age < FRESH_DAYS) & happens(KEY, "disputed", 450))
        | ((PAYER == "PARTIAL") & (age < FRESH_DAYS) & happens(KEY, "remainder", 350))
    )
    pay_on = _working(pl.col("due_on") + pl.duration(days=late))
    many = weighted(KEY, "parts", {"0": 70, "1": 15, "2": 10, "3": 5}).cast(pl.Int64)
    stubborn = PAYER.is_in(["STOPPED", "LONG"]) & (age < 0)
    parts = pl.when(PAYER == "PARTIAL").then(pl.max_horizontal(many, 1)).when(stubborn).then(0).otherwise(many)
    share = between(KEY, "share", 10, 28)
    is_credited = (pl.col("kind") == "INVOICE") & happens(KEY, "credit", 18)
    return items.with_columns(
        pay_on=pl.lit(None, pl.Date) if is_open_only else pl.when(~never & (pay_on < as_of)).then(pay_on),
        last_on=pl.min_horizontal(pay_on, pl.lit(as_of)),
        part_count=many if is_open_only else parts,
        part_minor=pl.col("amount_minor") * share // 10_000 * 100,
        credit_minor=pl.when(is_credited).then(pl.col("amount_minor") * between(KEY, "discount", 2, 12) // 1_000 * 10),
        credit_on=pl.col("issued_on") + pl.duration(days=between(KEY, "credit-day", 4, 25)),
    )  # fmt: skip


def _working(day: pl.Expr) -> pl.Expr:
    """Move a day that falls on a weekend to the Monday after it: banks rest."""
    beyond = day.dt.weekday() - SATURDAY
    return pl.when(beyond >= 0).then(day + pl.duration(days=2 - beyond)).otherwise(day)


def _credits(planned: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """Return the credits given so far: a complaint about the goods, a discount agreed afterwards."""
    return planned.filter((pl.col("credit_minor") > 0) & (pl.col("credit_on") < as_of))


def _parts(planned: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """Return the part payments so far, spread over the time from the bill to the last payment."""
    span = (pl.col("last_on") - pl.col("issued_on")).dt.total_days()
    place = pl.col("place")
    day = _working(pl.col("issued_on") + pl.duration(days=span * (place + 1) // (pl.col("part_count") + 1)))
    paid = (
        planned.filter(pl.col("part_count") > 0)
        .with_columns(place=pl.int_ranges(0, "part_count"))
        .explode("place")
        .with_columns(on=day)
        .filter((pl.col("on") < as_of) & (pl.col("part_minor") > 0))
        .filter(pl.col("pay_on").is_null() | (pl.col("on") < pl.col("pay_on")))
    )
    return _paid(paid, pl.col("part_minor"))


def _finals(planned: pl.DataFrame, parts: pl.DataFrame, credits_: pl.DataFrame) -> pl.DataFrame:
    """Return the payments that settle an item: what the parts and the credit leave."""
    before = parts.group_by("item_id").agg(paid_minor=pl.col("amount_minor").sum())
    credited = credits_.select(item_id=KEY, credited_minor="credit_minor")
    left = (
        planned.filter(pl.col("pay_on").is_not_null())
        .join(before, left_on="id", right_on="item_id", how="left")
        .join(credited, left_on="id", right_on="item_id", how="left")
        .with_columns(on=pl.col("pay_on"))
    )
    rest = pl.col("amount_minor") - pl.col("paid_minor").fill_null(0) - pl.col("credited_minor").fill_null(0)
    return _paid(left, rest)


def _paid(rows: pl.DataFrame, amount: pl.Expr) -> pl.DataFrame:
    return rows.select(
        "entity_id", "customer_id", "payer", "currency", "on", item_id=KEY, amount_minor=amount.cast(pl.Int64)
    )


def _receipts(paid: pl.DataFrame, *, first: FirstIds, as_of: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return one receipt for everything that a customer pays on a day, and what it pays.

    Some customers round up, and the rest stays on account; a few pay ahead of any bill.
    """
    key = ["entity_id", "customer_id", "currency", "on"]
    together = paid.group_by(key).agg(pl.col("payer").first(), amount_minor=pl.col("amount_minor").sum()).sort(key)
    numbered = together.with_columns(id=pl.int_range(first.receipt, first.receipt + together.height, eager=True))
    recent = (pl.lit(as_of) - pl.col("on")).dt.total_days() < LATELY_DAYS
    is_generous = (PAYER == "OVERPAYS") & recent & happens(KEY, "round-up", 600)
    extra = pl.when(is_generous).then(1_000_000 - pl.col("amount_minor") % 1_000_000).otherwise(0)
    receipts = numbered.select(
        "id",
        "entity_id",
        "customer_id",
        reference=pl.lit("BK") + pl.col("on").dt.strftime("%Y%m%d") + KEY.cast(pl.String).str.zfill(8),
        received_on="on",
        currency="currency",
        amount_minor=pl.col("amount_minor") + extra,
        unapplied_minor=extra.cast(pl.Int64),
        designation=pl.lit(""),
        booked_at=_booked(as_of),
    )
    applied = paid.join(numbered.select(*key, receipt_id="id"), on=key).select(
        "item_id", "customer_id", "receipt_id", "currency", "amount_minor", effective_on="on"
    )
    return receipts, applied.sort("receipt_id", "item_id")


def _booked(as_of: date) -> pl.Expr:
    """Return when something was booked: the same evening; one in twenty a week late."""
    late_on = pl.col("on") + pl.duration(days=7)
    day = pl.when(happens(KEY, "booked-late", 50) & (late_on < as_of)).then(late_on).otherwise(pl.col("on"))
    at = day.cast(pl.Datetime("us")) + pl.duration(hours=8, minutes=below(KEY, "booked", 400))
    return at.dt.replace_time_zone("UTC")


def _credit_notes(credits_: pl.DataFrame, *, first: FirstIds, as_of: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the credit notes and what they reduce."""
    ids = pl.int_range(first.credit_note, first.credit_note + credits_.height, eager=True)
    numbered = credits_.with_columns(note_id=ids, on=pl.col("credit_on"))
    notes = numbered.select(
        "entity_id",
        "customer_id",
        "currency",
        id="note_id",
        number=pl.lit("HZ") + pl.col("on").dt.strftime("%Y%m") + "-" + pl.col("note_id").cast(pl.String).str.zfill(5),
        issued_on="on",
        amount_minor="credit_minor",
        unapplied_minor=pl.lit(0, pl.Int64),
        reason=pl.when(happens(KEY, "why", 500)).then(pl.lit("质量问题折让")).otherwise(pl.lit("退货冲减")),
        booked_at=_booked(as_of),
    )
    applied = numbered.select(
        "customer_id", "currency", item_id=KEY, credit_note_id="note_id", amount_minor="credit_minor", effective_on="on"
    )
    return notes, applied


def _corrected(allocated: pl.DataFrame, *, first: FirstIds, as_of: date) -> pl.DataFrame:
    """Return the allocations with their ids, in the order they were booked; a few were taken back and done again."""
    item = pl.col("item_id")
    numbered = allocated.sort("effective_on", "item_id", "receipt_id").with_columns(
        id=pl.int_range(first.allocation, first.allocation + allocated.height, dtype=pl.Int64),
        again_on=pl.col("effective_on") + pl.duration(days=3),
    )
    wrong = numbered.filter(
        pl.col("receipt_id").is_not_null() & happens(KEY, "wrong", 4) & (pl.col("again_on") < as_of)
    )
    next_id = first.allocation + numbered.height
    back = wrong.with_columns(
        reverses_id=KEY,
        amount_minor=-pl.col("amount_minor"),
        effective_on=pl.col("again_on"),
        reason=pl.lit("核销对象有误，冲回"),
        id=pl.int_range(next_id, next_id + wrong.height, dtype=pl.Int64),
    )
    again = wrong.with_columns(
        effective_on=pl.col("again_on"),
        reason=pl.lit("按付款人指定重新核销"),
        id=pl.int_range(next_id + wrong.height, next_id + 2 * wrong.height, dtype=pl.Int64),
    )
    basis = weighted(item, "basis", {"CONTRACT": 70, "DESIGNATED": 22, "STATUTORY": 8})
    on = pl.col("effective_on").cast(pl.Datetime("us")) + pl.duration(hours=9)
    return pl.concat([numbered, back, again], how="diagonal").select(
        "id",
        "item_id",
        "receipt_id",
        "credit_note_id",
        "currency",
        "amount_minor",
        "effective_on",
        "reverses_id",
        basis=pl.when(pl.col("credit_note_id").is_not_null()).then(pl.lit("MANUAL")).otherwise(basis),
        reason=pl.col("reason").fill_null(""),
        booked_at=on.dt.replace_time_zone("UTC"),
        booked_by_id=pl.lit(None, pl.Int64),
    )
