"""The published working calendar of China as data: one notice of the State Council a year.

A year is added by copying its notice here and setting nothing else; `tests/rules/kernel/test_calendar.py` compares
every day with an independent source.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class DayKind(StrEnum):
    """How a notice departs from the ordinary week."""

    OFF = "OFF"
    """No work: a holiday, or a day moved next to one (放假调休)."""
    WORK = "WORK"
    """A Saturday or Sunday on which people work (上班)."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What the authority published for one year: only the days that are named; all others follow the week.

    `off` holds first and last days, both inclusive, as the notices print them.
    """

    country: str
    year: int
    source: str
    published_on: date
    off: tuple[tuple[date, date], ...]
    work: tuple[date, ...]


def _stretch(year: int, first: tuple[int, int], last: tuple[int, int]) -> tuple[date, date]:
    return date(year, *first), date(year, *last)


CN_2025: Final = Notice(
    country="CN",
    year=2025,
    source="国办发明电〔2024〕12号",
    published_on=date(2024, 11, 12),
    off=(
        _stretch(2025, (1, 1), (1, 1)),  # 元旦
        _stretch(2025, (1, 28), (2, 4)),  # 春节
        _stretch(2025, (4, 4), (4, 6)),  # 清明节
        _stretch(2025, (5, 1), (5, 5)),  # 劳动节
        _stretch(2025, (5, 31), (6, 2)),  # 端午节
        _stretch(2025, (10, 1), (10, 8)),  # 国庆节、中秋节
    ),
    work=(
        date(2025, 1, 26),
        date(2025, 2, 8),
        date(2025, 4, 27),
        date(2025, 9, 28),
        date(2025, 10, 11),
    ),
)

CN_2026: Final = Notice(
    country="CN",
    year=2026,
    source="国办发明电〔2025〕7号",
    published_on=date(2025, 11, 4),
    off=(
        _stretch(2026, (1, 1), (1, 3)),  # 元旦
        _stretch(2026, (2, 15), (2, 23)),  # 春节
        _stretch(2026, (4, 4), (4, 6)),  # 清明节
        _stretch(2026, (5, 1), (5, 5)),  # 劳动节
        _stretch(2026, (6, 19), (6, 21)),  # 端午节
        _stretch(2026, (9, 25), (9, 27)),  # 中秋节
        _stretch(2026, (10, 1), (10, 7)),  # 国庆节
    ),
    work=(
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ),
)

NOTICES: Final = (CN_2025, CN_2026)
"""Every notice that ships with the product. 2027: none known when this was written, so the year is unknown."""
