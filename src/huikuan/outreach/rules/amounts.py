"""Amounts as people write them in a message: “5万”, “86,000元”, “USD 12,500”, “三万五”. Exact, in minor units."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from huikuan.kernel.money import currency_exponent

_MARKS: Final = {
    "USD": ("USD", "US$", "美元", "美金"),
    "EUR": ("EUR", "€", "欧元"),
    "GBP": ("GBP", "£", "英镑"),
    "HKD": ("HKD", "HK$", "港币", "港元"),
    "JPY": ("JPY", "日元"),
    "CNY": ("CNY", "RMB", "￥", "¥", "人民币"),
}
_OF_MARK: Final = {mark.upper(): code for code, marks in _MARKS.items() for mark in marks}
_MARK: Final = "|".join(re.escape(mark) for mark in sorted(_OF_MARK, key=len, reverse=True))
_UNITS: Final = {"千": 1000, "k": 1000, "万": 10_000, "w": 10_000, "十万": 100_000, "百万": 10**6,
                 "million": 10**6, "千万": 10**7, "亿": 10**8}  # fmt: skip
_UNIT: Final = "|".join(
    f"{unit}(?![a-z])" if unit.isascii() else unit for unit in sorted(_UNITS, key=len, reverse=True)
)

_DIGITS: Final = re.compile(
    rf"""(?<![A-Za-z0-9_.,/:-])(?P<before>(?:{_MARK}|\$)\s*)?
         (?P<number>\d{{1,3}}(?:[,，]\d{{3}})+(?:\.\d{{1,4}})?|\d+(?:\.\d{{1,4}})?)(?![\d.]*\d)
         (?:\s*(?P<unit>{_UNIT})(?:(?P<thousands>\d)千|(?P<more>\d)(?=[元块\s,，。;；]|$))?)?
         (?P<after>\s*(?:元整?|块钱?|圆|dollars?|yuan|{_MARK}))?""",
    re.VERBOSE | re.IGNORECASE,
)
_COUNTED: Final = (
    "克",
    "米",
    "瓦",
    "件",
    "个",
    "吨",
    "人",
    "台",
    "套",
    "箱",
    "只",
    "份",
    "次",
    "号",
    "天",
    "年",
    "月",
    "日",
)
"""What follows a number that counts something else than money."""
_NUMERALS: Final = {**dict(zip("零一二三四五六七八九", range(10), strict=True)), "〇": 0, "两": 2,
                    **dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True)), "俩": 2}  # fmt: skip
_TENS: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_WORDS: Final = re.compile(
    r"(?P<number>[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]+)\s*(?P<after>元整?|块钱?|圆|美元|美金|欧元|港币|人民币)"
    r"|(?P<bare>[一二两三四五六七八九十百千]+[万亿][一二三四五六七八九]?[千百]?|[一二两三四五六七八九]千[一二三四五六七八九]?百?)(?!分|一|克|米|瓦)"
)


@dataclass(frozen=True, slots=True)
class FoundAmount:
    """An amount in a text: minor units, its currency ("" when the text names none), and where it stands."""

    minor: int
    currency: str
    begin: int
    end: int


def numeral(words: str) -> int | None:
    """Read a Chinese numeral; None when it is none. A last digit alone counts a tenth of its unit: 三万五 is 35000.

    >>> numeral("十二"), numeral("三万五"), numeral("一百零五"), numeral("两千万")
    (12, 35000, 105, 20000000)
    """
    total = section = digit = 0
    last_unit = 1
    for sign in words:
        if sign in _NUMERALS:
            if digit:
                return None
            digit = _NUMERALS[sign]
            last_unit = 1 if sign in "零〇" else last_unit
        elif sign in _TENS:
            section += (digit or 1) * _TENS[sign]
            digit, last_unit = 0, _TENS[sign]
        elif sign in {"万", "亿"}:
            unit = _UNITS[sign]
            total = (total + section + digit) * unit if sign == "亿" else total + (section + digit) * unit
            section = digit = 0
            last_unit = unit
        else:
            return None
    if digit and last_unit >= 100:  # noqa: PLR2004  only after hundred and above is the unit left out
        digit *= {100: 10, 1000: 100, 10_000: 1000, 10**8: 10**7}[last_unit]
    return total + section + digit


def amounts_in(text: str, *, currency: str) -> list[FoundAmount]:
    """Return the amounts of a text in order. A number is an amount only with a unit, a mark, or a comma of thousands.

    Args:
        text: Any.
        currency: ISO code whose minor unit counts where the text names no currency.
    """
    return sorted((*_in_digits(text, currency), *_in_words(text, currency)), key=lambda each: each.begin)


def _in_digits(text: str, currency: str) -> Iterator[FoundAmount]:
    for match in _DIGITS.finditer(text):
        before, unit, after = ((match[name] or "").strip() for name in ("before", "unit", "after"))
        is_amount = before or unit or after or re.search("[,，]", match["number"])
        if not is_amount or (not before and not after and _counts_something(text[match.end() :].lstrip(), unit)):
            continue
        each = _UNITS.get(unit.lower(), 1)
        number = Decimal(re.sub("[,，]", "", match["number"])) * each
        if match["thousands"]:
            number += Decimal(match["thousands"]) * 1000
        elif match["more"]:
            number += (Decimal(match["more"]) * each).scaleb(-1)
        code = _currency(before, after, currency)
        yield from _exact(number, code or currency, code, match.start(), match.end())


def _counts_something(following: str, unit: str) -> bool:
    """Tell whether a number without a mark of money counts something else: “8千克”, “1,000件”, “5w lamp”."""
    is_latin = unit.isascii() and following[:1].isascii() and following[:1].isalpha()
    return following.startswith(_COUNTED) or (len(unit) == 1 and is_latin)


def _in_words(text: str, currency: str) -> Iterator[FoundAmount]:
    for match in _WORDS.finditer(text):
        value = numeral(match["number"] or match["bare"])
        if value:
            code = _currency("", match["after"] or "", currency)
            yield from _exact(Decimal(value), code or currency, code, match.start(), match.end())


def _currency(before: str, after: str, currency: str) -> str:
    """Return the currency that the marks name; "" when they name none. A lone $ is no yuan."""
    named = _OF_MARK.get(before.upper()) or _OF_MARK.get(after.upper()) or ""
    return "USD" if not named and before == "$" and currency == "CNY" else named


def _exact(number: Decimal, currency: str, named: str, begin: int, end: int) -> Iterator[FoundAmount]:
    """Give the amount in minor units, where it is whole ones and above zero."""
    minor = number.scaleb(currency_exponent(currency))
    if minor == minor.to_integral_value() and 0 < minor <= 10**15:
        yield FoundAmount(int(minor), named, begin, end)
