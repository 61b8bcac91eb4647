"""Import receipts: money that arrived, allocated to the item that the payer named, else on account."""

from typing import Final

import polars as pl

from huikuan.cash.commands.receive import close_after_import
from huikuan.exchange.commands.context import Importing, Judged, Written, with_customers
from huikuan.exchange.commands.items import AmountNotPositive, booked_otherwise
from huikuan.exchange.rules.comparing import compared
from huikuan.exchange.rules.lists import UNKNOWN_PAYER
from huikuan.exchange.rules.reading import Problem, ReadBatch
from huikuan.kernel.money import format_decimal
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.receivables.commands.bulk import allocate_on_account, book_receipts
from huikuan.storage.among import among
from huikuan.storage.bulk import read_frame

_VALUES: Final = ("customer_id", "received_on", "amount", "currency", "item_number")
_SCHEMA: Final = {
    "id": pl.Int64,
    "reference": pl.String,
    "customer_id": pl.Int64,
    "received_on": pl.Date,
    "amount": pl.Int64,
    "currency": pl.String,
    "item_number": pl.String,
}
_BOOKED: Final = (
    "customer_id", "reference", "received_on", "currency", "amount_minor", "payer_name", "designation", "item_id",
)  # fmt: skip
_ITEM: Final = {
    "item_number": pl.String,
    "item_id": pl.Int64,
    "item_customer_id": pl.Int64,
    "item_currency": pl.String,
    "item_open": pl.Int64,
    "item_issued_on": pl.Date,
}


class ItemUnknown(Refusal):
    """The payer named an item that is not booked."""

    code = "import.item-unknown"
    text = gettext_noop(
        "There is no item “{number}”. Import the items first, correct the number, or leave it empty: "
        "the money then stays on account."
    )


class ItemOfOther(Refusal):
    """The named item is owed by another customer."""

    code = "import.item-of-other"
    text = gettext_noop("Item “{number}” is owed by another customer. Correct the number or the customer.")


class ItemInOtherCurrency(Refusal):
    """The named item is in another currency."""

    code = "import.item-in-other-currency"
    text = gettext_noop("Item “{number}” is in {item_currency}, the money in {currency}. Convert it where it arrived.")


class MoreThanOpen(Refusal):
    """Money was left over."""

    code = "import.more-than-open"
    text = gettext_noop("Item “{number}” needed only {used} of {amount}. The rest is on account.")


class PayerUnknown(Refusal):
    """Nobody's money yet."""

    code = "import.payer-unknown"
    text = gettext_noop("The money is booked without a customer. Recognize it before reminders go out.")


class ReceiptImporter:
    """Receipts of one entity, by reference."""

    def judge(self, read: ReadBatch, importing: Importing) -> Judged:
        """Compare with what is booked, and find the named items."""
        _refuse_not_positive(read, importing)
        is_unknown = pl.col("customer_code") == UNKNOWN_PAYER
        strangers = read.good.filter(is_unknown)
        known = with_customers(read, importing, read.good.filter(~is_unknown))
        rows = pl.concat([known, strangers], how="diagonal").sort("row")
        condition, values = among("reference", "references", rows["reference"].to_list())
        held = read_frame(
            "SELECT id, reference, customer_id, received_on, amount_minor AS amount, currency, "  # noqa: S608
            "CASE WHEN designation <> '' THEN designation END AS item_number "
            f"FROM receivables_receipt WHERE entity_id = %(entity)s AND {condition}",
            {"entity": importing.entity.pk, **values},
            _SCHEMA,
        )
        judged = compared(rows, held, on=["reference"], values=_VALUES)
        read.refuse(
            [
                booked_otherwise(row, "reference")
                for row in judged.filter(pl.col("fate") == "update").iter_rows(named=True)
            ]
        )
        fresh = _with_items(read, judged.filter(pl.col("fate") == "create"), importing)
        return Judged(pl.concat([judged.filter(pl.col("fate") == "unchanged"), fresh], how="diagonal"), _remarks(fresh))

    def write(self, judged: Judged, importing: Importing) -> Written:
        """Book the new ones and what they pay; when asked, what is left by the order; then close the loops."""
        rows = judged.fated("create")
        if rows.is_empty():
            return Written()
        receipts = rows.with_columns(amount_minor="amount", designation="item_number").select(_BOOKED)
        entity_id, actor, now = importing.entity.pk, importing.actor, importing.now
        book_receipts(entity_id=entity_id, receipts=receipts, actor=actor, now=now)
        allocated = rows.filter(pl.col("used") > 0).height
        if importing.allocate:
            payers = rows["customer_id"].drop_nulls().unique().to_list()
            allocated += allocate_on_account(entity_id=entity_id, actor=actor, now=now, customer_ids=payers)
        close_after_import(entity_id=entity_id, references=rows["reference"].to_list(), actor=actor, now=now)
        return Written(allocated=allocated)


