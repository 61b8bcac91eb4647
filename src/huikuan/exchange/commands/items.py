"""Import open items and credit notes: new ones are booked, known ones compared, never changed."""

from typing import Final

import polars as pl

from huikuan.exchange.commands.context import Importing, Judged, Written, with_customers
from huikuan.exchange.rules.comparing import NOW, compared
from huikuan.exchange.rules.reading import Problem, ReadBatch
from huikuan.journal.commands import record
from huikuan.kernel.money import format_decimal
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.receivables.commands.bulk import book_items
from huikuan.storage.among import among
from huikuan.storage.bulk import insert_frame, read_frame

CREDIT_NOTE: Final = "CREDIT_NOTE"
_VALUES: Final = ("customer_id", "contract_id", "kind", "issued_on", "due_on", "amount", "currency")
_SCHEMA: Final = {
    "id": pl.Int64,
    "number": pl.String,
    "customer_id": pl.Int64,
    "contract_id": pl.Int64,
    "kind": pl.String,
    "issued_on": pl.Date,
    "due_on": pl.Date,
    "amount": pl.Int64,
    "currency": pl.String,
}
_HELD: Final = """
    SELECT id, number, customer_id, contract_id, kind, issued_on, due_on, amount_minor AS amount, currency
    FROM receivables_openitem WHERE entity_id = %(entity)s AND {condition}
    UNION ALL
    SELECT id, number, customer_id, NULL, 'CREDIT_NOTE', issued_on, NULL, amount_minor, currency
    FROM receivables_creditnote WHERE entity_id = %(entity)s AND {condition}"""
_BOOKED: Final = (
    "customer_id", "contract_id", "number", "kind", "issued_on", "due_on", "currency", "amount_minor", "terms_id",
)  # fmt: skip
_SAID_AS: Final = {"customer_id": "customer_code", "contract_id": "contract_number"}


class AmountNotPositive(Refusal):
    """An item of nothing, or of less."""

    code = "import.amount-not-positive"
    text = gettext_noop("The amount is {amount}. An item is more than zero; what reduces a debt is a credit_note.")


class ContractUnknown(Refusal):
    """No contract has this number."""

    code = "import.contract-unknown"
    text = gettext_noop(
        "There is no contract “{number}” of this customer. "
        "Import the contracts first, correct the number, or leave it empty."
    )


class BookedOtherwise(Refusal):
    """The ledger has it with other values."""

    code = "import.booked-otherwise"
    text = gettext_noop(
        "“{number}” is booked with {held} and the file says {said}. What is booked is never overwritten: "
        "book the difference as a credit note or debit note, or reverse it and book it anew under another number."
    )


class DueBeforeIssue(Refusal):
    """It exists in real ledgers; accepted."""

    code = "import.due-before-issue"
    text = gettext_noop(
        "It falls due on {due_on}, before it was issued on {issued_on}. It was imported; check both days."
    )


class ItemImporter:
    """Open items and credit notes of one entity, by number."""

    def judge(self, read: ReadBatch, importing: Importing) -> Judged:
        """Compare with what is booked."""
        rows = _signed(read, with_customers(read, importing), importing)
        rows = _with_contracts(read, rows, importing)
        condition, values = among("number", "numbers", rows["number"].to_list())
        held = read_frame(_HELD.format(condition=condition), {"entity": importing.entity.pk, **values}, _SCHEMA)
        held = held.sort(pl.col("kind") == CREDIT_NOTE).unique("number", keep="first")
        said = rows.with_columns(due_on=pl.when(pl.col("kind").ne_missing(CREDIT_NOTE)).then("due_on"))
        judged = compared(said, held, on=["number"], values=_VALUES).with_columns(due_on=rows["due_on"])
        differing = judged.filter(pl.col("fate") == "update")
        read.refuse([booked_otherwise(row, "number") for row in differing.iter_rows(named=True)])
        kept = judged.filter(pl.col("fate") != "update")
        return Judged(kept, _due_before_issue(kept))

    def write(self, judged: Judged, importing: Importing) -> Written:
        """Book the new ones, under the terms of their contract or else those of the entity."""
        rows = judged.fated("create").with_columns(issued_on=pl.coalesce("issued_on", "due_on"), amount_minor="amount")
        is_note = pl.col("kind").eq_missing(pl.lit(CREDIT_NOTE))
        items, notes = rows.filter(~is_note), rows.filter(is_note)
        if items.height:
            book_items(
                entity_id=importing.entity.pk, items=items.select(_BOOKED), actor=importing.actor, now=importing.now
            )
        if notes.height:
            _book_credit_notes(notes, importing)
        return Written()


