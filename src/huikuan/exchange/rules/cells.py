"""What a cell says: text into a value, or a Refusal that names the remedy. Any form that people write."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Final

from babel import Locale

from huikuan.exchange.rules.aliases import COUNTRIES, CURRENCIES, LANGUAGES, VALUES
from huikuan.exchange.rules.layout import folded
from huikuan.exchange.rules.lists import LISTS, Cell, Field, ListKind
from huikuan.kernel.days import DayOrder, day_from_excel, parse_day
from huikuan.kernel.guarding import unguarded
from huikuan.kernel.identifiers import parse_email, parse_phone
from huikuan.kernel.money import CurrencyUnknown, currency_exponent, minor_from_number, parse_minor
from huikuan.kernel.rates import parse_rate
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.kernel.zones import zone_of
from huikuan.parties.rules.contacts import format_hours, parse_hours, role_of

EXACT_DIGITS: Final = 15
"""Digits that a spreadsheet keeps of a number; of a longer one the rest became zeros."""
_EXPONENT_FORM: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE]\+\d+")
_LITERAL_FORMULA: Final = re.compile(r'="([^"=]*)"')
_TIME_OF_DAY: Final = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")
_SERIAL: Final = re.compile(r"[2-7]\d{4}(?:\.\d+)?")
_WHOLE: Final = re.compile(r"\d{1,4}")
_INVISIBLE: Final = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_DAY_COMPACT: Final = 8


class ValueMissing(Refusal):
    """A required cell is empty."""

    code = "import.value-missing"
    text = gettext_noop("{field} is empty. Every row needs it.")


class TextTooLong(Refusal):
    """More characters than the table holds."""

    code = "import.text-too-long"
    text = gettext_noop("{field} has {length} characters. At most {longest} can be held; shorten it.")


class TextHasControl(Refusal):
    """A character that no person typed."""

    code = "import.text-has-control"
    text = gettext_noop("{field} holds the invisible control character {character}. Retype the cell.")


class CellIsFormula(Refusal):
    """A formula instead of its value."""

    code = "import.cell-is-formula"
    text = gettext_noop("“{value}” is a formula, not a value. Copy the column, paste it as values and export again.")


class NumberInExponentForm(Refusal):
    """1.3E+17."""

    code = "import.number-in-exponent-form"
    text = gettext_noop(
        "“{value}” has lost digits to a spreadsheet. Format the column as text, enter the number again and export."
    )


class NumberTooLong(Refusal):
    """A spreadsheet keeps 15 digits of a number."""

    code = "import.number-too-long"
    text = gettext_noop(
        "{value} is stored as a number, and of its {length} digits a spreadsheet keeps only 15. "
        "Format the column as text and enter the number again."
    )


class ChoiceUnknown(Refusal):
    """Not one of the values."""

    code = "import.choice-unknown"
    text = gettext_noop("“{value}” is not a {field}. Use one of: {choices}.")


class CountryUnknown(Refusal):
    """Not a country code."""

    code = "import.country-unknown"
    text = gettext_noop("“{value}” is not a country. Use the two letters of ISO 3166, for example CN.")


class WholeUnreadable(Refusal):
    """Not a small whole number."""

    code = "import.whole-unreadable"
    text = gettext_noop("“{value}” is not a whole number from 0 to 9999. Write digits only.")


class BasisUnknown(Refusal):
    """Years have 360 or 365 days."""

    code = "import.basis-unknown"
    text = gettext_noop("“{value}” is not a basis of days. Use 360 or 365.")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell needs to know besides itself."""

    kind: ListKind
    field: Field
    order: DayOrder = DayOrder.YMD
    country: str = "CN"
    currency: str = "CNY"
    is_number: bool = False
    """The file held a number, not text."""


Value = str | int | date
Reader = Callable[[str, Reading], Value]


def read_cell(cell: str, reading: Reading) -> Value | None:
    """Return what the cell says, None when it is empty.

    Raises: a Refusal of this file, of kernel.money, .days, .rates, .identifiers or .zones.
    """
    text = _INVISIBLE.sub("", cell).strip()
    if not text:
        return None
    if found := _CONTROL.search(text):
        raise TextHasControl(field=reading.field.name, character=f"U+{ord(found[0]):04X}")
    return _READERS[reading.field.cell](text, reading)


