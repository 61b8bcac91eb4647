"""The grade, slow and obvious: one customer, fractions, the words of domain.md §4."""

from datetime import date
from fractions import Fraction

from huikuan.credit.rules.scorecard import Scorecard


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


def grade(customer: dict, card: Scorecard, as_of: date) -> dict:
    """Return letter, score, knocked_out_by and the points of one customer."""
    months = months_between(customer["known_since"], as_of)
    settled, late = customer["settled_count"], customer["late_count"]
    amount, amount_days = customer["amount_minor_sum"], customer["amount_days_sum"]
    points = {}
    if settled:
        points["late_share"] = half_away(Fraction(card.late_share_points * (settled - late), settled))
        mean = Fraction(amount_days, amount)
        room = max(Fraction(0), 1 - mean / card.mean_days_late_zero)
        points["mean_days_late"] = half_away(card.mean_days_late_points * room)
    else:
        points["late_share"] = half_away(Fraction(card.late_share_points, 2))
        points["mean_days_late"] = half_away(Fraction(card.mean_days_late_points, 2))
    share = max(Fraction(0), 1 - Fraction(customer["worst_days"], card.worst_open_zero_days))
    points["worst_open"] = half_away(card.worst_open_points * share)
    known = min(months, card.cooperation_full_months)
    points["cooperation"] = half_away(Fraction(card.cooperation_points * known, card.cooperation_full_months))
    points["size"] = card.size_points.get(customer["size_class"], card.size_points[""])
    points["industry"] = card.industry_points.get(customer["industry"], card.industry_default_points)
    score = min(100, sum(points.values()))
    knocked = ""
    if customer["is_blacklisted"]:
        knocked = "BLACKLIST"
    elif customer["worst_days"] > card.knock_out_days:
        knocked = "OVERDUE"
    elif customer["has_broken_plan"]:
        knocked = "BROKEN_PLAN"
    if customer["override_letter"]:
        letter = customer["override_letter"]
    elif knocked:
        letter = "C"
    elif settled < card.new_below_count and months < card.new_below_months:
        letter = "N"
    elif score >= card.a_least:
        letter = "A"
    elif score >= card.b_least:
        letter = "B"
    else:
        letter = "C"
    return {
        "letter": letter,
        "score": score,
        "knocked_out_by": knocked,
        **{f"{k}_points": v for k, v in points.items()},
    }