def _book_credit_notes(rows: pl.DataFrame, importing: Importing) -> None:
    """Put credit notes on account; what they pay is decided later, like money."""
    notes = rows.select(
        "customer_id", "number", "issued_on", "amount_minor",
        pl.lit(importing.entity.pk, dtype=pl.Int64).alias("entity_id"),
        pl.col("currency").fill_null(importing.entity.currency),
        pl.col("amount_minor").alias("unapplied_minor"),
        pl.lit("").alias("reason"),
        pl.lit(importing.now).cast(pl.Datetime("us", "UTC")).alias("booked_at"),
    )  # fmt: skip
    insert_frame("receivables_creditnote", notes)
    record(
        "receivables.credit-notes-booked", now=importing.now, actor=importing.actor, entity_id=importing.entity.pk,
        count=notes.height,
    )  # fmt: skip


def _signed(read: ReadBatch, rows: pl.DataFrame, importing: Importing) -> pl.DataFrame:
    """Take credit notes without their sign, and refuse everything else that is not more than zero."""
    is_note = pl.col("kind").eq_missing(pl.lit(CREDIT_NOTE))
    rows = rows.with_columns(amount=pl.when(is_note).then(pl.col("amount").abs()).otherwise("amount"))
    bad = rows.filter(pl.col("amount") <= 0)
    currency = importing.entity.currency
    read.refuse(
        [
            Problem(row, "amount", text := format_decimal(amount, code or currency), AmountNotPositive(amount=text))
            for row, amount, code in bad.select("row", "amount", "currency").iter_rows()
        ]
    )
    return rows.filter(pl.col("amount") > 0)


def _with_contracts(read: ReadBatch, rows: pl.DataFrame, importing: Importing) -> pl.DataFrame:
    """Add contract_id and the terms of the contract; refuse rows whose contract is unknown or another customer's."""
    numbers = rows["contract_number"].drop_nulls().unique().to_list()
    condition, values = among("number", "numbers", numbers)
    held = read_frame(
        f"SELECT number AS contract_number, id AS contract_id, customer_id, terms_id FROM receivables_contract "  # noqa: S608
        f"WHERE entity_id = %(entity)s AND {condition}",
        {"entity": importing.entity.pk, **values},
        {"contract_number": pl.String, "contract_id": pl.Int64, "customer_id": pl.Int64, "terms_id": pl.Int64},
    )
    rows = rows.join(held, on=["contract_number", "customer_id"], how="left", maintain_order="left")
    is_lost = pl.col("contract_number").is_not_null() & pl.col("contract_id").is_null()
    read.refuse(
        [
            Problem(row, "contract_number", number, ContractUnknown(number=number))
            for row, number in rows.filter(is_lost).select("row", "contract_number").iter_rows()
        ]
    )
    return rows.filter(~is_lost)


def booked_otherwise(row: dict[str, object], key: str) -> Problem:
    """Say in which values a row, named by its key, differs from what is booked."""
    differs = row["differs"]
    names = [str(name) for name in differs] if isinstance(differs, list) else []
    held = ", ".join(f"{_SAID_AS.get(name, name)} {_written(row, name, NOW)}" for name in names)
    said = ", ".join(f"{_SAID_AS.get(name, name)} {_written(row, name, '')}" for name in names)
    first = _SAID_AS.get(names[0], names[0])
    shown = _written(row, names[0], "")
    return Problem(int(str(row["row"])), first, shown, BookedOtherwise(number=row[key], held=held, said=said))


def _written(row: dict[str, object], name: str, suffix: str) -> str:
    value = row[name + suffix]
    if name == "amount" and isinstance(value, int):
        return format_decimal(value, str(row["currency" + NOW]))
    if name in _SAID_AS and not suffix:
        return str(row[_SAID_AS[name]])
    return "–" if value is None else str(value).lower() if name == "kind" else str(value)


def _due_before_issue(rows: pl.DataFrame) -> list[Problem]:
    odd = rows.filter(pl.col("due_on") < pl.col("issued_on"))
    return [
        Problem(row, "due_on", str(due_on), DueBeforeIssue(due_on=due_on, issued_on=issued_on))
        for row, due_on, issued_on in odd.select("row", "due_on", "issued_on").iter_rows()
    ]
