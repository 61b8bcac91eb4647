"""What a sum of money pays (抵充): as the payer said, else as the contract says, else Civil Code art. 560 and 561."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

import polars as pl

from huikuan.kernel.columns import check_bounds

PRINCIPAL_FIRST: Final = "PRINCIPAL_FIRST"
STATUTORY: Final = "STATUTORY"
DESIGNATED: Final = "DESIGNATED"
CONTRACT: Final = "CONTRACT"

PREVIEW_SCHEMA: Final = pl.Schema(
    {
        "item_id": pl.Int64,
        "principal_minor": pl.Int64,
        "interest_minor": pl.Int64,
        "costs_minor": pl.Int64,
        "basis": pl.String,
    }
)
"""What each item receives, in the order of payment; items that receive nothing are left out."""

_OPTIONAL: Final = ("interest_minor", "costs_minor", "secured_minor", "burden_ppb")
_WITHIN_ONE_DEBT: Final = ("costs_minor", "interest_minor", "principal_minor")
"""Civil Code 561: costs of enforcing the claim, then interest, then the principal."""

Debt = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What a kept plan says of money that names nothing (decision 0063).

    Attributes:
        debts: Ids of the debts in it.
        due_minor: What is due of them now, in all: it comes before any other debt. What they cannot take of it, because
            the penalty that the plan keeps is no item yet, waits for the plan on account.
        rest_due_on: When more of them falls due; until then other debts that are due come first.
    """

    debts: frozenset[int]
    due_minor: int
    rest_due_on: date


def preview(
    debts: pl.DataFrame, *, sum_minor: int, order: str, as_of: date, designated: Sequence[int] = ()
) -> pl.DataFrame:
    """Show what a sum would pay; nothing is booked. What it does not reach stays with the payer, on account.

    Args:
        debts: Of one customer and currency: item_id, issued_on, due_on, open_minor; where known also interest_minor
            and costs_minor (claims beside the principal), secured_minor (how much of it is covered by security) and
            burden_ppb (what it costs the debtor to leave it open; the heavier is paid first).
        sum_minor: The money, in minor units.
        order: PRINCIPAL_FIRST (by contract: principal, oldest due first; only then interest, then costs) or STATUTORY
            (art. 560 between debts: due, least secured, heavier, earlier due, in proportion; art. 561 inside each).
        as_of: The day of the payment: what is due by then counts as due.
        designated: Items that the payer named, in his order; they come before everything else.

    Returns: `PREVIEW_SCHEMA`.

    Raises: ValueError for an unknown order or a negative sum: the caller is wrong, not the payer.
    """
    if order not in {PRINCIPAL_FIRST, STATUTORY} or sum_minor < 0:
        message = f"cannot allocate {sum_minor} by {order!r}"
        raise ValueError(message)
    given = debts.with_columns(pl.lit(0, pl.Int64).alias(name) for name in _OPTIONAL if name not in debts.columns)
    check_bounds(given, "open_minor", *_OPTIONAL, key="item_id")
    claims = [row | {"principal_minor": row["open_minor"]} for row in given.iter_rows(named=True)]
    paid = pay_out(claims, sum_minor=sum_minor, order=order, as_of=as_of, designated=designated)
    return pl.DataFrame(paid, schema=PREVIEW_SCHEMA)


def pay_out(
    claims: Sequence[Debt],
    *,
    sum_minor: int,
    order: str,
    as_of: date,
    designated: Sequence[int] = (),
    agreed: Agreed | None = None,
) -> list[Debt]:
    """Do the same on plain rows, which hold principal_minor and every optional column of `preview`.

    For many small accounts one after another, where a frame for each would cost more than the answer. `agreed`: what is
    due by a kept plan comes after what the payer named and before the order.
    """
    named = [debt for item_id in designated for debt in claims if debt["item_id"] == item_id]
    others = [debt for debt in claims if debt["item_id"] not in set(designated)]
    paid: list[Debt] = []
    rest = sum_minor
    for debt in named:
        rest = _pay(debt, rest, paid, basis=DESIGNATED, parts=_parts(order))
    turns = [others]
    if agreed is not None:
        rest, turns = _pay_as_agreed(agreed, others, rest, paid, order=order, as_of=as_of)
    for debts in turns:
        rest = _pay_by_order(debts, rest, paid, order=order, as_of=as_of)
    return _merged(paid)


def _pay_by_order(debts: list[Debt], available: int, paid: list[Debt], *, order: str, as_of: date) -> int:
    if order == PRINCIPAL_FIRST:
        return _pay_principal_first(debts, available, paid)
    for equals in _in_statutory_order(debts, as_of):
        available = _pay_in_proportion(equals, available, paid)
    return available


def _pay_as_agreed(
    agreed: Agreed, debts: list[Debt], available: int, paid: list[Debt], *, order: str, as_of: date
) -> tuple[int, list[list[Debt]]]:
    """Pay what a plan says is due; return what is left of the money, and the other debts in their turns."""
    named = sum(line.get(part, 0) for line in paid if line["item_id"] in agreed.debts for part in _WITHIN_ONE_DEBT)
    due = min(available, max(agreed.due_minor - named, 0))
    of_plan = [debt for debt in debts if debt["item_id"] in agreed.debts]
    others = [debt for debt in debts if debt["item_id"] not in agreed.debts]
    lines: list[Debt] = []
    _pay_by_order(of_plan, due, lines, order=order, as_of=as_of)
    paid += [line | {"basis": CONTRACT} for line in lines]
    rest_of_plan = [_less(debt, [line for line in lines if line["item_id"] == debt["item_id"]]) for debt in of_plan]
    before = [debt for debt in others if debt["due_on"] < agreed.rest_due_on]
    after = [debt for debt in others if debt["due_on"] >= agreed.rest_due_on]
    return available - due, [before, rest_of_plan, after]