def plain_key(text: str) -> str:
    """Return the form in which identifiers are compared: full width made half, no blanks around."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip()


def _literal(text: str) -> str:
    """Take off the apostrophe that an export put before a dangerous start; refuse a live formula."""
    if (plain := unguarded(text)) != text:
        return plain
    if literal := _LITERAL_FORMULA.fullmatch(text):
        return literal[1]
    if unicodedata.normalize("NFKC", text[0]) == "=":
        raise CellIsFormula(value=text[:60])
    return text


def _short_enough(text: str, reading: Reading) -> str:
    if len(text) > reading.field.longest:
        raise TextTooLong(field=reading.field.name, length=len(text), longest=reading.field.longest)
    return text


def _code(text: str, reading: Reading) -> str:
    code = " ".join(plain_key(_literal(text)).split())
    _refuse_lost_digits(code, reading)
    return _short_enough(code, reading)


def _refuse_lost_digits(code: str, reading: Reading) -> None:
    if _EXPONENT_FORM.fullmatch(code):
        raise NumberInExponentForm(value=code)
    digits = code.lstrip("-").replace(".", "")
    if reading.is_number and len(digits) > EXACT_DIGITS:
        raise NumberTooLong(value=code, length=len(digits))


def _text(text: str, reading: Reading) -> str:
    plain = _literal(text)
    # What our own export guarded is taken back as it was, blanks and all.
    return _short_enough(plain if unguarded(text) != text else " ".join(plain.split()), reading)


def _day(text: str, reading: Reading) -> date:
    if (reading.is_number and len(text.partition(".")[0]) != _DAY_COMPACT) or _SERIAL.fullmatch(text):
        return day_from_excel(int(Decimal(text)))
    return parse_day(_TIME_OF_DAY.sub("", text), reading.order)


def read_money(text: str, currency: str, *, is_number: bool) -> int:
    """Return an amount in minor units of a currency, from typed text or from a number of a spreadsheet."""
    return minor_from_number(Decimal(text), currency) if is_number else parse_minor(text, currency)


def _money(text: str, reading: Reading) -> int:
    return read_money(text, reading.currency, is_number=reading.is_number)


@cache
def _by_word(table_name: str) -> dict[str, str]:
    table = {"currency": CURRENCIES, "country": COUNTRIES, "language": LANGUAGES}[table_name]
    return {_word(word): code for code, words in table.items() for word in (code, *words.split())}


def _word(text: str) -> str:
    """Fold a word, but keep signs such as ¥ and $, which may be all there is."""
    return re.sub(r"[\s_.-]+", "", unicodedata.normalize("NFKC", text).casefold())


def _currency(text: str, _reading: Reading) -> str:
    code = _by_word("currency").get(_word(text), plain_key(text).upper())
    try:
        currency_exponent(code)
    except CurrencyUnknown:
        raise CurrencyUnknown(currency=text) from None
    return code


def _country(text: str, _reading: Reading) -> str:
    code = _by_word("country").get(_word(text), plain_key(text).upper())
    if not re.fullmatch("[A-Z]{2}", code) or code not in Locale("en").territories:
        raise CountryUnknown(value=text)
    return code


def _language(text: str, reading: Reading) -> str:
    code = _by_word("language").get(_word(text))
    if code is None:
        raise ChoiceUnknown(value=text, field=reading.field.name, choices=", ".join(LANGUAGES))
    return code


def _zone(text: str, _reading: Reading) -> str:
    return zone_of(plain_key(text)).key


@cache
def _choices(kind: ListKind, name: str) -> Mapping[str, str]:
    table = VALUES[kind, name]
    return {folded(word): code for code, words in table.items() for word in (code, *words.split())}


def _choice(text: str, reading: Reading) -> str:
    if (reading.kind, reading.field.name) == (ListKind.CONTACTS, "role"):
        return role_of(text)
    choices = _choices(reading.kind, reading.field.name)
    found = choices.get(folded(text))
    if found is None:
        known = ", ".join(sorted(code.lower() for code in set(choices.values())))
        raise ChoiceUnknown(value=text[:60], field=reading.field.name, choices=known)
    return found


def _registration(text: str, reading: Reading) -> str:
    """Keep the number as written but for width, case and blanks; whether it is a valid one is a warning's business."""
    code = re.sub(r"\s+", "", _code(text, reading)).upper()
    return code.replace("-", "") if reading.country == "CN" else code


def _phone(text: str, reading: Reading) -> str:
    plain = _literal(text)
    _refuse_lost_digits(plain, reading)
    return parse_phone(plain, reading.country)


def _email(text: str, _reading: Reading) -> str:
    return parse_email(_literal(text))


def _rate(text: str, _reading: Reading) -> int:
    return parse_rate(text)


def _whole(text: str, reading: Reading) -> int:
    plain = re.sub("[天日]$|days?$", "", plain_key(text).casefold()).strip().removesuffix(".0")
    if not _WHOLE.fullmatch(plain) or not plain.isascii():
        raise WholeUnreadable(value=text[:60])
    number = int(plain)
    if reading.field.name == "basis" and number not in {360, 365}:
        raise BasisUnknown(value=number)
    return number


def _hours(text: str, _reading: Reading) -> str:
    return format_hours(parse_hours(_literal(text)))


_READERS: Final[dict[Cell, Reader]] = {
    Cell.CODE: _code,
    Cell.TEXT: _text,
    Cell.DAY: _day,
    Cell.MONEY: _money,
    Cell.CURRENCY: _currency,
    Cell.CHOICE: _choice,
    Cell.COUNTRY: _country,
    Cell.LANGUAGE: _language,
    Cell.ZONE: _zone,
    Cell.REGISTRATION: _registration,
    Cell.PHONE: _phone,
    Cell.EMAIL: _email,
    Cell.RATE: _rate,
    Cell.WHOLE: _whole,
    Cell.HOURS: _hours,
}


def reading_of(kind: ListKind, name: str, **more: object) -> Reading:
    """Return the reading of a column by name."""
    return Reading(kind=kind, field=LISTS[kind].field(name), **more)  # type: ignore[arg-type]
