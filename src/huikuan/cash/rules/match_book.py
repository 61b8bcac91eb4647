"""What may be paid and who may have paid: open items, customers, contracts and what was learned, ready to be asked.

The items stay columns; only those that the lines at hand can mean become objects. A ledger of a million open items is
so one frame, and a chunk of lines costs what it touches.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

import polars as pl

from huikuan.cash.rules.match_names import NameIndex, name_of
from huikuan.cash.rules.match_text import KEY_MIN, digits_of, key_column

ITEM_SCHEMA: Final = {
    "item_id": pl.Int64,
    "customer_id": pl.Int64,
    "number": pl.String,
    "currency": pl.String,
    "open_minor": pl.Int64,
    "due_on": pl.Date,
    "penalty_minor": pl.Int64,
    "discount_minor": pl.Int64,
}
"""Open items. penalty_minor: accrued; discount_minor: what may be deducted when paid now. Both mostly 0."""

CUSTOMER_SCHEMA: Final = {
    "customer_id": pl.Int64,
    "code": pl.String,
    "name": pl.String,
    "registration_no": pl.String,
    "parent_id": pl.Int64,
}
CONTRACT_SCHEMA: Final = {"customer_id": pl.Int64, "number": pl.String}
PAYER_SCHEMA: Final = {
    "kind": pl.String,
    "key": pl.String,
    "customer_id": pl.Int64,
    "confirmed_count": pl.Int64,
    "rejected_count": pl.Int64,
}
"""What was learned: kind ACCOUNT or NAME, key as `payer_key` writes it."""

LAST_DIGITS_MIN: Final = 5
TAIL_MIN: Final = 6
DIGITS_WHOLE_MIN: Final = 8


class Item(NamedTuple):
    """An open item, as the rules see it."""

    item_id: int
    customer_id: int
    number: str
    currency: str
    open_minor: int
    due_on: date
    penalty_minor: int
    discount_minor: int


@dataclass(slots=True)
class Page:
    """What the book says about one chunk of lines.

    `numbers`: key in a text → (item ids, True when the number is written whole). `count_of`: how many items of one
    currency are open with exactly this amount, counted down as items are paid; `owner_of`: of such an amount that is
    there once, the customer.
    """

    numbers: dict[str, tuple[list[Item], bool]] = field(default_factory=dict)
    open_of: dict[int, list[Item]] = field(default_factory=dict)
    count_of: dict[tuple[str, int], int] = field(default_factory=dict)
    owner_of: dict[tuple[str, int], int] = field(default_factory=dict)


class Book:
    """Everything of one entity that a line may be matched with."""

    def __init__(
        self, *, items: pl.DataFrame, customers: pl.DataFrame, contracts: pl.DataFrame, payers: pl.DataFrame
    ) -> None:
        self.left: dict[int, int] = {}
        """What is still open of items that lines of this book already paid."""
        self._items = items.select(*ITEM_SCHEMA).sort("due_on", "item_id")
        self._keys = _keys(self._items)
        self.names = NameIndex(customers.select("customer_id", "name").sort("customer_id").iter_rows())
        self.codes = _codes(customers, contracts)
        self.children = _children(customers)
        self.learned = _learned(payers)

    def left_of(self, item: Item) -> int:
        """Return what is still open of an item."""
        return self.left.get(item.item_id, item.open_minor)

    def pay(self, parts: Iterable[tuple[int, int]], page: Page, items: Mapping[int, Item]) -> None:
        """Take what a line pays off its items, so that no later line pays it again."""
        for item_id, minor in parts:
            item = items[item_id]
            left = self.left_of(item)
            self.left[item_id] = left - minor
            if (item.currency, left) in page.count_of:
                page.count_of[item.currency, left] -= 1
            if (item.currency, left - minor) in page.count_of:
                page.count_of[item.currency, left - minor] += 1

    def numbered(self, page: Page, probes: set[str]) -> None:
        """Put the items whose number, or its end, is among the probes on the page."""
        asked = pl.DataFrame({"key": sorted(probes)}, schema={"key": pl.String})
        hits = asked.join(self._keys, on="key").join(self._items, on="item_id").sort("key", "due_on", "item_id")
        for key, is_whole, *values in hits.select("key", "is_whole", *ITEM_SCHEMA).iter_rows():
            found, whole = page.numbers.setdefault(key, ([], is_whole))
            if is_whole == whole:
                found.append(Item(*values))
            elif is_whole:
                page.numbers[key] = ([Item(*values)], True)

    def priced(self, page: Page, amounts: pl.DataFrame) -> None:
        """Count the open items of each amount (currency, amount_minor) on the page, as things stand now."""
        now = self._items.select("item_id", "customer_id", "currency", "open_minor")
        if self.left:
            paid = pl.DataFrame({"item_id": list(self.left), "left": list(self.left.values())})
            now = now.join(paid, on="item_id", how="left").with_columns(open_minor=pl.coalesce("left", "open_minor"))
        wanted = amounts.select("currency", open_minor="amount_minor").unique()
        counted = now.join(wanted, on=["currency", "open_minor"]).group_by("currency", "open_minor")
        for currency, minor in wanted.iter_rows():
            page.count_of[currency, minor] = 0
        for currency, minor, count, owner in counted.agg(pl.len(), pl.col("customer_id").first()).iter_rows():
            page.count_of[currency, minor] = count
            if count == 1:
                page.owner_of[currency, minor] = owner

    def opened(self, page: Page, customer_ids: set[int]) -> None:
        """Put the open items of the customers on the page, oldest due first."""
        wanted = pl.DataFrame({"customer_id": sorted(customer_ids)}, schema={"customer_id": pl.Int64})
        for row in self._items.join(wanted, on="customer_id", how="semi", maintain_order="left").iter_rows():
            page.open_of.setdefault(row[1], []).append(Item(*row))


def payer_key(text: str) -> str:
    """Return a payer's account or name as it is learned: capitals, digits and Chinese characters only."""
    return name_of(text).full


