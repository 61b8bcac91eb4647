"""Days as people name them in a message: “下周五”, “月底前”, “28号”, “by Friday 28 Nov”, “15th of next month”.

Every phrase is read relative to the day on which it was written, at the customer's place. A week begins on Monday:
“下周五” and “next Friday” are the Friday of the week after. What names no day (“next week”, “三个工作日内”) is not
made one, and a day that falls on a holiday is not moved: what was promised is what was said.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from huikuan.outreach.rules.amounts import numeral

_NUM: Final = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,3})"
_WEEKDAYS: Final = {**dict(zip("一二三四五六日", range(7), strict=True)), "天": 6}
_DAY_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH_NAMES: Final = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
                       "november", "december")  # fmt: skip
_MONTH: Final = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"  # noqa: E501
_WEEKDAY: Final = r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)\b\.?"  # noqa: E501
_COUNTS: Final = {word: n for n, word in enumerate(
    ("a", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
     "eleven", "twelve", "thirteen", "fourteen", "fifteen"))} | {"a": 1, "an": 1}  # fmt: skip
_COUNT: Final = rf"(?:\d{{1,3}}|{'|'.join(sorted(_COUNTS, key=len, reverse=True))}|an)"
MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class FoundDay:
    """A day named in a text, and where."""

    day: date
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class At:
    """The day on which a text was written, and whether it tells what has been."""

    day: date
    is_past: bool


Reader = Callable[[re.Match[str], At], date | None]


def days_in(text: str, written_on: date, *, is_past: bool = False) -> list[FoundDay]:
    """Return the days that a text names, in their order; of phrases within each other the longest counts.

    Args:
        text: Any.
        written_on: The day on which it was written, at the writer's place.
        is_past: The text tells what has been: “28号” is the last one, not the next.
    """
    found: list[FoundDay] = []
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            day = _valid(read, match, At(written_on, is_past))
            if day is not None:
                found.append(FoundDay(day, match.start(), match.end()))
            elif read is _vague:
                found.append(FoundDay(date.min, match.start(), match.end()))
    found.sort(key=lambda each: (each.begin - each.end, each.begin))
    taken: list[FoundDay] = []
    for each in found:
        if all(each.end <= other.begin or each.begin >= other.end for other in taken):
            taken.append(each)
    return sorted((each for each in taken if each.day != date.min), key=lambda each: each.begin)


def _valid(read: Reader, match: re.Match[str], at: At) -> date | None:
    try:
        return read(match, at)
    except (ValueError, OverflowError):  # the 31st of a month that has none
        return None


# --- arithmetic --------------------------------------------------------------------------------------------


def _month_after(day: date, months: int) -> date:
    """Return the first day of the month that lies so many months after that of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _month_end(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])


def _in_week(day: date, weekday: int, weeks: int) -> date:
    """Return a weekday of the week that lies so many weeks after that of `day`."""
    return day - timedelta(days=day.weekday()) + timedelta(weeks=weeks, days=weekday)


def _nearest_weekday(day: date, weekday: int, *, is_past: bool) -> date:
    """Return the next such weekday, today included; or the last one."""
    ahead = (weekday - day.weekday()) % 7
    return day + timedelta(days=ahead - 7 if is_past and ahead else ahead)


def _nearest_of_month(day: date, number: int, *, is_past: bool) -> date:
    """Return the next day with this number of the month, or the last one. Raises ValueError where it does not exist."""
    this = day.replace(day=1)
    months = 0
    if is_past and number > day.day:
        months = -1
    elif not is_past and number < day.day:
        months = 1
    return _month_after(this, months).replace(day=number)


def _nearest_of_year(day: date, month: int, number: int, *, is_past: bool) -> date:
    """Return the next such day of a year, or the last one. Raises ValueError where it does not exist."""
    this = (month, number) < (day.month, day.day)
    year = day.year + (1 if this and not is_past else -1 if is_past and (month, number) > (day.month, day.day) else 0)
    return date(year, month, number)


def _n(words: str) -> int:
    """Read a number in digits or signs. Raises ValueError."""
    if words.isascii() and words.isdigit():
        return int(words)
    value = numeral(words)
    if value is None:
        raise ValueError(words)
    return value


def _count(words: str) -> int:
    return int(words) if words.isdigit() else _COUNTS[words.lower()]


def _index(names: tuple[str, ...], word: str) -> int:
    return next(n for n, name in enumerate(names) if name.startswith(word.lower().rstrip(".")[:3]))


