"""An account statement as data for its layout, and as a workbook, in the language of the customer.

The same words serve both; they are files per language (`statement_texts`), not translations of sentences.
"""

import tempfile
import tomllib
from calendar import month_name
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from huikuan.cash.queries.account_statements import Stated
from huikuan.kernel.guarding import guarded
from huikuan.kernel.money import currency_exponent, format_money, uppercase_rmb
from huikuan.parties.models import Customer

LAYOUT: Final = "statement"
CHINESE: Final = "zh-hans"
ENGLISH: Final = "en"
NUMBER_DIGITS: Final = 15
"""Digits that a number cell of a sheet keeps; a longer amount is written as text."""

Piece = dict[str, Any]


@cache
def words_in(language: str) -> Mapping[str, str]:
    """Return the words of a statement: Chinese for zh-…, else English."""
    folder = files("huikuan.cash").joinpath("statement_texts")
    return tomllib.loads(folder.joinpath(f"{language_of(language)}.toml").read_text(encoding="utf-8"))


def language_of(language: str) -> str:
    """Return the language in which a statement is written for a customer of this language."""
    return CHINESE if language.lower().startswith("zh") else ENGLISH


@dataclass(frozen=True, slots=True)
class Earlier:
    """The statement before this one, where what was booked since has changed its closing balance."""

    number: str
    amount_minor: int