def _refuse_not_positive(read: ReadBatch, importing: Importing) -> None:
    bad = read.good.filter(pl.col("amount") <= 0)
    currency = importing.entity.currency
    read.refuse(
        [
            Problem(row, "amount", text := format_decimal(amount, code or currency), AmountNotPositive(amount=text))
            for row, amount, code in bad.select("row", "amount", "currency").iter_rows()
        ]
    )


def _with_items(read: ReadBatch, rows: pl.DataFrame, importing: Importing) -> pl.DataFrame:
    """Add the named item and `used`, what of the money it takes; refuse rows that name what they cannot pay."""
    condition, values = among("number", "numbers", rows["item_number"].drop_nulls().unique().to_list())
    items = read_frame(
        "SELECT number AS item_number, id AS item_id, customer_id AS item_customer_id, currency AS item_currency, "  # noqa: S608
        "open_minor AS item_open, issued_on AS item_issued_on "
        f"FROM receivables_openitem WHERE entity_id = %(entity)s AND {condition}",
        {"entity": importing.entity.pk, **values},
        _ITEM,
    )
    rows = rows.join(items, on="item_number", how="left", maintain_order="left")
    rows = rows.with_columns(pl.col("currency").fill_null(importing.entity.currency))
    problems = []
    for row in rows.filter(pl.col("item_number").is_not_null()).iter_rows(named=True):
        refusal = _why_not(row)
        if refusal:
            problems.append(Problem(row["row"], "item_number", row["item_number"], refusal))
    read.refuse(problems)
    rows = rows.filter(~pl.col("row").is_in([problem.row for problem in problems]))
    ordered = rows.sort("received_on", "row")
    before = pl.col("amount").cum_sum().over("item_id") - pl.col("amount")
    used = pl.min_horizontal("amount", (pl.col("item_open") - before).clip(lower_bound=0))
    return ordered.with_columns(used=pl.when(pl.col("item_id").is_not_null()).then(used).otherwise(0)).sort("row")


def _why_not(row: dict[str, object]) -> Refusal | None:
    number = row["item_number"]
    if row["item_id"] is None:
        return ItemUnknown(number=number)
    if row["item_customer_id"] != row["customer_id"]:
        return ItemOfOther(number=number)
    if row["item_currency"] != row["currency"]:
        return ItemInOtherCurrency(number=number, item_currency=row["item_currency"], currency=row["currency"])
    return None


def _remarks(rows: pl.DataFrame) -> list[Problem]:
    """Say where money was left over and where nobody is known to have paid."""
    left = rows.filter(pl.col("item_id").is_not_null() & (pl.col("used") < pl.col("amount")))
    found = [
        Problem(
            row,
            "item_number",
            number,
            MoreThanOpen(number=number, used=format_decimal(used, currency), amount=format_decimal(amount, currency)),
        )
        for row, number, used, amount, currency in left.select(
            "row", "item_number", "used", "amount", "currency"
        ).iter_rows()
    ]
    strangers = rows.filter(pl.col("customer_id").is_null())
    return found + [Problem(row, "customer_code", UNKNOWN_PAYER, PayerUnknown()) for row in strangers["row"]]
