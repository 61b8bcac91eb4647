"""Money as a whole number of minor units (分, cents): reading it, writing it, rounding it once.

No float ever holds an amount. `*_minor` is an int; the currency stands beside it. Amounts are bounded by
`MONEY_MAX_MINOR`, so that thousands of them can be added in 64 bits and any product fits in 128.
"""

import re
import unicodedata
from decimal import Decimal
from functools import cache
from typing import Final

from babel import Locale

from huikuan.kernel.refusal import Refusal, gettext_noop

MONEY_MAX_MINOR: Final = 10**15
"""Largest amount held, either sign: 10 trillion yuan. Far above any claim, far below 2**63."""

NOISE_TOLERANCE_MINOR: Final = Decimal("0.0001")
"""A number from a spreadsheet may stand less than this from a whole minor unit: 0.000001 yuan is float noise."""

PARTS_PER_MILLION: Final = 10**6

_EXPONENTS: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_EXPONENT_OF: Final = {code: exponent for exponent, codes in _EXPONENTS.items() for code in codes.split()}
_EXPONENT_USUAL: Final = 2

_SYMBOLS: Final = {
    "¥": frozenset({"CNY", "JPY"}),
    "$": frozenset({"USD", "HKD", "SGD", "AUD", "CAD", "NZD", "TWD", "MOP", "MXN"}),
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP"}),
    "₩": frozenset({"KRW"}),
    "CN¥": frozenset({"CNY"}),
    "JP¥": frozenset({"JPY"}),
    "US$": frozenset({"USD"}),
    "HK$": frozenset({"HKD"}),
    "S$": frozenset({"SGD"}),
    "NT$": frozenset({"TWD"}),
    "RMB": frozenset({"CNY"}),
    "人民币": frozenset({"CNY"}),
    "元": frozenset({"CNY", "HKD", "TWD", "USD"}),
    "圆": frozenset({"CNY", "JPY"}),
}
_PEOPLES_SYMBOL: Final = {"CNY": "¥", "JPY": "JP¥"}

_MARKS: Final = "|".join(re.escape(mark) for mark in sorted(_SYMBOLS, key=len, reverse=True))
_AMOUNT: Final = re.compile(
    rf"""(?P<open>\()? (?P<sign>[+-])?
         (?P<before>{_MARKS}|[A-Z]{{3}})? (?P<inner_sign>[+-])?
         (?P<whole>\d{{1,3}}(?:[, ]\d{{3}})+ | \d+ | (?=\.\d))
         (?:\.(?P<part>\d+))?
         (?P<after>{_MARKS}|[A-Z]{{3}})? (?P<trailing_sign>-)? (?P<close>\))?""",
    re.VERBOSE,
)
_EXPONENT_FORM: Final = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d+")
_PLAIN: Final = re.compile(r"(-?)(\d{1,15})(?:\.(\d{1,2}))?")


class CurrencyUnknown(Refusal):
    """The code is not a currency in use."""

    code = "money.currency-unknown"
    text = gettext_noop("“{currency}” is not a currency code. Use the three letters of ISO 4217, for example CNY.")


class AmountUnreadable(Refusal):
    """The text is not one plain amount."""

    code = "money.amount-unreadable"
    text = gettext_noop(
        "“{value}” is not an amount. Write digits with at most one decimal point, for example 1,234.50."
    )


class AmountInExponentForm(Refusal):
    """A spreadsheet shortened the number: digits may be lost already."""

    code = "money.amount-in-exponent-form"
    text = gettext_noop(
        "“{value}” is in exponent form, in which a spreadsheet may have dropped digits. "
        "Show the cell as a number with decimals and export again."
    )


class AmountTooPrecise(Refusal):
    """More decimals than the currency has: rounding is the sender's decision, not ours."""

    code = "money.amount-too-precise"
    text = gettext_noop(
        "“{value}” has more decimals than {currency} has ({decimals}). Round it where it was calculated."
    )


class AmountNotExact(Refusal):
    """A spreadsheet number that is no whole number of minor units, beyond float noise."""

    code = "money.amount-not-exact"
    text = gettext_noop(
        "{value} is no exact amount in {currency}: the nearest is {nearest}. Round the cell to {decimals} decimals."
    )


class AmountOutOfRange(Refusal):
    """Beyond `MONEY_MAX_MINOR`."""

    code = "money.amount-out-of-range"
    text = gettext_noop("“{value}” is larger than any amount that can be held ({limit} {currency}). Check the digits.")


