"""The early-payment discount as a bookkeeper tells it: walk through the days, look at what is missing each evening."""

from datetime import timedelta
from fractions import Fraction

from tests.twins.penalty import round_half_away


def verdict(*, amount_minor, issued_on, share_ppm, days, paid):
    """Return (state, minor, day); None when nothing is decided. `paid`: (day, minor)."""
    discount = round_half_away(Fraction(amount_minor * share_ppm, 10**6))
    left = amount_minor - sum(minor for _, minor in paid)
    if not paid or discount == 0 or left <= 0:
        return None
    last_on = issued_on + timedelta(days=days)
    day = min(on for on, _ in paid)
    while day <= last_on:
        if amount_minor - sum(minor for on, minor in paid if on <= day) <= discount:
            return "TAKEN", left, day
        day += timedelta(days=1)
    latest = max(on for on, _ in paid)
    return ("LATE", left, latest) if left == discount and latest > last_on else None
