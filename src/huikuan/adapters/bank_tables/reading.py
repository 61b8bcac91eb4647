"""Rows of a bank's export as lines of a statement."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from huikuan.adapters.bank_tables import cells
from huikuan.adapters.bank_tables.layout import Layout
from huikuan.cash.rules.statement import (
    BankLine,
    Closing,
    Part,
    Remark,
    Section,
    account_number,
    tidy_reference,
)
from huikuan.exchange.ports import Table
from huikuan.kernel.refusal import Refusal, gettext_noop


class CellWrong(Refusal):
    """A cell is not what its column holds."""

    code = "bank.cell-wrong"
    text = gettext_noop("Row {row}, “{heading}”: {why} Nothing was imported.")


class AmountMissing(Refusal):
    """A row with a day and no amount, or with both an income and an expense."""

    code = "bank.amount-missing"
    text = gettext_noop("The row has not exactly one amount (in or out).")


class FlagUnknown(Refusal):
    """Neither in nor out."""

    code = "bank.flag-unknown"
    text = gettext_noop("“{value}” says neither in nor out.")


class RowCut(Refusal):
    """The file ends within a row."""

    code = "bank.row-cut"
    text = gettext_noop("The row ends before its amount: the file was cut. Export it again.")


_ROWS_AT_ONCE: Final = 2_000
_SHORTEST_DAY: Final = len("26/1/1")
_REVERSALS: Final = re.compile("冲正|冲销|退票|退汇|REVERSAL|RETURNED")


@dataclass
class RowReader:
    """Reads row after row; keeps only what the end of the file will be compared with."""

    layout: Layout
    headings: Sequence[str]
    row: int = 0
    neutral: int = 0
    void: int = 0
    accounts: set[str] = field(default_factory=set)
    totals: dict[str, int] = field(default_factory=dict)
    _is_below_sums: bool = False

    def parts(self, table: Table) -> Iterator[Part]:
        """Yield the statement in the table."""
        section = self.layout.account
        yield Section(place=self.layout.header_row + 1, account=section)
        for batch in table.batches(after=self.layout.header_row + 1, size=_ROWS_AT_ONCE):
            for self.row, row in enumerate(batch.rows, start=batch.first_row):
                line = self._line(row)
                if line is None:
                    continue
                own = account_number(self._text(row, "own_account")) or self.layout.account
                if own != section:
                    section = own
                    yield Section(place=self.row, account=own)
                self.accounts.add(own)
                yield line
        yield from self._end()

    def _end(self) -> Iterator[Part]:
        for code, number in (("neutral", self.neutral), ("void", self.void)):
            if number:
                yield Remark(code, self.row, str(number))
        has_balance = "balance" in self.layout.columns
        if not has_balance and not self.layout.totals and not self.totals:
            yield Remark("no-balances", self.layout.header_row + 1)
        if len(self.accounts) == 1:
            stated = {**self._stated_above(), **self.totals}
            debit = stated.get("debit")
            yield Closing(
                place=self.row, credit_minor=stated.get("credit"), debit_minor=None if debit is None else -abs(debit)
            )

    def _stated_above(self) -> dict[str, int]:
        currency = self.layout.profile.currency
        found = {name: cells.amount(text, currency) for name, text in self.layout.totals.items() if name != "count"}
        return {name: minor for name, minor in found.items() if minor is not None}

    def _cell(self, row: Sequence[str], name: str) -> str:
        at = self.layout.columns.get(name, ())
        return row[at[0]] if at and at[0] < len(row) else ""

    def _text(self, row: Sequence[str], name: str) -> str:
        return cells.said(self._cell(row, name))

    def _wrong(self, why: Refusal, name: str) -> CellWrong:
        at = self.layout.columns[name][0]
        return CellWrong(row=self.row, heading=cells.clean(self.headings[at]), why=str(why))

    def _line(self, row: Sequence[str]) -> BankLine | None:
        if not any(map(str.strip, row)) or self._is_note(row):
            return None
        profile = self.layout.profile
        if self._starts(self._text(row, "status"), "void"):
            self.void += 1
            return None
        currency = cells.currency(self._cell(row, "currency"))
        try:
            booked_on = cells.day(self._cell(row, "booked_on"), profile.order)
        except Refusal as why:
            raise self._wrong(why, "booked_on") from None
        currency, minor = self._amount(row, currency)
        if minor is None:
            self.neutral += 1
            return None
        name, account = self._counterparty(row, incoming=minor > 0)
        value_text = self._text(row, "value_on")
        words = [cells.said(row[at]) for at in self.layout.columns.get("remittance", ()) if at < len(row)]
        return BankLine(
            row=self.row,
            booked_on=booked_on,
            value_on=cells.day(value_text, profile.order) if value_text else None,
            currency=currency,
            amount_minor=minor,
            charges_minor=abs(self._money(row, "charges", currency) or 0),
            balance_minor=self._money(row, "balance", currency),
            counterparty_name=name,
            counterparty_account=account,
            remittance=" ".join(dict.fromkeys(word for word in words if word)),
            bank_reference=tidy_reference(cells.number(self._cell(row, "bank_reference"))),
            end_to_end_id=tidy_reference(cells.number(self._cell(row, "end_to_end_id"))),
            kind=self._text(row, "kind"),
            is_reversal=bool(_REVERSALS.search(" ".join([self._text(row, "kind"), *words]))),
        )

    def _is_note(self, row: Sequence[str]) -> bool:
        """Tell whether a row is a sum or a remark of the bank; a sum is kept for the comparison at the end."""
        day = cells.clean(self._cell(row, "booked_on"))
        if len(day) >= _SHORTEST_DAY and day[0].isdigit():
            return False
        filled = [text for cell in row if (text := cells.clean(cell))]
        if not filled:
            return True
        begins = cells.clean(row[0]) or filled[0]
        if self._is_below_sums and begins[0].isdigit():
            return True
        if not any(re.match(pattern, begins, re.IGNORECASE) for pattern in self.layout.profile.skip):
            return len(filled) == 1 and not day  # a lone remark in another column
        self._is_below_sums = "笔数" in begins  # the numbers to these headings stand in the next row
        if re.search("合计|总计", begins) and {"credit", "debit"} <= set(self.layout.columns):
            self._keep_totals(row)
        return True

    def _keep_totals(self, row: Sequence[str]) -> None:
        for name in ("credit", "debit"):
            minor = self._money(row, name, self.layout.profile.currency)
            if minor is not None:
                self.totals[name] = minor

    def _money(self, row: Sequence[str], name: str, currency: str) -> int | None:
        cell = self._cell(row, name)
        in_front, rest = cells.currency_in(cell)
        try:
            return cells.amount(rest, in_front or currency)
        except Refusal as why:
            raise self._wrong(why, name) from None

    def _amount(self, row: Sequence[str], currency: str) -> tuple[str, int | None]:
        """Return currency and signed amount; None for a movement that is none of the account's money."""
        profile = self.layout.profile
        in_front, _ = cells.currency_in(self._cell(row, profile.way[0]))
        currency = currency or in_front or profile.currency
        if profile.way[0] == "credit":
            credit, debit = self._money(row, "credit", currency), self._money(row, "debit", currency)
            if (credit and debit) or (credit is None and debit is None):
                raise self._wrong(self._no_amount(row, "credit"), "credit")
            has_sign = "-" in cells.clean(self.headings[self.layout.columns["debit"][0]])  # 支出金额（-元）
            return currency, (credit or 0) - (abs(debit or 0) if has_sign else (debit or 0))
        minor = self._money(row, "amount", currency)
        if minor is None:
            raise self._wrong(self._no_amount(row, "amount"), "amount")
        if "flag" in profile.way:
            return currency, self._flagged(row, minor)
        return currency, -minor if profile.inverted else minor

    def _no_amount(self, row: Sequence[str], name: str) -> Refusal:
        return RowCut() if len(row) <= self.layout.columns[name][0] else AmountMissing()

    def _flagged(self, row: Sequence[str], minor: int) -> int | None:
        flag = cells.clean(self._cell(row, "flag"))
        if self._starts(flag, "neutral"):
            return None
        if self._starts(flag, "in"):
            return minor
        if self._starts(flag, "out"):
            return -minor
        raise self._wrong(FlagUnknown(value=flag), "flag")

    def _starts(self, text: str, name: str) -> bool:
        words = self.layout.profile.words.get(name, ())
        return any(text.startswith(word) if word else not text for word in words)

    def _counterparty(self, row: Sequence[str], *, incoming: bool) -> tuple[str, str]:
        side = "payer" if incoming else "payee"
        name, account = cells.party(self._cell(row, "counterparty"))
        name = self._text(row, "counterparty_name") or self._text(row, f"{side}_name") or name
        numbers = (self._cell(row, "counterparty_account"), self._cell(row, f"{side}_account"))
        return name, next((text for cell in numbers if (text := cells.number(cell))), account)