class AmountInOtherCurrency(Refusal):
    """The amount carries the sign or code of another currency."""

    code = "money.amount-in-other-currency"
    text = gettext_noop(
        "“{value}” is marked {mark}, but an amount in {currency} is expected. Correct the currency first."
    )


@cache
def currency_exponent(currency: str) -> int:
    """Return the number of decimals of a currency by ISO 4217: 2 for CNY, 0 for JPY, 3 for KWD.

    The list of currencies is CLDR's (babel); its decimals are not used, because they follow shop prices (ALL 0, IQD 0).

    Raises: CurrencyUnknown.
    """
    if currency not in Locale("en").currencies:
        raise CurrencyUnknown(currency=currency)
    return _EXPONENT_OF.get(currency, _EXPONENT_USUAL)


def parse_minor(text: str, currency: str) -> int:
    """Read an amount that a person or a program wrote, in minor units of `currency`.

    Accepted: "1234.5", "1,234.50" and "1 234.50" (groups of three), full-width digits and marks, a sign or code of the
    same currency before or after ("¥1,234.50", "CNY 5", "5元"), a minus before or after ("-5", "5-"), parentheses for
    negative ("(5.00)"), zeros beyond the decimals of the currency ("5.0000").

    Raises: AmountUnreadable, AmountInExponentForm, AmountTooPrecise (a decimal would be lost), AmountOutOfRange,
        AmountInOtherCurrency, CurrencyUnknown.
    """
    exponent = currency_exponent(currency)
    if exponent == _EXPONENT_USUAL and (plain := _PLAIN.fullmatch(text)) and plain[2].isascii():
        minor = int(plain[2] + (plain[3] or "").ljust(2, "0"))
        return _bounded(-minor if plain[1] else minor, text, currency)
    tidy = _tidied(text)
    match = _AMOUNT.fullmatch(tidy)
    if match is None:
        refusal = AmountInExponentForm if _EXPONENT_FORM.fullmatch(tidy) else AmountUnreadable
        raise refusal(value=text)
    negative = _is_negative(match, text)
    for mark in (match["before"], match["after"]):
        if mark and currency not in _SYMBOLS.get(mark, {mark}):
            raise AmountInOtherCurrency(value=text, mark=mark, currency=currency)
    part = (match["part"] or "").rstrip("0")
    if len(part) > exponent:
        raise AmountTooPrecise(value=text, currency=currency, decimals=exponent)
    digits = re.sub("[, ]", "", match["whole"]) + part.ljust(exponent, "0")
    minor = int(digits or "0")
    return _bounded(-minor if negative else minor, text, currency)


def _tidied(text: str) -> str:
    """Make full-width, typographic and spaced forms plain: NFKC, one kind of minus, no space around marks."""
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").replace("–", "-").upper().strip()
    return re.sub(r"(?<=\D)\s+|\s+(?=\D)", "", plain)


def _is_negative(match: re.Match[str], text: str) -> bool:
    """Tell the sign; two of them, or half a pair of parentheses, say nothing clear."""
    signs = [sign for sign in (match["sign"], match["inner_sign"], match["trailing_sign"], match["open"]) if sign]
    if len(signs) > 1 or bool(match["open"]) != bool(match["close"]):
        raise AmountUnreadable(value=text)
    return signs not in ([], ["+"])


def _bounded(minor: int, value: object, currency: str) -> int:
    if abs(minor) > MONEY_MAX_MINOR:
        raise AmountOutOfRange(value=value, limit=format_decimal(MONEY_MAX_MINOR, currency), currency=currency)
    return minor


def minor_from_number(number: float | Decimal, currency: str) -> int:
    """Take an amount from a spreadsheet cell, which knows only floats.

    The number is read as the shortest decimal that means the same float, as the cell showed it; what stands less than
    `NOISE_TOLERANCE_MINOR` from a whole minor unit (1234.5600000001, the noise of added floats) is that unit.

    Raises: AmountNotExact beyond the tolerance, AmountUnreadable for a truth value, NaN or infinity, AmountOutOfRange,
        CurrencyUnknown.
    """
    exponent = currency_exponent(currency)
    if (
        isinstance(number, bool)
        or not (exact := Decimal(repr(number) if isinstance(number, float) else number)).is_finite()
    ):
        raise AmountUnreadable(value=number)
    if abs(exact) > MONEY_MAX_MINOR:  # before scaling: Decimal keeps 28 digits
        _bounded(MONEY_MAX_MINOR + 1, number, currency)
    scaled = exact.scaleb(exponent)
    nearest = int(scaled.to_integral_value())
    if abs(scaled - nearest) >= NOISE_TOLERANCE_MINOR:
        raise AmountNotExact(
            value=number, currency=currency, nearest=format_decimal(nearest, currency), decimals=exponent
        )
    return _bounded(nearest, number, currency)


