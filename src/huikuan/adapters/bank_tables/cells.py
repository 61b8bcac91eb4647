"""Cells of a bank's export: padding, marks of spreadsheet programs, amounts with words, days with times."""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from huikuan.exchange.ports import NumberText
from huikuan.kernel.days import DayOrder, day_from_excel, parse_day
from huikuan.kernel.money import minor_from_number, parse_minor

CURRENCIES: Final = {
    "人民币": "CNY", "人民币元": "CNY", "RMB": "CNY", "美元": "USD", "港币": "HKD", "港元": "HKD", "欧元": "EUR",
    "英镑": "GBP", "日元": "JPY", "澳元": "AUD", "加元": "CAD", "新加坡元": "SGD", "瑞士法郎": "CHF", "澳门元": "MOP",
}  # fmt: skip
"""What Chinese banks write instead of the code."""
_DIGITS_SURE: Final = 15
"""A spreadsheet keeps so many digits of a number; the rest of a longer account number is lost."""
_EMPTY: Final = frozenset({"", "-", "--", "—", "/", "无", "null", "NULL", "N/A"})
_COMPACT: Final = re.compile(r"(\d{8})(\d{6})?(?:[ T]?\d{1,2}:?\d{2}(:?\d{2})?)?")
_DAY_AND_TIME: Final = 40
_EXCEL_DAY: Final = re.compile(r"\d{5}(\.\d+)?")
_CODE_IN_FRONT: Final = re.compile(r"([A-Z]{3})\s*([-+\d(].*)")


def clean(cell: str) -> str:
    r"""Return the text of a cell without padding, and without the apostrophe, backquote or ="…" that protect digits.

    >>> clean("`-7\t"), clean('="0012"'), clean("　收入 ")
    ('-7', '0012', '收入')
    """
    if not cell or type(cell) is NumberText:
        return cell
    text = cell.replace("\ufeff", "").strip(" \t\r\n\u3000\xa0")
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    return text.lstrip("`'").strip(" \t\u3000\xa0")


def said(cell: str) -> str:
    """Return a cell as words: empty for a dash or another sign of nothing."""
    text = clean(cell)
    return "" if text in _EMPTY else text


def day(cell: str, order: DayOrder) -> date:
    """Read a day with or without a time of day behind it. Raises DayUnreadable."""
    text = clean(cell)
    if type(cell) is NumberText and _EXCEL_DAY.fullmatch(text):
        return day_from_excel(float(text))
    return _day(text[:_DAY_AND_TIME], order)


@lru_cache(maxsize=4096)
def _day(text: str, order: DayOrder) -> date:
    """The same few days stand in thousands of rows."""
    compact = _COMPACT.fullmatch(text)
    if compact:
        return parse_day(compact[1])
    head = re.split(r"\s|(?<=\d)T(?=\d)", unicodedata.normalize("NFKC", text), maxsplit=1)[0]
    return parse_day(head, order)


def amount(cell: str, currency: str) -> int | None:
    """Read an amount in minor units, None for an empty cell. Raises the refusals of `kernel.money`."""
    text = said(cell)
    if not text:
        return None
    if type(cell) is NumberText:
        return minor_from_number(Decimal(text), currency)
    return parse_minor(text.lstrip("+"), currency)


def currency_in(cell: str) -> tuple[str, str]:
    """Split "CNY 123.18" into ("CNY", "123.18"); without a code in front the currency is empty."""
    match = _CODE_IN_FRONT.fullmatch(clean(cell))
    return (match[1], match[2]) if match else ("", cell)


def currency(cell: str) -> str:
    """Return the code of a currency column, empty for an empty cell."""
    text = said(cell).upper()
    return CURRENCIES.get(text, text)


def party(cell: str) -> tuple[str, str]:
    """Split a name with the account number behind it, as some banks print it in one cell.

    >>> party("张三 66666666666666"), party("Otis 2"), party("12341234123412341")
    (('张三', '66666666666666'), ('Otis 2', ''), ('', '12341234123412341'))
    """
    text = said(cell)
    match = re.fullmatch(r"(.*?)[\s/]*(\d[\d*]{5,})", text)
    return (match[1].strip(), match[2]) if match else (text, "")


def number(cell: str) -> str:
    """Return an account number or reference; empty when a spreadsheet kept it as a number and lost digits."""
    text = said(cell)
    lost = type(cell) is NumberText and len(text.strip("-")) > _DIGITS_SURE
    return "" if lost else text
