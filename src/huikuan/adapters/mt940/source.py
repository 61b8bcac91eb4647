"""Read a SWIFT statement from beginning to end, field after field."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from huikuan.adapters.mt940 import values
from huikuan.adapters.mt940.details import Details, read_details, read_subfields
from huikuan.adapters.mt940.fields import END, Field, fields
from huikuan.adapters.tables.encoding import examine
from huikuan.cash.rules.statement import Balance, BankLine, Closing, Part, Remark, Section
from huikuan.exchange.ports import EncodingUnclear, FileEmpty
from huikuan.kernel.refusal import Refusal, gettext_noop

_SWIFT: Final = re.compile(rb"(?:^|[\r\n}:])\s*:?(?:20|25|28C?|60[FM]|61|62[FM]|86):")


class FieldMisplaced(Refusal):
    """A line outside a statement, or a statement that does not end."""

    code = "bank.field-misplaced"
    text = gettext_noop(
        "Line {line}: the field :{tag}: stands where none can stand: before an opening balance (:60F:), after the "
        "closing one (:62F:), or among the lines. Nothing was imported: get the whole file."
    )


class ClosingMissing(Refusal):
    """The file ends before the statement does."""

    code = "bank.closing-missing"
    text = gettext_noop(
        "The statement that opens on line {line} has no closing balance (:62F:): the file was cut. "
        "Nothing was imported: get the whole file."
    )


def looks_like_swift(start: bytes) -> bool:
    """Tell whether a file begins like a SWIFT statement."""
    return bool(_SWIFT.search(start))


class SwiftSource:
    """An MT940 or MT942 file. Implements `cash.ports.StatementSource`."""

    def __init__(self, path: Path, *, name: str, encoding: str = "") -> None:
        """Raise Refusal when the declared encoding is wrong; bytes in an unknown one are read as Western European."""
        self._path = path
        self.name = name
        self._remarks: list[Remark] = []
        try:
            found = examine(path, encoding or None)
            self._encoding, self.sha256 = found.encoding, found.digest
            if not found.size:
                raise FileEmpty(name=name)
        except EncodingUnclear:
            self._encoding = "latin-1"
            self._remarks.append(Remark("encoding-guessed", 1))
            with path.open("rb") as file:
                self.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        self.format = "MT942" if self._is_interim() else "MT940"

    def _is_interim(self) -> bool:
        with self._path.open(encoding=self._encoding, newline="") as file:
            tags = {each.tag for each, _ in zip(fields(file), range(12), strict=False)}
        return bool(tags & {"34F", "13D"}) and not tags & {"60F", "60M"}

    def parts(self) -> Iterator[Part]:
        """Read the file from its beginning."""
        yield from self._remarks
        with self._path.open(encoding=self._encoding, newline="") as file:
            yield from _Reader().parts(fields(file))


@dataclass
class _Reader:
    """Where in a message the reader stands."""

    account: str = ""
    section: Section | None = None
    entry: values.Entry | None = None
    details: Details | None = None
    totals: dict[str, tuple[int, str, int]] = field(default_factory=dict)
    is_closed: bool = False
    last: Field | None = None

    def parts(self, found: Iterator[Field]) -> Iterator[Part]:
        for each in found:
            self.last = each
            yield from self._field(each)
        yield from self._end_of_message(self.last)

    def _field(self, each: Field) -> Iterator[Part]:
        if each.tag == "86":
            self._explain(each, read_details(each.lines))
        elif each.tag == "NS":
            self._explain(each, read_subfields(each.lines), optional=True)
        else:
            yield from self._line()
            yield from self._other(each)

    def _other(self, each: Field) -> Iterator[Part]:
        if each.tag in {"20", END}:
            yield from self._end_of_message(each)
        elif each.tag == "25":
            if self.section is not None:
                raise FieldMisplaced(line=each.line, tag=each.tag)
            self.account = each.first.strip().strip('"')
        elif each.tag in {"60F", "60M"}:
            yield self._opened(each, values.balance(each))
        elif each.tag == "34F" and self.section is None:
            self.section = Section(place=each.line, account=self.account, currency=values.floor_currency(each))
            yield self.section
        elif each.tag == "61":
            if self.section is None:
                raise FieldMisplaced(line=each.line, tag="61")
            self.entry = values.entry(each)
        elif each.tag in {"62F", "62M"}:
            yield self._closed(each)
        elif each.tag in {"90C", "90D"}:
            self.totals[each.tag] = values.total(each)

    def _opened(self, each: Field, balance: Balance) -> Section:
        if self.section is not None:
            raise FieldMisplaced(line=each.line, tag=each.tag)
        self.is_closed = False
        self.section = Section(
            place=each.line, account=self.account, currency=balance.currency, opening=balance,
            starts_on=values.balance_day(each),
        )  # fmt: skip
        return self.section

    def _closed(self, each: Field) -> Closing:
        balance = values.balance(each)
        if self.section is None:
            raise FieldMisplaced(line=each.line, tag=each.tag)
        self.section, self.is_closed = None, True
        return Closing(place=each.line, closing=balance)

    def _explain(self, each: Field, details: Details, *, optional: bool = False) -> None:
        """Keep what a field says about the line before it; one after the closing balance is about the statement."""
        if self.entry is not None:
            before = self.details or Details("")
            text = " ".join(filter(None, [before.remittance, details.remittance]))
            self.details = details._replace(
                remittance=text, name=details.name or before.name, account=details.account or before.account
            )
        elif not optional and self.section is None and not self.is_closed:
            raise FieldMisplaced(line=each.line, tag=each.tag)

    def _line(self) -> Iterator[Part]:
        """Yield the line that is complete now."""
        entry, details, section = self.entry, self.details or Details(""), self.section
        self.entry = self.details = None
        if entry is None or section is None:
            return
        if entry.is_expected:
            yield Remark("expected", entry.line)
            return
        if entry.day_was_moved:
            yield Remark("day-moved", entry.line, entry.value_on.isoformat())
        try:
            minor = values.amount(entry.amount, section.currency)
        except Refusal:
            raise values.FieldWrong(line=entry.line, tag="61", value=entry.amount) from None
        yield BankLine(
            row=entry.line,
            booked_on=entry.booked_on,
            value_on=entry.value_on,
            currency=section.currency,
            amount_minor=minor if entry.is_credit else -minor,
            counterparty_name=details.name,
            counterparty_account=details.account,
            remittance=" ".join(filter(None, [details.remittance, entry.reference, entry.details])),
            bank_reference=entry.bank_reference,
            end_to_end_id=details.end_to_end_id,
            kind=entry.kind,
            is_reversal=entry.is_reversal,
        )

    def _end_of_message(self, at: Field | None) -> Iterator[Part]:
        yield from self._line()
        if self.section is not None:
            if self.section.opening is not None:
                raise ClosingMissing(line=self.section.place)
            credit, debit = self.totals.get("90C"), self.totals.get("90D")
            if credit is None and debit is None:
                yield Remark("no-balances", self.section.place)
            yield Closing(
                place=at.line if at is not None else self.section.place,
                credit_minor=credit[2] if credit else None,
                debit_minor=-debit[2] if debit else None,
                line_count=(credit[0] if credit else 0) + (debit[0] if debit else 0) if credit and debit else None,
            )
        self.section, self.is_closed, self.totals, self.account = None, False, {}, ""