# --- readers -----------------------------------------------------------------------------------------------


def _relative(days: int) -> Reader:
    return lambda _match, at: at.day + timedelta(days=days)


def _zh_week(match: re.Match[str], at: At) -> date:
    weekday = _WEEKDAYS[match["weekday"]]
    which = match["which"] or ""
    if not which:
        return _nearest_weekday(at.day, weekday, is_past=at.is_past)
    weeks = which.count("下") - which.count("上")
    return _in_week(at.day, weekday, weeks)


def _zh_after(match: re.Match[str], at: At) -> date:
    each = 7 if match["unit"] in {"周", "星期", "礼拜", "个星期", "个礼拜"} else 1
    return at.day + timedelta(days=_n(match["count"]) * each)


def _zh_month_end(match: re.Match[str], at: At) -> date:
    which = match["which"] or ""
    if match["month"]:
        return _month_end(_nearest_of_year(at.day, _n(match["month"]), 28, is_past=at.is_past))
    return _month_end(_month_after(at.day, which.count("下") - which.count("上")))


def _zh_day(match: re.Match[str], at: At) -> date:
    number, which = _n(match["day"]), match["which"] or ""
    if which:
        return _month_after(at.day, which.count("下") - which.count("上")).replace(day=number)
    return _nearest_of_month(at.day, number, is_past=at.is_past)


def _zh_date(match: re.Match[str], at: At) -> date:
    month, number = _n(match["month"]), _n(match["day"])
    if match["year"]:
        year = {"今": at.day.year, "明": at.day.year + 1, "去": at.day.year - 1}.get(match["year"][0]) or int(
            match["year"][:4]
        )
        return date(year, month, number)
    return _nearest_of_year(at.day, month, number, is_past=at.is_past)


def _iso(match: re.Match[str], _at: At) -> date:
    return date(int(match["year"]), int(match["month"]), int(match["day"]))


def _slashed(match: re.Match[str], at: At) -> date | None:
    """Read 28/11 and 11/28; what could be either (5/12) is neither."""
    first, second = int(match["first"]), int(match["second"])
    if first > MONTHS and second <= MONTHS:
        return _nearest_of_year(at.day, second, first, is_past=at.is_past)
    return _nearest_of_year(at.day, first, second, is_past=at.is_past) if second > MONTHS else None


def _quarter_end(_match: re.Match[str], at: At) -> date:
    return _month_end(date(at.day.year, at.day.month + -at.day.month % 3, 1))


def _year_end(_match: re.Match[str], at: At) -> date:
    return date(at.day.year, 12, 31)


def _en_week(match: re.Match[str], at: At) -> date:
    weekday, which = _index(_DAY_NAMES, match["weekday"]), (match["which"] or "").lower()
    if which == "next":
        return _in_week(at.day, weekday, 1)
    if which == "last":
        return _in_week(at.day, weekday, -1)
    return _nearest_weekday(at.day, weekday, is_past=at.is_past)


def _en_date(match: re.Match[str], at: At) -> date:
    month, number = _index(_MONTH_NAMES, match["month"]) + 1, int(match["day"])
    if match["year"]:
        return date(int(match["year"]), month, number)
    return _nearest_of_year(at.day, month, number, is_past=at.is_past)


def _en_day_of_month(match: re.Match[str], at: At) -> date:
    number, which = int(match["day"]), (match["which"] or "").lower()
    if which:
        return _month_after(at.day, {"next": 1, "last": -1}.get(which, 0)).replace(day=number)
    return _nearest_of_month(at.day, number, is_past=at.is_past)


def _en_month_end(match: re.Match[str], at: At) -> date:
    if match["month"]:
        return _month_end(_nearest_of_year(at.day, _index(_MONTH_NAMES, match["month"]) + 1, 28, is_past=at.is_past))
    return _month_end(_month_after(at.day, {"next": 1, "last": -1}.get((match["which"] or "").lower(), 0)))


def _en_after(match: re.Match[str], at: At) -> date:
    return at.day + timedelta(days=_count(match["count"]) * (7 if match["unit"].lower().startswith("w") else 1))


def _vague(_match: re.Match[str], at: At) -> None:
    """Take a phrase that names no at.day, so that no part of it is read as one."""


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