def format_decimal(minor: int, currency: str) -> str:
    """Write an amount for machines: "1234.50", "-0.05", "1234" for a currency without decimals."""
    return _with_point(minor, currency, group="")


def format_money(minor: int, currency: str, language: str) -> str:
    """Write an amount for people: "¥1,234.50", "-¥0.05", "US$5.00" (zh) or "$5.00" (en), "CHF 5.00".

    Args:
        minor: Minor units.
        currency: ISO 4217 code.
        language: "zh-hans" or "en", any case; others read as English.
    """
    return (
        f"{'-' if minor < 0 else ''}{_before_amount(currency, language)}{_with_point(abs(minor), currency, group=',')}"
    )


@cache
def _before_amount(currency: str, language: str) -> str:
    """Return the symbol of a currency, with a gap where it ends in a letter."""
    symbol = _peoples_symbol(currency, "zh" if language.lower().startswith("zh") else "en")
    return f"{symbol}\N{NO-BREAK SPACE}" if symbol[-1].isalpha() else symbol


@cache
def _peoples_symbol(currency: str, locale: str) -> str:
    return _PEOPLES_SYMBOL.get(currency) or Locale(locale).currency_symbols.get(currency, currency)


def _with_point(minor: int, currency: str, *, group: str) -> str:
    exponent = currency_exponent(currency)
    whole, part = divmod(abs(minor), 10**exponent)
    sign = "-" if minor < 0 else ""
    tail = f".{part:0{exponent}}" if exponent else ""
    return f"{sign}{whole:{group}}{tail}"


def round_half_away(numerator: int, denominator: int) -> int:
    """Divide and round to the nearest whole number, halves away from zero: 5/2 is 3, -5/2 is -3.

    The one rounding of every amount that is calculated (domain.md §1). Exact for any size.

    Raises: ValueError unless `denominator` is positive.
    """
    if denominator <= 0:
        message = f"the denominator must be positive, not {denominator}"
        raise ValueError(message)
    nearest = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -nearest if numerator < 0 else nearest


def share_ppm(minor: int, ppm: int) -> int:
    """Return a share of an amount in minor units: 300_000 ppm is 30 %. Rounded half away from zero, once."""
    return round_half_away(minor * ppm, PARTS_PER_MILLION)


_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_SMALL_UNITS: Final = ("仟", 1000), ("佰", 100), ("拾", 10), ("", 1)
_YI: Final = 10**8
_WAN: Final = 10**4


def uppercase_rmb(minor: int) -> str:
    """Write an amount of renminbi in capital numerals (大写金额): 140950 is 壹仟肆佰零玖元伍角.

    Rule: 支付结算办法, annex 1 (law.md §7). 整 follows 元, never 分; after 角, where it is optional, none is written.
    One 零 stands for any run of zeros between digits. Where 零 before 角 is optional (1,680.32) it is left out.
    A negative amount begins with 负. The word 人民币 belongs to the form, not to the amount.

    Args:
        minor: 分.

    Raises: AmountOutOfRange.
    """
    fen_total = abs(_bounded(minor, minor, "CNY"))
    yuan, rest = divmod(fen_total, 100)
    jiao, fen = divmod(rest, 10)
    words = [_whole_in_capitals(yuan), "元"] if yuan or not rest else []
    if not rest:
        words.append("整")
    if jiao:
        words += [_DIGITS[jiao], "角"]
    elif fen and yuan:
        words.append("零")
    if fen:
        words += [_DIGITS[fen], "分"]
    return ("负" if minor < 0 else "") + "".join(words)


def _whole_in_capitals(number: int) -> str:
    """Write a whole number below 10**16: the part above 亿 or 万 first, then the rest, joined by 零 over a gap."""
    for unit, word in ((_YI, "亿"), (_WAN, "万")):
        if number >= unit:
            high, low = divmod(number, unit)
            gap = "零" if low and (low < unit // 10 or high % 10 == 0) else ""
            return _whole_in_capitals(high) + word + gap + (_whole_in_capitals(low) if low else "")
    if number == 0:
        return "零"
    words, pending_zero = "", False
    for word, size in _SMALL_UNITS:
        digit = number // size % 10
        if digit:
            words += ("零" if pending_zero and words else "") + _DIGITS[digit] + word
        pending_zero = digit == 0
    return words
