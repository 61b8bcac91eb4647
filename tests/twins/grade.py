"""The grade, slow and obvious: one customer, fractions, the words of domain.md §4."""

from calendar import monthrange
from datetime import date
from fractions import Fraction

from huikuan.credit.rules.scorecard import Component, Scorecard


def half_away(value: Fraction) -> int:
    """Round to the nearest whole number, halves away from zero."""
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


def months_between(since: date | None, as_of: date) -> int:
    """Count whole months by walking month by month."""
    if since is None or since > as_of:
        return 0
    count = 0
    year, month = since.year, since.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        if (year, month, since.day) > (as_of.year, as_of.month, as_of.day):
            return count
        count += 1


def was_within(day: date | None, months: int, as_of: date) -> bool:
    """Tell whether a day lies less than so many calendar months back; a shorter month ends earlier."""
    if day is None:
        return False
    year, month = as_of.year, as_of.month
    for _ in range(months):
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return day > date(year, month, min(as_of.day, monthrange(year, month)[1]))


def fact(customer: dict, code: str, as_of: date) -> Fraction | str | None:
    """Return what a component looks at; None when it is not known."""
    if code == "late_share":
        return Fraction(100 * customer["late_count"], customer["settled_count"]) if customer["settled_count"] else None
    if code == "mean_days_late":
        amount = customer["amount_minor_sum"]
        return Fraction(customer["amount_days_sum"], amount) if amount else None
    if code == "worst_open_days":
        return Fraction(customer["worst_days"])
    if code == "cooperation_months":
        return Fraction(months_between(customer["known_since"], as_of)) if customer["known_since"] else None
    return customer.get(code, "")


def points(component: Component, value: Fraction | str | None) -> int:
    """Return what one component earns."""
    percent = component.missing_percent
    if component.values:
        percent = component.values.get(value, percent)
    elif component.bands and value is not None:
        percent = next(earns for up_to, earns in component.bands if up_to is None or value <= up_to)
    return half_away(Fraction(component.weight * percent, 100))


def grade(customer: dict, card: Scorecard, as_of: date) -> dict:
    """Return letter, score, knocked_out_by and the points of one customer."""
    earned = {c.code: points(c, fact(customer, c.code, as_of)) for c in card.components}
    score = min(100, sum(earned.values()))
    letter = "C"
    for name in ("B", "A"):
        if score >= card.thresholds[name]:
            letter = name
    months = months_between(customer["known_since"], as_of)
    if customer["settled_count"] < card.new_below_settled and months < card.new_below_months:
        letter = "N"
    knocked = ""
    for knock_out in card.knock_outs:
        holds = {
            "open_overdue_days": customer["worst_days"] > knock_out.value,
            "broken_plan_months": was_within(customer["plan_broken_on"], knock_out.value, as_of),
        }[knock_out.kind]
        if holds:
            knocked = knocked or knock_out.kind
            if letter == "N" or letter < knock_out.at_most:
                letter = knock_out.at_most
    said = {"letter": customer["override_letter"] or letter, "score": score, "knocked_out_by": knocked}
    return said | {f"{code}_points": value for code, value in earned.items()}
