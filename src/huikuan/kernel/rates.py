"""Rates as exact whole numbers of parts per billion: 0.05 % (万分之五) is 500_000 ppb.

A rate never is a float; one that is not exact in ppb is refused rather than rounded.
"""

import re
import unicodedata
from decimal import Decimal
from typing import Final

from huikuan.kernel.refusal import Refusal, gettext_noop

PARTS_PER_BILLION: Final = 10**9
RATE_MAX_PPB: Final = 100 * PARTS_PER_BILLION
"""10,000 %: more than any term; catches a percent sign forgotten or a column mixed up."""

_NUMBER: Final = r"(?:\d+(?:\.\d+)?|\.\d+)"
_PLAIN: Final = re.compile(rf"(?P<sign>[+-]?)(?P<number>{_NUMBER})(?P<unit>%|‰|‱|BP|BPS)?")
_CHINESE: Final = re.compile(r"(?P<parts>百万|百|千|万|十万)分之(?P<number>.+)")
_UNIT_PPB: Final = {
    None: PARTS_PER_BILLION,
    "%": PARTS_PER_BILLION // 100,
    "‰": PARTS_PER_BILLION // 1_000,
    "‱": PARTS_PER_BILLION // 10_000,
    "BP": PARTS_PER_BILLION // 10_000,
    "BPS": PARTS_PER_BILLION // 10_000,
}
_PARTS_PPB: Final = {
    "百": PARTS_PER_BILLION // 100,
    "千": PARTS_PER_BILLION // 1_000,
    "万": PARTS_PER_BILLION // 10_000,
    "十万": PARTS_PER_BILLION // 100_000,
    "百万": PARTS_PER_BILLION // 1_000_000,
}
_CHINESE_DIGITS: Final = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


class RateUnreadable(Refusal):
    """The text is no rate."""

    code = "rate.unreadable"
    text = gettext_noop("“{value}” is not a rate. Write it like 0.0005, 0.05%, 0.5‰ or 万分之五.")


class RateNotExact(Refusal):
    """Finer than a billionth."""

    code = "rate.not-exact"
    text = gettext_noop("“{value}” has more decimals than a rate can hold (nine, counted without the percent sign).")


class RateOutOfRange(Refusal):
    """Negative where it makes no sense, or absurdly high."""

    code = "rate.out-of-range"
    text = gettext_noop("“{value}” is not between 0 and {limit}. Check the percent sign and the period.")


def parse_rate(text: str, *, allow_negative: bool = False) -> int:
    """Read a rate, in parts per billion: "0.0005", "0.05%", "0.5‰", "5‱", "5bp" and "万分之五" are all 500_000.

    The period (per day, per year) is the column's or the clause's, not the rate's.

    Args:
        text: Half or full width.
        allow_negative: True for a margin ("LPR − 0.1 %").

    Raises: RateUnreadable, RateNotExact, RateOutOfRange.
    """
    tidy = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).replace("−", "-").upper()
    if match := _PLAIN.fullmatch(tidy):
        number, unit = Decimal(match["sign"] + match["number"]), _UNIT_PPB[match["unit"]]
    elif (match := _CHINESE.fullmatch(tidy)) and (read := _chinese_number(match["number"])) is not None:
        number, unit = read, _PARTS_PPB[match["parts"]]
    else:
        raise RateUnreadable(value=text)
    return _exact_ppb(number * unit, text, allow_negative=allow_negative)


def rate_from_number(number: float | Decimal, *, allow_negative: bool = False) -> int:
    """Take a rate from a spreadsheet cell (0.0005, however it is displayed), in parts per billion.

    Read as the shortest decimal that means the same float; noise beyond the fifteenth significant digit is dropped.

    Raises: RateUnreadable, RateNotExact, RateOutOfRange.
    """
    if (
        isinstance(number, bool)
        or not (exact := Decimal(repr(number) if isinstance(number, float) else number)).is_finite()
    ):
        raise RateUnreadable(value=number)
    if isinstance(number, float):
        exact = Decimal(f"{number:.15g}")
    return _exact_ppb(exact * PARTS_PER_BILLION, number, allow_negative=allow_negative)


def format_rate(ppb: int) -> str:
    """Write a rate for people, in percent without needless zeros: 500_000 is "0.05%"."""
    return f"{_trimmed(Decimal(ppb).scaleb(-7))}%"


def format_rate_decimal(ppb: int) -> str:
    """Write a rate for machines, as a plain decimal: 500_000 is "0.0005"."""
    return _trimmed(Decimal(ppb).scaleb(-9))


def _exact_ppb(scaled: Decimal, value: object, *, allow_negative: bool) -> int:
    if abs(scaled) > RATE_MAX_PPB or (scaled < 0 and not allow_negative):
        raise RateOutOfRange(value=value, limit=format_rate(RATE_MAX_PPB))
    if scaled != scaled.to_integral_value():
        raise RateNotExact(value=value)
    return int(scaled)


def _trimmed(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _chinese_number(text: str) -> Decimal | None:
    """Read 五, 十二, 一百二十, 三点五, 12, 0.5; None when it is no number."""
    if re.fullmatch(_NUMBER, text):
        return Decimal(text)
    whole, point, part = text.partition("点")
    if (point and not part) or any(digit not in _CHINESE_DIGITS for digit in part):
        return None
    number = _chinese_whole(whole)
    if number is None:
        return None
    return Decimal(f"{number}.{''.join(str(_CHINESE_DIGITS[digit]) for digit in part) or '0'}")


def _chinese_whole(text: str) -> int | None:
    """Read a Chinese whole number below 1000; None when it is not well formed."""
    match = re.fullmatch(
        r"(?:([一二三四五六七八九两])百)?零?(?:([一二三四五六七八九]?)(十))?([零〇一二三四五六七八九两]?)", text
    )
    if match is None or not text:
        return None
    hundreds, tens, ten, units = match.groups()
    return (
        100 * _CHINESE_DIGITS.get(hundreds or "零", 0)
        + (10 * (_CHINESE_DIGITS[tens] if tens else 1) if ten else 0)
        + (_CHINESE_DIGITS[units] if units else 0)
    )