class StatementPage:
    """One statement in the language of its customer."""

    def __init__(
        self, stated: Stated, *, number: str, customer: Customer, starts_on: date, ends_on: date, dated: date,
        answer_by: date, earlier: Earlier | None, seal: str = "",
    ) -> None:  # fmt: skip
        self.stated, self.number, self.customer, self.entity = stated, number, customer, customer.entity
        self.starts_on, self.ends_on, self.dated, self.answer_by = starts_on, ends_on, dated, answer_by
        self.earlier, self.seal = earlier, seal
        self.language = language_of(customer.language)
        self.say = words_in(self.language)

    def money(self, minor: int) -> str:
        """Write an amount."""
        return format_money(minor, self.stated.currency, self.language)

    def day(self, day: date) -> str:
        """Write a day."""
        return self.say["date"].format(year=day.year, month=day.month, day=day.day, month_name=month_name[day.month])

    def sums(self) -> list[tuple[str, int]]:
        """Return what the summary adds up, in its order; what is zero between the balances is left out."""
        say, stated = self.say, self.stated.sums
        before = self.starts_on - timedelta(days=1)
        moved = [(say[name], stated[f"{name}_minor"]) for name in ("charged", "credited", "received", "written_off")]
        return [
            (say["opening"].format(day=self.day(before)), stated["opening_minor"]),
            *((label, minor) for label, minor in moved if minor),
            (say["closing"].format(day=self.day(self.ends_on)), stated["closing_minor"]),
        ]

    def beside(self) -> list[tuple[str, int]]:
        """Return what is stated apart from the balance."""
        say, found = self.say, []
        if self.earlier is not None:
            found.append((say["earlier"].format(number=self.earlier.number), self.earlier.amount_minor))
        if self.stated.on_account_minor:
            found.append((say["on_account"], self.stated.on_account_minor))
        if self.stated.penalty_minor:
            found.append((say["penalty"].format(day=self.day(self.ends_on)), self.stated.penalty_minor))
        if self.stated.waived_minor:
            found.append((say["waived"], self.stated.waived_minor))
        return found

    def data(self) -> dict[str, Any]:
        """Return what `layouts/statement.typ` draws."""
        say, entity = self.say, self.entity
        name, second = self._names()
        contact = [str(self.customer.collector or ""), entity.phone, entity.email_from]
        lines = [
            entity.address,
            say["phone"].format(value=entity.phone) if entity.phone else "",
            entity.email_from,
            say["registration"].format(value=entity.registration_no) if entity.registration_no else "",
        ]
        period = say["subtitle"].format(**{"from": self.day(self.starts_on), "until": self.day(self.ends_on)})
        return {
            "title": say["title"],
            "subtitle": period,
            "number": self.number,
            "dated": self.dated.isoformat(),
            "labels": {"page": say["page"], "to": say["to"], "draft": ""},
            "letterhead": {"name": name, "second": second, "lines": [line for line in lines if line]},
            "addressee": {"name": self.customer.name, "lines": [self.customer.address] * bool(self.customer.address)},
            "meta": [
                [say["number"], self.number],
                [say["dated"], self.day(self.dated)],
                [say["currency"], self.stated.currency],
            ],
            "body": [
                {"kind": "paragraph", "text": say["intro"]},
                self._summary(),
                {"kind": "heading", "text": say["lines"]},
                self._lines(),
                {"kind": "heading", "text": say["open_items"]},
                self._open_items(),
                {
                    "kind": "panel",
                    "title": say["payment"],
                    "strong": [],
                    "rows": [
                        row
                        for row in (
                            [say["bank_account"], entity.bank_account],
                            [say["contact"], "    ".join(each for each in contact if each)],
                        )
                        if row[1]
                    ],
                },
                {"kind": "signature"},
            ],
            "signature": {"name": name, "day": self.day(self.dated)},
            "seal": self.seal,
            "slip": self._slip(name),
        }

    def _names(self) -> tuple[str, str]:
        """Return the creditor's name in the language, and in the other one where there is another."""
        chinese, english = self.entity.name, self.entity.name_en or self.entity.name
        name, second = (chinese, english) if self.language == CHINESE else (english, chinese)
        return name, second if second != name else ""

    def _summary(self) -> Piece:
        rows = [[label, self.money(minor)] for label, minor in self.sums()]
        strong = [rows[-1][0]]
        closing = self.stated.sums["closing_minor"]
        if self.say["capitals"] and self.stated.currency == "CNY" and closing > 0:
            rows.append([self.say["capitals"], uppercase_rmb(closing)])
        rows += [[label, self.money(minor)] for label, minor in self.beside()]
        return {"kind": "panel", "title": self.say["sums"], "rows": rows, "strong": strong}

    def _lines(self) -> Piece:
        say, sums = self.say, self.stated.sums
        if not self.stated.lines:
            return {"kind": "paragraph", "text": say["no_lines"]}
        reduced = sums["credited_minor"] + sums["received_minor"] + sums["written_off_minor"]
        columns = ("number", "day", "kind", "debit", "credit", "balance")
        return {
            "kind": "table",
            "titles": [say[f"column_{name}"] for name in columns],
            "numbers": [3, 4, 5],
            "rows": [
                [
                    line["number"],
                    line["day"].isoformat(),
                    say[f"kind_{line['kind']}"],
                    self.money(line["amount_minor"]) if line["side"] == "ITEM" else "",
                    "" if line["side"] == "ITEM" else self.money(-line["amount_minor"]),
                    self.money(line["balance_minor"]),
                ]
                for line in self.stated.lines
            ],
            "total": [
                say["sum"], "", "", self.money(sums["charged_minor"]), self.money(reduced),
                self.money(sums["closing_minor"]),
            ],
        }  # fmt: skip

    def _open_items(self) -> Piece:
        say, items = self.say, self.stated.open_items
        if not items:
            return {"kind": "paragraph", "text": say["nothing_open"]}
        return {
            "kind": "table",
            "titles": [say[f"column_{name}"] for name in ("number", "issued", "due", "open", "days", "penalty")],
            "numbers": [3, 4, 5],
            "rows": [
                [
                    item["number"],
                    item["issued_on"].isoformat(),
                    item["due_on"].isoformat(),
                    self.money(item["open_minor"]),
                    str(item["days_overdue"] or ""),
                    self.money(item["penalty_minor"]) if item["penalty_minor"] else "",
                ]
                for item in items
            ],
            "total": [
                say["sum"], "", "", self.money(sum(item["open_minor"] for item in items)), "",
                self.money(self.stated.penalty_minor),
            ],
        }  # fmt: skip

    def _slip(self, creditor: str) -> dict[str, Any]:
        say = self.say
        facts = {
            "number": self.number,
            "until": self.day(self.ends_on),
            "closing": self.money(self.stated.sums["closing_minor"]),
        }
        return {
            "title": say["slip"],
            "number": self.number,
            "from": self.customer.name,
            "to": creditor,
            "text": say["slip_text"].format(**facts),
            "agrees": say["agrees"],
            "differs": say["differs"],
            "note": say["slip_note"].format(answer_by=self.day(self.answer_by)),
            "rows": [say[f"slip_{name}"] for name in ("stamp", "name", "date", "phone")],
        }

    def workbook(self) -> bytes:
        """Return the statement as an XLSX file: typed cells, every text as text, whatever it begins with."""
        with tempfile.TemporaryDirectory(prefix="huikuan-") as folder:
            path = Path(folder) / "statement.xlsx"
            options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
            with xlsxwriter.Workbook(path, options) as book:
                book.set_properties({"title": self.number, "created": datetime.combine(self.dated, time(), UTC)})
                _Sheets(book, self).write()
            return path.read_bytes()


