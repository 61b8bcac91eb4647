"""Which items a payer meant: every way in which the amount of a line is explained by what he owes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from huikuan.cash.rules.match_book import Book, Item
from huikuan.cash.rules.match_payers import Line, Payer
from huikuan.cash.rules.match_sums import sums_of
from huikuan.cash.rules.match_text import END_MIN, key_of

WAYS_MAX: Final = 5
"""More equal explanations are not told apart by showing them."""

NEAR_DAYS: Final = 30
"""A payment from so many days before to so many after the due day is near it."""

_LOOSE: Final = frozenset({"NAMED_PART", "NAMED_OVER", "NAMED_FAR", "NAMED_SEVERAL_PART"})
"""A named item whose amount does not fit: another item of exactly this amount is as likely what was meant."""

_LAST_DIGITS: Final = re.compile(r"([0-9]+)[^0-9]*$")


@dataclass(frozen=True, slots=True)
class Way:
    """One explanation of an amount: how much goes to which item; what is left of the money stays on account."""

    reason: str
    parts: tuple[tuple[int, int], ...]
    extras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Owed:
    """What a payer owes in the currency of the line, as it stands after the lines before."""

    line: Line
    items: Sequence[Item]
    left: dict[int, int]
    charge_minor: int

    def sum_of(self, items: Sequence[Item]) -> int:
        """Add up what is open of some items."""
        return sum(self.left[item.item_id] for item in items)

    def is_short_by_charges(self, short: int) -> bool:
        """Tell whether what is missing are bank charges: those that the bank named, or within the tolerance."""
        return short > 0 and (short == self.line.charges_minor or short <= self.charge_minor)


def ways_of(line: Line, payer: Payer, book: Book, *, ends: set[str], charge_minor: int) -> list[Way]:
    """Return the explanations of the amount by this payer's items, the designated ones first.

    Who names an item means it: without a number the amount speaks. Where neither does, the money goes on account.
    """
    currency = [item for item in payer.items if item.currency == line.currency]
    left = {item.item_id: book.left_of(item) for item in (*currency, *payer.named)}
    owed = Owed(line, [item for item in currency if left[item.item_id] > 0], left, charge_minor)
    named = [item for item in dict.fromkeys(payer.named) if item.currency == line.currency]
    standing = [item for item in named if left[item.item_id] > 0]
    if payer.named and not standing:
        return [Way("NAMED_SETTLED" if named else "NAMED_CURRENCY", ())]
    if standing:
        way = _named(owed, standing)
        if way.reason not in _LOOSE:
            return [way]
        return [
            way,
            *(other for other in _single(owed) if other.parts[0][0] not in {item.item_id for item in standing}),
        ]
    ended = [item for item in owed.items if ends and _ends_with(item, ends)]
    exact = [item for item in ended if left[item.item_id] == line.amount_minor]
    if len(exact) == 1 or (ended and owed.sum_of(ended) == line.amount_minor):
        return [Way("NAMED_SUM", _full(owed, exact if len(exact) == 1 else ended), ("ITEM_SHORT",))]
    return list(_by_amount(owed))[:WAYS_MAX] or [Way("ON_ACCOUNT", ())]


def _ends_with(item: Item, ends: set[str]) -> bool:
    """Tell whether the number ends with something in the text; a few digits must be its whole last group."""
    key = key_of(item.number)
    last = _LAST_DIGITS.search(item.number)
    return any(
        key.endswith(end) if len(end) > END_MIN else last is not None and last[1].lstrip("0") == end.lstrip("0")
        for end in ends
    )


def _full(owed: Owed, items: Sequence[Item]) -> tuple[tuple[int, int], ...]:
    return tuple((item.item_id, owed.left[item.item_id]) for item in items)


def _short(owed: Owed, items: Sequence[Item], short: int) -> tuple[tuple[int, int], ...]:
    """Pay the items in full but for what is missing, which stays open on the largest."""
    largest = max(items, key=lambda item: (owed.left[item.item_id], item.item_id))
    return tuple(
        (item.item_id, owed.left[item.item_id] - (short if item is largest else 0))
        for item in items
        if item is not largest or owed.left[item.item_id] > short
    )


def _in_order(owed: Owed, items: Sequence[Item]) -> tuple[tuple[int, int], ...]:
    """Pay the items in the order in which they were named, as far as the money goes."""
    money = owed.line.amount_minor
    parts: list[tuple[int, int]] = []
    for item in items:
        minor = min(money, owed.left[item.item_id])
        if minor > 0:
            parts.append((item.item_id, minor))
        money -= minor
    return tuple(parts)


def _named(owed: Owed, named: Sequence[Item]) -> Way:  # noqa: PLR0911  one return for each way to be explained
    """Explain the amount by the items that the text names."""
    amount, total = owed.line.amount_minor, owed.sum_of(named)
    if amount == total:
        return Way("NAMED_SUM", _full(owed, named))
    if owed.is_short_by_charges(total - amount):
        return Way("NAMED_CHARGE", _short(owed, named, total - amount))
    if amount == total + sum(item.penalty_minor for item in named):
        return Way("NAMED_PENALTY", _full(owed, named))
    if amount == total - sum(item.discount_minor for item in named):
        return Way("NAMED_DISCOUNT", _short(owed, named, total - amount))
    if amount < total:
        some = sums_of([owed.left[item.item_id] for item in named], amount).only
        if some:
            return Way("NAMED_SOME", _full(owed, [named[place] for place in some]))
        return Way("NAMED_PART" if len(named) == 1 else "NAMED_SEVERAL_PART", _in_order(owed, named))
    others = [item for item in owed.items if item not in named]
    exact = [item for item in others if owed.left[item.item_id] == amount - total]
    if len(exact) == 1:
        return Way("NAMED_MORE", _full(owed, [*named, exact[0]]))
    more = None if exact else sums_of([owed.left[item.item_id] for item in others], amount - total).only
    if more:
        return Way("NAMED_MORE", _full(owed, [*named, *(others[place] for place in more)]))
    return Way("NAMED_OVER" if 2 * (amount - total) <= total else "NAMED_FAR", _full(owed, named))


def _single(owed: Owed) -> list[Way]:
    """Explain the amount by one item of exactly this amount; of several such items each is a way."""
    exact = [item for item in owed.items if owed.left[item.item_id] == owed.line.amount_minor]
    return [Way("AMOUNT_ONE", _full(owed, [item]), _near(owed, item)) for item in exact]


def _near(owed: Owed, item: Item) -> tuple[str, ...]:
    return ("DATE_NEAR",) if abs((owed.line.received_on - item.due_on).days) <= NEAR_DAYS else ()


def _by_amount(owed: Owed) -> Iterator[Way]:
    """Explain the amount by what is open: one item, everything, a sum, or one item and what it bears or lacks."""
    amount, items = owed.line.amount_minor, owed.items
    single = _single(owed)
    if single:
        yield from single
        return
    if len(items) > 1 and owed.sum_of(items) == amount:
        yield Way("AMOUNT_ALL", _full(owed, items))
        return
    sums = sums_of([owed.left[item.item_id] for item in items], amount)
    if sums.only:
        yield Way("AMOUNT_SUM", _full(owed, [items[place] for place in sums.only]))
    elif not sums.is_none:
        yield Way("AMOUNT_SEVERAL", ())
    for item in items:
        left = owed.left[item.item_id]
        if item.penalty_minor > 0 and left + item.penalty_minor == amount:
            yield Way("AMOUNT_PENALTY", ((item.item_id, left),), _near(owed, item))
        elif item.discount_minor > 0 and left - item.discount_minor == amount:
            yield Way("AMOUNT_DISCOUNT", ((item.item_id, amount),), _near(owed, item))
        elif owed.is_short_by_charges(left - amount):
            yield Way("AMOUNT_CHARGE", ((item.item_id, amount),), _near(owed, item))
