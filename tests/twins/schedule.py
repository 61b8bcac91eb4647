"""A plan cut minor unit by minor unit: no part but the last may be more than its fair share."""

from datetime import date, timedelta
from fractions import Fraction


def cut(total: int, weights: list[int]) -> list[int]:
    """Hand out units one at a time: each part as many as fit into its fair share, and the last what nobody has."""
    parts, given = [], 0
    for weight in weights[:-1]:
        fair = Fraction(total * weight, sum(weights))
        part = 0
        while Fraction(part + 1) <= fair:
            part += 1
        given += part
        parts.append(part)
    return [*parts, total - given]


def in_books(parts: list[int], booked: int) -> list[int]:
    """Value every part but the last at the debt's own rate, without what is less than a unit."""
    rate = Fraction(booked, sum(parts))
    valued = [int(part * rate) for part in parts[:-1]]
    return [*valued, booked - sum(valued)]


def amounts(total: int, *, parts: int, first_percent: int, declining: bool) -> list[int]:
    """Return the parts of a plan."""
    if parts == 1:
        return [total]
    first = int(Fraction(total * first_percent, 100) + Fraction(1, 2))
    count = parts - (1 if first_percent else 0)
    rest = cut(total - first, [count - n if declining else 1 for n in range(count)])
    return [first, *rest] if first_percent else rest


def after_working_days(day: date, count: int, is_working) -> date:
    """Step forward day by day."""
    while count:
        day += timedelta(days=1)
        count -= 1 if is_working(day) else 0
    return day
