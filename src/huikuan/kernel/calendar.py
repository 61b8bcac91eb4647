"""Working days, with an honest answer for the years that nobody has published yet.

China: our own table of published notices (`calendar_data`), then `chinesecalendar` for the years before it. A year with
no notice is *unknown*: a legal deadline refuses to guess, planning falls back to Monday to Friday less the fixed
holidays and says that it is an estimate. Other countries: the `holidays` package, which computes statute law (its
moon-sighted days are predictions). A country it does not know is unknown in every year.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

import chinese_calendar
import holidays
import polars as pl

from huikuan.kernel.calendar_data import NOTICES, DayKind, Notice
from huikuan.kernel.days import Period, add_days
from huikuan.kernel.refusal import Refusal, gettext_noop

_SATURDAY: Final = 5
_NO_WORK_STRETCH_MAX: Final = 60
"""Days to search for a working day before giving up: the longest closure known is under two weeks."""


class CalendarUnknown(Refusal):
    """No notice has been published for the year: a person must decide."""

    code = "calendar.unknown"
    text = gettext_noop(
        "The working days of {country} in {year} are not published yet, so the deadline after {day} is not certain. "
        "Enter the notice of that year, or set the day by hand."
    )


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day on which the calendar departs from the ordinary week."""

    country: str
    day: date
    kind: DayKind
    source: str


def calendar_days(notices: tuple[Notice, ...] = NOTICES) -> list[CalendarDay]:
    """Return the notices as rows (country, day, kind, source), in order: what the calendar page and its export show."""
    rows = [
        CalendarDay(notice.country, day, DayKind.OFF, notice.source)
        for notice in notices
        for first, last in notice.off
        for day in Period.through(first, last)
    ]
    rows += [CalendarDay(notice.country, day, DayKind.WORK, notice.source) for notice in notices for day in notice.work]
    return sorted(rows, key=lambda row: (row.country, row.day))


@dataclass(frozen=True, slots=True)
class _Year:
    """The working days of one year, and whether they are known or estimated."""

    working: frozenset[date]
    is_known: bool


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The working days of one country.

    Attributes:
        country: ISO 3166 code: "CN", "HK", "DE".
        notices: Published years; pass more to add what a user entered. The last one for a year wins.
    """

    country: str = "CN"
    notices: tuple[Notice, ...] = NOTICES

    def is_working_day(self, day: date) -> bool | None:
        """Tell whether people work on that day; None when no notice for its year is known."""
        year = _year(self.country, day.year, self.notices)
        return day in year.working if year.is_known else None

    def is_working_day_or_fallback(self, day: date) -> tuple[bool, bool]:
        """Tell whether people work on that day, and whether that is an estimate: (is_working, is_estimate)."""
        year = _year(self.country, day.year, self.notices)
        return day in year.working, not year.is_known

    def is_known(self, period: Period) -> bool:
        """Tell whether every day of the period is known; else what is computed over it is an estimate."""
        last = max(period.starts_on, add_days(period.ends_before, -1))
        return all(
            _year(self.country, year, self.notices).is_known for year in range(period.starts_on.year, last.year + 1)
        )

    def next_working_day(self, day: date) -> date:
        """Return the first working day after `day`, which itself never counts. Estimated where unknown."""
        return self.add_working_days(day, 1)

    def on_or_after(self, day: date) -> date:
        """Return `day` if people work on it, else the next working day. Estimated where unknown."""
        return next(candidate for candidate in _walk(day, 1) if self.is_working_day_or_fallback(candidate)[0])

    def add_working_days(self, day: date, count: int) -> date:
        """Return the count-th working day after `day` (before it when negative); 0 is the day itself, working or not.

        Estimated where unknown: ask `is_known` and say so when it matters.
        """
        step = 1 if count > 0 else -1
        left = abs(count)
        while left:
            day = next(c for c in _walk(add_days(day, step), step) if self.is_working_day_or_fallback(c)[0])
            left -= 1
        return day

    def working_days_between(self, starts_on: date, ends_before: date) -> int:
        """Count the working days of the half-open period. Estimated where unknown. Raises ValueError if reversed."""
        return sum(self.is_working_day_or_fallback(day)[0] for day in Period(starts_on, ends_before))

    def roll_forward_legal(self, day: date) -> date:
        """Return the last day of a legal period: `day`, or the next working day when it falls on a day off.

        民法典 art. 203, 民事诉讼法 art. 85. A Saturday made a working day counts as one (our reading, law.md §2).

        Raises: CalendarUnknown as soon as the answer hangs on a day that nobody has published.
        """
        for candidate in _walk(day, 1):
            is_working = self.is_working_day(candidate)
            if is_working is None:
                raise CalendarUnknown(country=self.country, year=candidate.year, day=day)
            if is_working:
                return candidate
        raise CalendarUnknown(country=self.country, year=day.year, day=day)

    def frame(self, starts_on: date, ends_before: date) -> pl.DataFrame:
        """Return the half-open period as a frame for rules: day (Date), is_working, is_estimate (Boolean)."""
        days = list(Period(starts_on, ends_before))
        answers = [self.is_working_day_or_fallback(day) for day in days]
        return pl.DataFrame(
            {
                "day": days,
                "is_working": [is_working for is_working, _ in answers],
                "is_estimate": [is_estimate for _, is_estimate in answers],
            },
            schema={"day": pl.Date, "is_working": pl.Boolean, "is_estimate": pl.Boolean},
        )


def _walk(day: date, step: int) -> Iterator[date]:
    """Go through the days from `day` on, forwards or backwards, as far as any closure can reach."""
    return (add_days(day, offset * step) for offset in range(_NO_WORK_STRETCH_MAX))


@lru_cache(maxsize=1024)
def _year(country: str, year: int, notices: tuple[Notice, ...]) -> _Year:
    published = [notice for notice in notices if (notice.country, notice.year) == (country, year)]
    if published:
        return _Year(_working_by_notice(published[-1]), is_known=True)
    if country == "CN":
        return _earlier_year_of_china(year) or _Year(_working_by_statute("CN", year), is_known=False)
    if country in _supported_countries():
        return _Year(_working_by_statute(country, year), is_known=True)
    return _Year(frozenset(day for day in _days_of(year) if day.weekday() < _SATURDAY), is_known=False)


def _days_of(year: int) -> Period:
    return Period.year_of(date(year, 1, 1))


def _working_by_notice(notice: Notice) -> frozenset[date]:
    """Apply a notice to the ordinary week."""
    week = {day for day in _days_of(notice.year) if day.weekday() < _SATURDAY}
    off = {day for first, last in notice.off for day in Period.through(first, last)}
    return frozenset((week - off) | set(notice.work))


def _earlier_year_of_china(year: int) -> _Year | None:
    """Return a past year from `chinesecalendar`; None when it has no data for it."""
    try:
        working = frozenset(day for day in _days_of(year) if chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None
    return _Year(working, is_known=True)


def _working_by_statute(country: str, year: int) -> frozenset[date]:
    """Return the ordinary week of the country less its public holidays (plus the swaps the package knows)."""
    statutory = holidays.country_holidays(country, years=year)
    return frozenset(day for day in _days_of(year) if statutory.is_working_day(day))


@lru_cache(maxsize=1)
def _supported_countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries())
