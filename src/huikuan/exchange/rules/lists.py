"""The five lists that can be imported: their columns, which are required, and what identifies a row."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ListKind(StrEnum):
    """What a file holds."""

    CUSTOMERS = "customers"
    CONTACTS = "contacts"
    CONTRACTS = "contracts"
    ITEMS = "items"
    RECEIPTS = "receipts"


class Cell(StrEnum):
    """How a cell is read."""

    CODE = "code"
    TEXT = "text"
    DAY = "day"
    MONEY = "money"
    CURRENCY = "currency"
    CHOICE = "choice"
    COUNTRY = "country"
    LANGUAGE = "language"
    ZONE = "zone"
    REGISTRATION = "registration"
    PHONE = "phone"
    EMAIL = "email"
    RATE = "rate"
    WHOLE = "whole"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a list."""

    name: str
    cell: Cell = Cell.TEXT
    required: bool = False
    longest: int = 200
    """Characters that the table holds."""


@dataclass(frozen=True, slots=True)
class ListSpec:
    """A list: its columns in the order in which they are exported, and the columns that identify a row."""

    kind: ListKind
    fields: tuple[Field, ...]
    key: tuple[str, ...]

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that must be there and filled."""
        return tuple(field.name for field in self.fields if field.required)

    def field(self, name: str) -> Field:
        """Return a column by name. Raises KeyError."""
        return self._by_name[name]

    @property
    def _by_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.fields}


def _code(name: str, *, required: bool = False, longest: int = 60) -> Field:
    return Field(name, Cell.CODE, required, longest)


_ENTITY: Final = _code("entity", longest=20)
"""In every list, where it is given: rows of another entity are refused, so that exports of all cannot be mixed up."""

LISTS: Final = {
    spec.kind: spec
    for spec in (
        ListSpec(
            ListKind.CUSTOMERS,
            (
                _code("code", required=True, longest=40),
                Field("name", Cell.TEXT, required=True),
                Field("registration_no", Cell.REGISTRATION, longest=40),
                Field("country", Cell.COUNTRY),
                Field("currency", Cell.CURRENCY),
                Field("industry", longest=80),
                Field("size_class", Cell.CHOICE),
                Field("language", Cell.LANGUAGE),
                Field("time_zone", Cell.ZONE),
                Field("email", Cell.EMAIL),
                Field("phone", Cell.PHONE),
                _code("collector", longest=150),
                Field("sales_owner", longest=80),
                _ENTITY,
            ),
            key=("code",),
        ),
        ListSpec(
            ListKind.CONTACTS,
            (
                _code("customer_code", required=True, longest=40),
                Field("name", required=True, longest=80),
                Field("role", Cell.CHOICE),
                Field("email", Cell.EMAIL),
                Field("phone", Cell.PHONE),
                Field("preferred_channel", Cell.CHOICE),
                Field("preferred_hours", Cell.HOURS),
                _ENTITY,
            ),
            key=("customer_code", "name", "email", "phone"),
        ),
        ListSpec(
            ListKind.CONTRACTS,
            (
                _code("number", required=True),
                _code("customer_code", required=True, longest=40),
                Field("kind", Cell.CHOICE),
                Field("signed_on", Cell.DAY),
                Field("term_days", Cell.WHOLE),
                Field("penalty_rate_per_day", Cell.RATE),
                Field("penalty_rate_per_year", Cell.RATE),
                Field("basis", Cell.WHOLE),
                Field("grace_days", Cell.WHOLE),
                Field("grace_mode", Cell.CHOICE),
                Field("cap_share", Cell.RATE),
                Field("clause", longest=120),
                _ENTITY,
            ),
            key=("number",),
        ),
        ListSpec(
            ListKind.ITEMS,
            (
                _code("number", required=True),
                _code("customer_code", required=True, longest=40),
                _code("contract_number"),
                Field("kind", Cell.CHOICE),
                Field("issued_on", Cell.DAY),
                Field("due_on", Cell.DAY, required=True),
                Field("amount", Cell.MONEY, required=True),
                Field("currency", Cell.CURRENCY),
                _ENTITY,
            ),
            key=("number",),
        ),
        ListSpec(
            ListKind.RECEIPTS,
            (
                _code("reference", required=True, longest=80),
                _code("customer_code", required=True, longest=40),
                Field("received_on", Cell.DAY, required=True),
                Field("amount", Cell.MONEY, required=True),
                Field("currency", Cell.CURRENCY),
                _code("item_number"),
                Field("payer_name"),
                _ENTITY,
            ),
            key=("reference",),
        ),
    )
}

DERIVED: Final = frozenset({"open", "settledon", "onaccount", "penaltykind"})
"""Columns that exports have besides, folded: calculated by the ledger, passed over when they come back."""

UNKNOWN_PAYER: Final = "?"
"""Customer code of money that nobody has recognized yet."""
