"""Calendar days: reading them from any file, counting, months, half-open periods. No clock, no zone."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from huikuan.kernel.refusal import Refusal, gettext_noop

DAY_FIRST: Final = date(1900, 1, 1)
DAY_LAST: Final = date(2199, 12, 31)
"""Days outside are refused: a typing error, never a due date."""

_EXCEL_EPOCH: Final = date(1899, 12, 30)
_EXCEL_EPOCH_1904: Final = date(1904, 1, 1)
_EXCEL_FALSE_LEAP_DAY: Final = 60
"""Excel believes that 1900 had a 29 February (serial 60), as Lotus 1-2-3 did: serials below 60 are one day off."""

_COMPACT: Final = re.compile(r"\d{8}")
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_CHINESE: Final = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]")
_THREE: Final = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})")
_MIDNIGHT: Final = re.compile(r"[T ]0{1,2}:00(:00(\.0+)?)?(Z|\+00:00)?$")


class DayOrder(StrEnum):
    """In which order a file writes year, month and day; declared, never guessed."""

    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"


class DayUnreadable(Refusal):
    """The text is no day in the declared order."""

    code = "day.unreadable"
    text = gettext_noop(
        "“{value}” is not a day written as {order}. Write it like 2026-01-05, or declare the order of the file."
    )


class DayNumberUnreadable(DayUnreadable):
    """The number behind a spreadsheet's cell is no day."""

    code = "day.number-unreadable"
    text = gettext_noop(
        "{value} is not the number of a day in a spreadsheet. Format the cell as a date and export again."
    )


class DayOutOfRange(Refusal):
    """A day before 1900 or after 2199."""

    code = "day.out-of-range"
    text = gettext_noop("“{value}” is not between {first} and {last}. Check the year.")


def parse_day(text: str, order: DayOrder | str = DayOrder.YMD) -> date:
    """Read a calendar day.

    Always understood: ISO (2026-01-05), Chinese (2026年1月5日) and eight digits with the year first (20260105).
    With / . or - between the parts the declared order decides: 05/01/2026 is 5 January under dmy, 1 May under mdy.
    A midnight behind the day, as databases export it, is dropped; another time of day is refused.

    Args:
        text: Half or full width.
        order: "ymd", "dmy" or "mdy".

    Raises: DayUnreadable (also for two-digit years), DayOutOfRange.
    """
    order = DayOrder(order)
    tidy = _MIDNIGHT.sub("", re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip())
    parts = _parts(tidy.replace(" ", ""), order)
    if parts is None:
        raise DayUnreadable(value=text, order=order.value)
    try:
        day = date(*parts)
    except ValueError:
        raise DayUnreadable(value=text, order=order.value) from None
    return _in_range(day, text)


def _parts(text: str, order: DayOrder) -> tuple[int, int, int] | None:
    """Return year, month and day, or None; the year has four digits."""
    if match := _ISO.fullmatch(text) or _CHINESE.fullmatch(text):
        year, month, day = match.groups()
        return int(year), int(month), int(day)
    if _COMPACT.fullmatch(text):
        return int(text[:4]), int(text[4:6]), int(text[6:])
    match = _THREE.fullmatch(text)
    if match is None:
        return None
    named = dict(zip(order.value, (match[1], match[3], match[4]), strict=True))
    if len(named["y"]) != len("2026"):
        return None
    return int(named["y"]), int(named["m"]), int(named["d"])


def day_from_excel(serial: float, *, epoch_1904: bool = False) -> date:
    """Turn the number behind a spreadsheet's date cell into the day: 46027 is 2026-01-05. A time of day is dropped.

    In the 1900 system serial 60 is a day that never was (29 February 1900) and is refused; smaller serials count from
    one day later than the others. Workbooks of old Macs count from 1904 (`epoch_1904`).

    Raises: DayNumberUnreadable (a DayUnreadable), DayOutOfRange.
    """
    whole = int(serial) if serial == serial and abs(serial) < 10**7 else -1  # noqa: PLR0124 - NaN differs from itself
    if isinstance(serial, bool) or whole < 0 or (whole == _EXCEL_FALSE_LEAP_DAY and not epoch_1904):
        raise DayNumberUnreadable(value=serial)
    if epoch_1904:
        epoch = _EXCEL_EPOCH_1904
    else:
        epoch = _EXCEL_EPOCH if whole > _EXCEL_FALSE_LEAP_DAY else _EXCEL_EPOCH + timedelta(days=1)
    try:
        day = epoch + timedelta(days=whole)
    except OverflowError:
        raise DayOutOfRange(value=serial, first=DAY_FIRST, last=DAY_LAST) from None
    return _in_range(day, serial)


def _in_range(day: date, value: object) -> date:
    if not DAY_FIRST <= day <= DAY_LAST:
        raise DayOutOfRange(value=value, first=DAY_FIRST, last=DAY_LAST)
    return day


def days_between(earlier: date, later: date) -> int:
    """Count days from one to the other, the first not counted, the last counted: due 10th, paid 11th is 1 day."""
    return (later - earlier).days


def add_days(day: date, days: int) -> date:
    """Return the day so many days later (earlier when negative)."""
    return day + timedelta(days=days)


def add_months(day: date, months: int) -> date:
    """Return the same day so many months later, or the last of that month when it is shorter.

    2025-08-31 + 6 is 2026-02-28 (民法典 art. 202: no corresponding day, then the last day of the month).
    Counted from the original day, not step by step: 31 January + 2 is 31 March.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    """Return the same day so many years later; 29 February becomes 28 February."""
    return add_months(day, 12 * years)


def month_start(day: date) -> date:
    """Return the first day of the month."""
    return day.replace(day=1)


def end_of_month(day: date) -> date:
    """Return the last day of the month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """A half-open stretch of days: `starts_on` belongs to it, `ends_before` does not. It may be empty."""

    starts_on: date
    ends_before: date

    def __post_init__(self) -> None:
        """Raise ValueError when the end precedes the start: the caller swapped them."""
        if self.ends_before < self.starts_on:
            message = f"the period ends ({self.ends_before}) before it starts ({self.starts_on})"
            raise ValueError(message)

    @classmethod
    def month_of(cls, day: date) -> "Period":
        """Return the calendar month around a day."""
        return cls(month_start(day), add_months(month_start(day), 1))

    @classmethod
    def year_of(cls, day: date) -> "Period":
        """Return the calendar year around a day."""
        return cls(date(day.year, 1, 1), date(day.year + 1, 1, 1))

    @classmethod
    def through(cls, starts_on: date, ends_on: date) -> "Period":
        """Return the period whose last day is `ends_on`."""
        return cls(starts_on, add_days(ends_on, 1))

    @property
    def days(self) -> int:
        """Number of days in it."""
        return days_between(self.starts_on, self.ends_before)

    def __contains__(self, day: date) -> bool:
        """Tell whether the day lies in the period."""
        return self.starts_on <= day < self.ends_before

    def __iter__(self) -> Iterator[date]:
        """Go through the days."""
        return (add_days(self.starts_on, offset) for offset in range(self.days))

    def shared_with(self, other: "Period") -> "Period | None":
        """Return the days in both, None when there are none."""
        starts_on, ends_before = max(self.starts_on, other.starts_on), min(self.ends_before, other.ends_before)
        return Period(starts_on, ends_before) if starts_on < ends_before else None
