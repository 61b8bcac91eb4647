"""A mapping: which heading of a file means which column, and how the file is written. Checked before it is used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from huikuan.exchange.rules.lists import LISTS, ListKind
from huikuan.kernel.days import DayOrder
from huikuan.kernel.refusal import Refusal, gettext_noop

DATE_ORDERS: Final = {"iso": DayOrder.YMD, "ymd": DayOrder.YMD, "dmy": DayOrder.DMY, "mdy": DayOrder.MDY}
DELIMITERS: Final = {"comma": ",", "semicolon": ";", "tab": "\t", ",": ",", ";": ";", "\t": "\t"}
_SETTINGS: Final = ("columns", "date_order", "encoding", "delimiter", "sheet")


class MappingUnreadable(Refusal):
    """Not the shape of a mapping."""

    code = "mapping.unreadable"
    text = gettext_noop(
        "The mapping cannot be read: {reason}. Write for example: columns: {{number: Beleg, amount: 7}}."
    )


class MappingColumnUnknown(Refusal):
    """A column that the list does not have."""

    code = "mapping.column-unknown"
    text = gettext_noop("The mapping names “{column}”, which {kind} do not have. They have: {known}.")


@dataclass(frozen=True, slots=True)
class FileMapping:
    """How files of one origin are read; what is None is found out."""

    columns: Mapping[str, str | int] = field(default_factory=dict)
    """Column → heading in the file, or position from 1."""
    date_order: DayOrder | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


def parse_mapping(kind: ListKind, content: object) -> FileMapping:
    """Read a mapping from what YAML or JSON gave: {columns: {...}, date_order, encoding, delimiter, sheet}.

    Raises: MappingUnreadable, MappingColumnUnknown.
    """
    if not isinstance(content, dict):
        raise MappingUnreadable(reason="it is not a set of names and values")
    given: dict[str, Any] = {str(name): value for name, value in content.items()}
    if strange := sorted(set(given) - set(_SETTINGS)):
        raise MappingUnreadable(reason=f"“{strange[0]}” is none of {', '.join(_SETTINGS)}")
    columns = given.get("columns") or {}
    if not isinstance(columns, dict):
        raise MappingUnreadable(reason="“columns” is not a set of names and headings")
    known = [each.name for each in LISTS[kind].fields]
    for name, place in columns.items():
        if name not in known:
            raise MappingColumnUnknown(column=name, kind=kind.value, known=", ".join(known))
        if isinstance(place, bool) or not isinstance(place, str | int) or place in {"", 0}:
            raise MappingUnreadable(reason=f"“{name}” needs a heading, or a position from 1")
    order, delimiter = given.get("date_order"), given.get("delimiter")
    if order is not None and order not in DATE_ORDERS:
        raise MappingUnreadable(reason=f"date_order is one of {', '.join(DATE_ORDERS)}")
    if delimiter is not None and delimiter not in DELIMITERS:
        raise MappingUnreadable(reason="delimiter is comma, semicolon or tab")
    return FileMapping(
        columns=columns,
        date_order=None if order is None else DATE_ORDERS[order],
        encoding=str(given["encoding"]) if given.get("encoding") else None,
        delimiter=None if delimiter is None else DELIMITERS[delimiter],
        sheet=str(given["sheet"]) if given.get("sheet") else None,
    )