class _Sheets:
    """The three sheets of a statement."""

    def __init__(self, book: Any, page: StatementPage) -> None:  # noqa: ANN401  the library has no types
        self._book, self._page, self._say = book, page, page.say
        decimals = currency_exponent(page.stated.currency)
        self._decimals = decimals
        self._bold = book.add_format({"bold": True, "bottom": 1})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._money = book.add_format({"num_format": "#,##0" + ("." + "0" * decimals if decimals else "")})

    def write(self) -> None:
        """Write summary, entries and open items."""
        page, say = self._page, self._say
        head: list[Sequence[object]] = [
            (page.entity.name, page.customer.name),
            (say["number"], page.number),
            (say["period"], f"{page.starts_on.isoformat()} – {page.ends_on.isoformat()}"),
            (say["currency"], page.stated.currency),
        ]
        sums = [(label, self._amount(minor)) for label, minor in [*page.sums(), *page.beside()]]
        self._sheet(say["sheet_summary"], (say["title"], ""), [*head, *sums], widths=(48, 32))
        self._sheet(
            say["sheet_lines"],
            tuple(say[f"column_{name}"] for name in ("day", "kind", "number", "due", "debit", "credit", "balance")),
            [
                (
                    line["day"], say[f"kind_{line['kind']}"], line["number"], line["due_on"],
                    self._amount(line["amount_minor"]) if line["side"] == "ITEM" else None,
                    None if line["side"] == "ITEM" else self._amount(-line["amount_minor"]),
                    self._amount(line["balance_minor"]),
                )
                for line in page.stated.lines
            ],
            widths=(12, 18, 26, 12, 16, 16, 16),
        )  # fmt: skip
        self._sheet(
            say["sheet_open"],
            tuple(say[f"column_{name}"] for name in ("number", "issued", "due", "open", "days", "penalty")),
            [
                (
                    item["number"], item["issued_on"], item["due_on"], self._amount(item["open_minor"]),
                    item["days_overdue"], self._amount(item["penalty_minor"]),
                )
                for item in page.stated.open_items
            ],
            widths=(26, 12, 12, 16, 12, 16),
        )  # fmt: skip

    def _amount(self, minor: int) -> Decimal:
        return Decimal(minor).scaleb(-self._decimals)

    def _sheet(
        self, name: str, titles: Sequence[str], rows: Sequence[Sequence[object]], *, widths: Sequence[int]
    ) -> None:
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for column, (title, width) in enumerate(zip(titles, widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, self._bold)
        for at, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                self._cell(sheet, at, column, value)

    def _cell(self, sheet: Any, at: int, column: int, value: object) -> None:  # noqa: ANN401  as above
        """Write one cell by its type; text goes in as text and is never a formula."""
        if value is None:
            return
        if isinstance(value, date):
            sheet.write_datetime(at, column, datetime.combine(value, time()), self._day)
        elif isinstance(value, Decimal) and len(str(abs(value)).replace(".", "")) <= NUMBER_DIGITS:
            sheet.write_number(at, column, float(value), self._money)
        elif isinstance(value, int):
            sheet.write_number(at, column, value)
        else:
            sheet.write_string(at, column, guarded(str(value)))
