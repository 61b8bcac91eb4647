"""A bank statement as it is read: sections of one account, lines, balances; and what a line is known by.

A reader yields `Part`s in the order of the file: a `Section`, its lines, its `Closing`, and so on. Tables of banks have
one section in which the currency may change from line to line.
"""

import hashlib
import re
import unicodedata
from datetime import date
from typing import NamedTuple


class Balance(NamedTuple):
    """What the account held at one moment."""

    amount_minor: int
    currency: str
    place: int
    """Line or row of the file."""


class Section(NamedTuple):
    """A statement of one account begins."""

    place: int
    account: str = ""
    """As the file names it: capitals and digits, stars where the bank masked some; empty: it does not say."""
    currency: str = ""
    """Empty: every line says its own."""
    opening: Balance | None = None
    starts_on: date | None = None
    ends_on: date | None = None


class BankLine(NamedTuple):
    """One movement of money, as the bank tells it. The columns of `StatementLine` say what each means."""

    row: int
    booked_on: date
    currency: str
    amount_minor: int
    value_on: date | None = None
    charges_minor: int = 0
    balance_minor: int | None = None
    counterparty_name: str = ""
    counterparty_account: str = ""
    remittance: str = ""
    bank_reference: str = ""
    end_to_end_id: str = ""
    kind: str = ""
    is_reversal: bool = False


class Closing(NamedTuple):
    """The statement ends: its closing balance, and the sums that the bank states, where it does."""

    place: int
    closing: Balance | None = None
    credit_minor: int | None = None
    debit_minor: int | None = None
    """Negative, as the sum of lines that went out."""
    line_count: int | None = None


class Remark(NamedTuple):
    """Something about the file that a person should know although it is read."""

    code: str
    place: int
    said: str = ""


Part = Section | BankLine | Closing | Remark

_NOISE = re.compile(r"[\s\u200b\ufeff]+")
_NO_REFERENCE = frozenset({"", "NONREF", "NOTPROVIDED", "NOTAVAILABLE", "-", "--", "/"})


def account_number(text: str) -> str:
    """Return an account number as it is kept: half width, capitals, no blanks, dots or dashes; stars stay.

    >>> account_number("6222 0210-0112.3456")
    '6222021001123456'
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"[^0-9A-Z*]", "", plain.replace("×", "*"))


def same_account(ours: str, stated: str) -> bool:
    """Tell whether the number in a file can be the account, also where the bank masked digits or added a currency.

    >>> same_account("6222021001123456", "6222****3456"), same_account("1234567890", "50880050/1234567890")
    (True, True)
    """
    if not stated:
        return True
    ours_plain, plain = account_number(ours), account_number(re.split(r"[/\s]", stated.strip())[-1])
    whole = account_number(stated)
    if "*" in whole:
        head, tail = whole[: whole.index("*")], whole[whole.rindex("*") + 1 :]
        return ours_plain.startswith(head.rstrip("X")) and ours_plain.endswith(tail.lstrip("X"))
    variants = {whole, plain, re.sub(r"[A-Z]{3}$", "", whole), re.sub(r"[A-Z]{3}$", "", plain)}
    parts = {account_number(part) for part in re.split(r"[/\s]", stated)}
    return ours_plain in variants | parts


def tidy_reference(text: str) -> str:
    """Return a reference of the bank, empty for the words that mean none."""
    plain = text.strip()
    return "" if plain.upper() in _NO_REFERENCE else plain


def _plain(text: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).casefold()


def facts_hash(line: BankLine) -> bytes:
    """Return what the bank said of a line as 16 bytes: equal for equal lines, whatever the spacing of the export.

    Row, balance and value date are left out: the same line stands elsewhere in another export, some exports lack the
    balance, and banks correct value dates.
    """
    facts = (
        line.booked_on.isoformat(),
        line.currency,
        str(line.amount_minor),
        *(
            _plain(text)
            for text in (
                line.bank_reference,
                line.end_to_end_id,
                line.counterparty_account,
                line.counterparty_name,
                line.remittance,
            )
        ),
    )
    return hashlib.blake2b("\x1f".join(facts).encode(), digest_size=16).digest()


def line_key(facts: bytes, occurrence: int) -> str:
    """Return the identity of a line in its account: 64 hexadecimal characters.

    Args:
        facts: `facts_hash` of the line.
        occurrence: Its number among equal lines of one day in one file, from 0.
    """
    return hashlib.sha256(facts + occurrence.to_bytes(4, "big")).hexdigest()


class Occurrences:
    """Numbers equal lines of one file, so that two equal payments of one day are two lines."""

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}

    def of(self, facts: bytes) -> int:
        """Return 0 for the first line with these facts, 1 for the second, and so on."""
        number = self._seen.get(facts, 0)
        self._seen[facts] = number + 1
        return number
