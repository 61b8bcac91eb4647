"""Read a camt message: statements one after another, entries one by one."""

import hashlib
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from huikuan.adapters.camt053.entry import ElementMissing, is_debit, read_amount, read_day, read_entry
from huikuan.adapters.camt053.nodes import Node, stream
from huikuan.cash.rules.statement import Balance, Closing, Part, Remark, Section
from huikuan.kernel.refusal import Refusal, gettext_noop

_MESSAGE: Final = re.compile(r"camt\.05[234]\.\d{3}\.\d{2}")
_STATEMENTS: Final = frozenset({"Stmt", "Rpt", "Ntfctn"})
_PARTS: Final = frozenset({"Acct", "Bal", "Ntry", "CreDtTm", "FrToDt"})
_OPENING: Final = ("OPBD", "PRCD")
_CLOSING: Final = ("CLBD",)
_BOM_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


class XmlUnknown(Refusal):
    """XML of another kind, or a web page under the name of a table."""

    code = "bank.xml-unknown"
    text = gettext_noop(
        "“{name}” is XML or HTML but no camt.052, camt.053 or camt.054 message. "
        "If a spreadsheet program opens it, save it there as .xlsx and import that."
    )


def looks_like_xml(start: bytes) -> bool:
    """Tell whether a file begins with markup, in any encoding."""
    plain = start.replace(b"\x00", b"") if start.startswith(_BOM_UTF16) else start
    return plain.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<")


class CamtSource:
    """A camt file. Implements `cash.ports.StatementSource`."""

    def __init__(self, path: Path, *, name: str) -> None:
        """Raise XmlUnknown when it is another kind of XML."""
        self._path = path
        self.name = name
        with path.open("rb") as file:
            start = file.read(1 << 16)
            file.seek(0)
            self.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        match = _MESSAGE.search(start.replace(b"\x00", b"").decode("latin-1"))
        if match is None:
            raise XmlUnknown(name=name)
        self.format = match[0]

    def parts(self) -> Iterator[Part]:
        """Read the file from its beginning. Raises the refusals of `nodes` and `entry`."""
        reader = _Reader(needs_balances=self.format.startswith("camt.053"))
        for event, node in stream(self._path, name=self.name, wanted=_PARTS, opened=_STATEMENTS):
            yield from reader.take(event, node)


class _Reader:
    """Where in the message the reader stands. Account and balances come before the entries, by the schema."""

    def __init__(self, *, needs_balances: bool) -> None:
        self._needs_balances = needs_balances
        self._row = 0
        self._said_on: date | None = None
        self._statement: Node | None = None
        self._account = Node("Acct", {}, 0)
        self._balances: list[Node] = []
        self._period = Node("FrToDt", {}, 0)
        self._section: Section | None = None

    def take(self, event: str, node: Node) -> Iterator[Part]:
        """Take the next element."""
        if event == "start":
            self._statement, self._section = node, None
            self._account, self._balances, self._period = Node("Acct", {}, node.line), [], Node("FrToDt", {}, 0)
        elif node.tag in _STATEMENTS:
            yield from self._end(node)
        elif node.tag == "CreDtTm":
            self._said_on = read_day(node)
        elif node.tag == "FrToDt" and not self._period.children:
            self._period = node
        elif node.tag == "Acct" and self._statement is not None and self._section is None:
            self._account = node
        elif node.tag == "Bal":
            self._balances.append(node)
        elif node.tag == "Ntry":
            yield from self._begin(node)
            self._row += 1
            yield from read_entry(node, row=self._row, said_on=self._said_on)

    def _begin(self, entry: Node | None) -> Iterator[Section]:
        """Yield the section when its first entry comes, or at its end when it has none."""
        if self._section is not None:
            return
        opening = self._balance(_OPENING)
        currency = self._account.value("Ccy") or (opening.currency if opening else "")
        amount = entry.first("Amt") if entry is not None else None
        if not currency and amount is not None:
            currency = amount.attributes.get("Ccy", "")
        self._section = Section(
            place=self._statement.line if self._statement is not None else 1,
            account=self._account.value("Id/IBAN", "Id/Othr/Id", "Id/PrtryAcct/Id", "Id/BBAN"),
            currency=currency,
            opening=opening,
            starts_on=read_day(self._period.first("FrDtTm", "FrDt")),
            ends_on=read_day(self._period.first("ToDtTm", "ToDt")),
        )
        yield self._section

    def _end(self, statement: Node) -> Iterator[Part]:
        yield from self._begin(None)
        closing = self._balance(_CLOSING)
        opening = self._section.opening if self._section is not None else None
        if self._needs_balances and (opening is None or closing is None):
            missing = "Bal (OPBD)" if opening is None else "Bal (CLBD)"
            raise ElementMissing(line=statement.line, element=missing)
        if opening is None or closing is None:
            yield Remark("no-balances", statement.line)
        yield Closing(place=statement.line, closing=closing)
        self._statement = self._section = None

    def _balance(self, codes: tuple[str, ...]) -> Balance | None:
        """Return the balance of the first code that is there: opening of the first day, closing of the last."""
        for code in codes:
            found = [node for node in self._balances if node.value("Tp/CdOrPrtry/Cd", "Tp/Cd") == code]
            if found:
                dated = sorted(found, key=lambda node: node.value("Dt/Dt", "Dt/DtTm")[:10])
                node = dated[-1] if codes == _CLOSING else dated[0]
                minor, currency = read_amount(node.first("Amt"), node, debit=is_debit(node))
                return Balance(minor, currency, node.line)
        return None