_READERS: Final[tuple[tuple[re.Pattern[str], Reader], ...]] = tuple(
    (_compiled(pattern), read)
    for pattern, read in (
        (r"今[天日晚早]|本日|\btoday\b|\btonight\b", _relative(0)),
        (r"明[天日晚早]|\btomorrow\b", _relative(1)),
        (r"(?<!大)后[天日]|\b(?:the\s)?day\safter\stomorrow\b", _relative(2)),
        (r"大后天", _relative(3)),
        (r"昨[天日晚]|\byesterday\b", _relative(-1)),
        (r"(?<!大)前[天日]", _relative(-2)),
        (
            r"(?P<which>下下个?|下个?|上上个?|上个?|本|这个?)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])(?!内|后)",
            _zh_week,
        ),
        (rf"(?P<count>{_NUM})\s?(?P<unit>天|日|个?星期|个?礼拜|周)(?:之|以)?[内后]", _zh_after),
        (r"(?P<which>下下个?|下个?|上个?|本|这个?|当)?(?P<month>(?!))?月[底末](?:之?前)?", _zh_month_end),
        (rf"(?P<which>(?!))?(?P<month>{_NUM})月[底末](?:之?前)?", _zh_month_end),
        (
            rf"(?:(?P<which>(?:下下个?|下个?|上个?|本|这个?|当)月)|(?<![月\d./-]))(?P<day>{_NUM})[号](?!\s?(?:楼|线|库|车|机|发票|合同|订单))",
            _zh_day,
        ),
        (rf"(?P<which>(?:下下个?|下个?|上个?|本|这个?|当)月)(?P<day>{_NUM})日", _zh_day),
        (rf"(?P<year>\d{{4}}年|今年|明年|去年)?(?P<month>{_NUM})\s?月\s?(?P<day>{_NUM})\s?[日号]?(?!\d)", _zh_date),
        (
            r"(?<![A-Za-z0-9.-])(?P<year>20\d\d)(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})(?![A-Za-z0-9-])",
            _iso,
        ),
        (r"(?<![A-Za-z0-9./-])(?P<first>\d{1,2})/(?P<second>\d{1,2})(?![A-Za-z0-9/])", _slashed),
        (r"(?:本|这个?)?季度?[底末]|\bend\sof\s(?:the|this)\squarter\b", _quarter_end),
        (r"(?:今)?年[底末]|\b(?:the\s)?end\sof\s(?:the|this)\syear\b|\byear[\s-]end\b", _year_end),
        (rf"\b(?:(?P<which>next|this|coming|last)\s)?(?P<weekday>{_WEEKDAY})(?!\w)", _en_week),
        (
            rf"\b(?:{_WEEKDAY},?\s(?:the\s)?)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<month>{_MONTH}),?(?:\s(?P<year>20\d\d))?(?!\w)",
            _en_date,
        ),
        (
            rf"\b(?:{_WEEKDAY},?\s)?(?P<month>{_MONTH})\s(?:the\s)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?P<year>20\d\d))?(?![\w,.]?\d|\w)",
            _en_date,
        ),
        (
            r"\b(?:the\s)?(?P<day>\d{1,2})(?:st|nd|rd|th)(?:\sof\s(?P<which>next|this|last)\smonth|\sof\s(?:the\s)month)?\b(?P<month>(?!))?",
            _en_day_of_month,
        ),
        (
            rf"\b(?:the\s)?end\sof\s(?:(?:(?:the|(?P<which>next|this|last))\smonth)|(?P<month>{_MONTH}))|\bmonth[\s-]end\b",
            _en_month_end,
        ),
        (rf"\b(?:in|within)\s(?:the\snext\s)?(?P<count>{_COUNT})\s(?P<unit>days?|weeks?)\b(?:['’]\stime)?", _en_after),
        (rf"\b(?P<count>{_COUNT})\s(?P<unit>days?|weeks?)\s(?:from\s(?:now|today)|later)\b", _en_after),
        (rf"\b(?P<count>{_COUNT})\s(?:days?|weeks?)\s(?:ago|overdue|late|past\sdue)\b", _vague),
        (rf"{_NUM}\s?个?工作日(?:之|以)?[内后]?|\b{_COUNT}\s(?:working|business)\sdays?\b", _vague),
        (r"(?P<weekday>周[一二三四五六日])[到至](?:周|星期)?[一二三四五六日]", _vague),
        (r"\bmay\sbe\b|\bmarch\son\b|\bsun\s?(?:shine|set)\b", _vague),
    )
)