def _keys(items: pl.DataFrame) -> pl.DataFrame:
    """Return key → item_id: whole numbers, numbers without letters, and the last group of digits."""
    whole = items.select("item_id", "number", key=key_column("number"))
    bare = whole.with_columns(key=digits_of(pl.col("key")))
    last = whole.with_columns(key=pl.col("number").str.normalize("NFKC").str.extract(r"([0-9]+)[^0-9]*$"))
    frames = [
        whole.filter(pl.col("key").str.len_bytes() >= KEY_MIN).with_columns(
            # A few digits alone may be anything: such a number counts as the end of one.
            is_whole=pl.col("key").str.contains("[A-Z]") | (pl.col("key").str.len_bytes() >= DIGITS_WHOLE_MIN)
        ),
        bare.filter(pl.col("key").str.len_bytes() >= TAIL_MIN).with_columns(is_whole=pl.lit(False)),
        last.filter(pl.col("key").str.len_bytes() >= LAST_DIGITS_MIN).with_columns(is_whole=pl.lit(False)),
    ]
    keys = pl.concat([frame.select("key", "item_id", "is_whole") for frame in frames])
    return keys.group_by("key", "item_id").agg(pl.col("is_whole").max())


def _codes(customers: pl.DataFrame, contracts: pl.DataFrame) -> dict[str, list[tuple[int, str]]]:
    """Return what else names a customer in a text: his code, his registration number, his contracts."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for frame, column, reason in (
        (customers, "code", "CUSTOMER_CODE"),
        (customers, "registration_no", "REGISTRATION_NO"),
        (contracts, "number", "CONTRACT_NUMBER"),
    ):
        keyed = frame.select("customer_id", key=key_column(column)).filter(pl.col("key").str.len_bytes() >= KEY_MIN)
        for customer_id, key in keyed.sort("customer_id").iter_rows():
            found[key].append((customer_id, reason))
    return found


def _children(customers: pl.DataFrame) -> dict[int, list[int]]:
    """Return the customers of each parent."""
    found: dict[int, list[int]] = defaultdict(list)
    pairs = customers.filter(pl.col("parent_id").is_not_null()).select("parent_id", "customer_id")
    for parent_id, customer_id in pairs.sort("customer_id").iter_rows():
        found[parent_id].append(customer_id)
    return found


def _learned(payers: pl.DataFrame) -> dict[tuple[str, str], list[int]]:
    """Return the customers for whom an account or a name was confirmed more often than rejected."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    good = payers.filter(pl.col("confirmed_count") > pl.col("rejected_count"))
    for kind, key, customer_id in good.select("kind", "key", "customer_id").sort("customer_id").iter_rows():
        found[kind, key].append(customer_id)
    return found


def empty(schema: Mapping[str, type[pl.DataType]], rows: Sequence[tuple[object, ...]] = ()) -> pl.DataFrame:
    """Return rows as a frame of one of the schemas."""
    return pl.DataFrame(list(rows), schema=dict(schema), orient="row")