def _less(debt: Debt, lines: list[Debt]) -> Debt:
    """Return a debt less what was paid of it."""
    return debt | {part: debt[part] - sum(line.get(part, 0) for line in lines) for part in _WITHIN_ONE_DEBT}


def _parts(order: str) -> tuple[str, ...]:
    return _WITHIN_ONE_DEBT if order == STATUTORY else tuple(reversed(_WITHIN_ONE_DEBT))


def _pay(debt: Debt, available: int, paid: list[Debt], *, basis: str, parts: Sequence[str]) -> int:
    """Pay the parts of one debt in their order; return what is left of the money."""
    line: Debt = {"item_id": debt["item_id"], "basis": basis}
    for part in parts:
        line[part] = min(available, debt[part])
        available -= line[part]
    if any(line[part] for part in parts):
        paid.append(line)
    return available


def _pay_principal_first(debts: list[Debt], available: int, paid: list[Debt]) -> int:
    """Pay every principal, the oldest due first, then what lies beside."""
    ordered = sorted(debts, key=lambda debt: (debt["due_on"], debt["issued_on"], debt["item_id"]))
    for part in _parts(PRINCIPAL_FIRST):
        for debt in ordered:
            available = _pay(debt, available, paid, basis=CONTRACT, parts=(part,))
    return available


def _in_statutory_order(debts: list[Debt], as_of: date) -> Iterator[list[Debt]]:
    """Return groups of debts that the law treats alike, in its order (art. 560)."""

    def rank(debt: Debt) -> tuple[bool, int, int, date]:
        return debt["due_on"] > as_of, debt["secured_minor"], -debt["burden_ppb"], debt["due_on"]

    ordered = sorted(debts, key=lambda debt: (*rank(debt), debt["item_id"]))
    return (list(equals) for _, equals in groupby(ordered, key=rank))


def _pay_in_proportion(equals: list[Debt], available: int, paid: list[Debt]) -> int:
    """Share the money among equal debts by their size; a single one takes what it can."""
    claims = [sum(debt[part] for part in _WITHIN_ONE_DEBT) for debt in equals]
    shares = split_in_proportion(min(available, sum(claims)), claims)
    for debt, share in zip(equals, shares, strict=True):
        _pay(debt, share, paid, basis=STATUTORY, parts=_WITHIN_ONE_DEBT)
    return available - sum(shares)


def split_in_proportion(sum_minor: int, weights: Sequence[int]) -> list[int]:
    """Split a sum by weights into whole minor units that add up to it; the largest remainders get the odd units.

    Equal remainders: the earlier part. All weights zero: nothing to anybody.
    """
    whole = sum(weights)
    if not whole:
        return [0 for _ in weights]
    parts = [divmod(sum_minor * weight, whole) for weight in weights]
    odd = sum_minor - sum(share for share, _ in parts)
    lucky = set(sorted(range(len(parts)), key=lambda position: (-parts[position][1], position))[:odd])
    return [share + (position in lucky) for position, (share, _) in enumerate(parts)]


def _merged(paid: list[Debt]) -> list[Debt]:
    """Return one row per item, in the order in which each was first reached, on the ground of that."""
    lines: dict[int, Debt] = {}
    for line in paid:
        nothing: Debt = {"item_id": line["item_id"], "basis": line["basis"]} | dict.fromkeys(_WITHIN_ONE_DEBT, 0)
        kept = lines.setdefault(line["item_id"], nothing)
        for part in _WITHIN_ONE_DEBT:
            kept[part] += line.get(part, 0)
    return list(lines.values())


def oldest_first(items: pl.DataFrame, money: pl.DataFrame) -> pl.DataFrame:
    """Set much money against many items at once: per customer and currency, the oldest due is paid by the oldest money.

    The same as `preview` with PRINCIPAL_FIRST for one piece of money after another; for imports of whole ledgers.

    Args:
        items: item_id, customer_id, currency, issued_on, due_on, open_minor.
        money: source_id, customer_id, currency, received_on, unapplied_minor.

    Returns: source_id, item_id, amount_minor, received_on; every pair once, by customer, currency and time.
    """
    check_bounds(items, "open_minor", key="item_id")
    check_bounds(money, "unapplied_minor", key="source_id")
    side = ["customer_id", "currency"]
    claims = _laid_out(items, "open_minor", by=["due_on", "issued_on", "item_id"]).select(*side, "end", "item_id")
    means = _laid_out(money, "unapplied_minor", by=["received_on", "source_id"]).select(
        *side, "end", "source_id", "received_on"
    )
    # Lay both out on one line of money per customer: each stretch between two ends is one item paid by one source.
    ends = pl.concat([claims.select(*side, "end"), means.select(*side, "end")]).unique().sort(*side, "end")
    stretches = ends.with_columns(amount_minor=pl.col("end") - pl.col("end").shift(1).over(side).fill_null(0)).sort(
        "end"
    )
    covered = stretches.join_asof(claims.sort("end"), on="end", by=side, strategy="forward", check_sortedness=False)
    covered = covered.join_asof(means.sort("end"), on="end", by=side, strategy="forward", check_sortedness=False)
    return (
        covered.drop_nulls(["item_id", "source_id"])
        .sort(*side, "end")
        .select("source_id", "item_id", "amount_minor", "received_on")
    )


def _laid_out(frame: pl.DataFrame, amount: str, *, by: list[str]) -> pl.DataFrame:
    """Add `end`: where the amount ends when those of a customer and currency are laid one after another."""
    side = ["customer_id", "currency"]
    kept = frame.filter(pl.col(amount) > 0).sort(*side, *by)
    return kept.with_columns(end=pl.col(amount).cum_sum().over(side))
