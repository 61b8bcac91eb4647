"""The loan prime rate (LPR, 贷款市场报价利率) as data: when it changed, and how to tell an invented row.

Announced about the 20th of each month by the 全国银行间同业拆借中心; each announcement holds until the next.
Only the days on which a rate changed are listed. Every row is `unverified` (law.md §4: secondary pages that agree, none
of them the publisher's own); a page that shows one says so.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

import polars as pl

from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.days import Period, add_months, month_start
from huikuan.kernel.refusal import Refusal, gettext_noop

_ANNOUNCED_ON_THE: Final = 20


class Tenor(StrEnum):
    """For which length of loan."""

    ONE_YEAR = "1Y"
    FIVE_YEARS = "5Y"


class FactStatus(StrEnum):
    """How far a statutory fact has been checked; only VERIFIED may decide anything by itself."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"


class LprUnknown(Refusal):
    """There was no LPR yet: for breaches before, the central bank's base rates apply (买卖合同解释 art. 18)."""

    code = "lpr.unknown"
    text = gettext_noop(
        "There is no LPR for {day}: the first was announced on {first}. Enter the rate that applies by hand."
    )


@dataclass(frozen=True, slots=True)
class LprPoint:
    """The rates from the day of an announcement on, in parts per million a year."""

    published_on: date
    one_year_ppm: int
    five_years_ppm: int
    source: str
    status: FactStatus = FactStatus.UNVERIFIED

    def ppm(self, tenor: Tenor) -> int:
        """Return the rate of one tenor."""
        return self.one_year_ppm if tenor is Tenor.ONE_YEAR else self.five_years_ppm


@dataclass(frozen=True, slots=True)
class LprAnswer:
    """The rate that holds on a day, since when, and whether a later announcement may have changed it."""

    ppm: int
    published_on: date
    is_estimate: bool
    status: FactStatus


_TABLE: Final = "public tables of the monthly announcements that agree with each other and with dated news"
_CHANGES: Final = (
    (date(2019, 8, 20), 42_500, 48_500),
    (date(2019, 9, 20), 42_000, 48_500),
    (date(2019, 11, 20), 41_500, 48_000),
    (date(2020, 2, 20), 40_500, 47_500),
    (date(2020, 4, 20), 38_500, 46_500),
    (date(2021, 12, 20), 38_000, 46_500),
    (date(2022, 1, 20), 37_000, 46_000),
    (date(2022, 5, 20), 37_000, 44_500),
    (date(2022, 8, 22), 36_500, 43_000),
    (date(2023, 6, 20), 35_500, 42_000),
    (date(2023, 8, 21), 34_500, 42_000),
    (date(2024, 2, 20), 34_500, 39_500),
    (date(2024, 7, 22), 33_500, 38_500),
    (date(2024, 10, 21), 31_000, 36_000),
    (date(2025, 5, 20), 30_000, 35_000),
)
LPR_POINTS: Final = tuple(LprPoint(day, one_year, five_years, _TABLE) for day, one_year, five_years in _CHANGES)
"""Every change known, in order."""

LPR_LAST_SEEN_ON: Final = date(2026, 6, 22)
"""The last announcement known; it changed nothing. Whatever holds from the next one on is an estimate."""


def publication_day(month: date) -> date:
    """Return the day on which the LPR of a month is announced: the 20th, or the next working day of China.

    Days made working days count. Estimated in a year whose calendar is unknown.

    Args:
        month: Any day of the month.
    """
    return WorkingCalendar("CN").on_or_after(month.replace(day=_ANNOUNCED_ON_THE))


def unlikely_publications(days: Iterable[date]) -> list[date]:
    """Return those days on which no LPR can have been announced, in order: what an import must ask about.

    Public copies of the table hold invented rows (2020-01-01, 2023-01-01).
    """
    return sorted(day for day in days if day != publication_day(day))


@dataclass(frozen=True, slots=True)
class LprTable:
    """A history of the LPR that can be asked for any day.

    Attributes:
        points: Changes, in order of their days.
        last_seen_on: Last announcement known, changed or not.
    """

    points: tuple[LprPoint, ...] = LPR_POINTS
    last_seen_on: date = LPR_LAST_SEEN_ON

    def __post_init__(self) -> None:
        """Raise ValueError unless the points ascend and reach no further than `last_seen_on`."""
        days = [point.published_on for point in self.points]
        if not days or days != sorted(set(days)) or days[-1] > self.last_seen_on:
            message = "the points of an LPR table ascend by day, and end by the last announcement seen"
            raise ValueError(message)

    def on(self, day: date, tenor: Tenor = Tenor.ONE_YEAR) -> LprAnswer:
        """Return the rate that holds on a day; an announcement counts from its own day on.

        From the day of the first announcement not seen, the last known rate is returned as an estimate.

        Raises: LprUnknown before the first announcement.
        """
        index = bisect_right(self.points, day, key=lambda point: point.published_on)
        if index == 0:
            raise LprUnknown(day=day, first=self.points[0].published_on)
        point = self.points[index - 1]
        return LprAnswer(point.ppm(tenor), point.published_on, day >= self.first_unseen_on, point.status)

    @property
    def first_unseen_on(self) -> date:
        """The day of the first announcement that is not known yet."""
        return publication_day(add_months(month_start(self.last_seen_on), 1))

    def frame(self, starts_on: date, ends_before: date, tenor: Tenor = Tenor.ONE_YEAR) -> pl.DataFrame:
        """Return the half-open period as a frame for rules: day (Date), ppm (Int64, a year), is_estimate (Boolean).

        Raises: LprUnknown if it begins before the first announcement.
        """
        days = list(Period(starts_on, ends_before))
        answers = [self.on(day, tenor) for day in days]
        return pl.DataFrame(
            {
                "day": days,
                "ppm": [answer.ppm for answer in answers],
                "is_estimate": [answer.is_estimate for answer in answers],
            },
            schema={"day": pl.Date, "ppm": pl.Int64, "is_estimate": pl.Boolean},
        )
