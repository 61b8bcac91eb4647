"""The days of phrases, found by walking from day to day: slow, plain, and written without looking at the rules."""

from datetime import date, timedelta

ONE = timedelta(days=1)
WEEK = "一二三四五六日"
MONTHS = ["January", "February", "March", "April", "May", "June", "July",
          "August", "September", "October", "November", "December"]  # fmt: skip
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def walk(day, is_it):
    """Return the first day from `day` on for which it is so; None within three years."""
    for _ in range(1100):
        if is_it(day):
            return day
        day += ONE
    return None


def weekday_of_next_week(day, weekday):
    monday = walk(day + ONE, lambda each: each.weekday() == 0)
    return walk(monday, lambda each: each.weekday() == weekday)


def last_of_month(day):
    return walk(day, lambda each: (each + ONE).month != each.month)


def last_of_next_month(day):
    return last_of_month(last_of_month(day) + ONE)


def day_of_next_month(day, number):
    first = last_of_month(day) + ONE
    found = walk(first, lambda each: each.day == number)
    return found if found is not None and found.month == first.month else None


def numbered_day(day, number):
    """The next day with this number, in this month or the next one; None where that month is too short."""
    if number >= day.day:
        found = walk(day, lambda each: each.day == number or each.month != day.month)
        return found if found.day == number and found.month == day.month else None
    return day_of_next_month(day, number)


def dated(day, month, number):
    """The next such day of a year; the 29th of February only where that next year has one."""
    year = day.year if (month, number) >= (day.month, day.day) else day.year + 1
    try:
        return date(year, month, number)
    except ValueError:
        return None


def phrases(day, n, weekday, month):
    """Yield (phrase, its day or None) for a day on which it is written."""
    yield f"下周{WEEK[weekday]}", weekday_of_next_week(day, weekday)
    yield f"周{WEEK[weekday]}", walk(day, lambda each: each.weekday() == weekday)
    yield f"next {DAYS[weekday]}", weekday_of_next_week(day, weekday)
    yield f"this {DAYS[weekday]}", walk(day, lambda each: each.weekday() == weekday)
    yield "月底", last_of_month(day)
    yield "下个月底", last_of_next_month(day)
    yield "end of the month", last_of_month(day)
    yield "end of next month", last_of_next_month(day)
    yield f"{n}号", numbered_day(day, n)
    yield f"下月{n}号", day_of_next_month(day, n)
    yield f"{n}th of next month", day_of_next_month(day, n)
    yield f"the {n}th", numbered_day(day, n)
    yield f"{month}月{n}日", dated(day, month, n)
    yield f"{n} {MONTHS[month - 1]}", dated(day, month, n)
    yield f"{MONTHS[month - 1][:3]} {n}", dated(day, month, n)
    yield f"{n}天后", day + n * ONE
    yield f"in {n} days", day + n * ONE
    yield f"{n}周后", day + 7 * n * ONE
    yield "明天", day + ONE
    yield "年底", walk(day, lambda each: (each.month, each.day) == (12, 31))
