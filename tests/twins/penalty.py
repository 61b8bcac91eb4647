"""The late penalty, slowly: one day after another, in fractions, as one would explain it to a court."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from huikuan.receivables.rules.terms import Terms

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Answer:
    penalty_minor: int
    fee_minor: int
    exact: Fraction


def round_half_away(value: Fraction) -> int:
    """Round to the nearest whole number; a half goes away from zero."""
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


def rate_on(changes: list[tuple[date, int]], day: date) -> Fraction:
    """Return the published yearly rate that holds on a day; nothing before the first publication."""
    held = [ppm for since, ppm in sorted(changes) if since <= day]
    return Fraction(held[-1] if held else 0, 10**6)


def daily_rate(terms: Terms, *, due_on: date, day: date, changes: list[tuple[date, int]]) -> Fraction:
    """Return what one unit of principal bears on this day."""
    agreed = Fraction(terms.rate_ppb, 10**9)
    if terms.kind == "NONE":
        return Fraction(0)
    if terms.kind == "PER_DAY":
        return agreed
    if terms.kind == "PER_YEAR":
        return agreed / terms.basis_days
    anchor = {"FLOATING": day, "AT_BREACH": due_on + DAY, "AT_CONTRACT": terms.anchor_on}[terms.anchor]
    return (rate_on(changes, anchor) * Fraction(terms.multiple_ppm, 10**6) + agreed) / terms.basis_days


def penalty(
    *, due_on: date, amount_minor: int, payments: list[tuple[date, int]], terms: Terms | None,
    changes: list[tuple[date, int]], as_of: date,
) -> Answer:  # fmt: skip
    """Walk from the day after due to `as_of`. `payments` are signed: a reversal is negative."""
    if terms is None:
        return Answer(0, 0, Fraction(0))
    grace_ends = due_on + timedelta(days=terms.grace_days)
    if as_of <= grace_ends:
        return Answer(0, 0, Fraction(0))

    def unpaid_at_end_of(day: date) -> int:
        return amount_minor - sum(paid for on, paid in payments if on <= day)

    total, rounded_days = Fraction(0), 0
    day = due_on + DAY if terms.grace_mode == "FORGIVING" else grace_ends + DAY
    while day <= as_of:
        # Money that came within grace is forgiven all of it; later money still bears the day on which it came.
        base = unpaid_at_end_of(max(day - DAY, grace_ends))
        borne = base * daily_rate(terms, due_on=due_on, day=day, changes=changes)
        total += borne
        rounded_days += round_half_away(borne)
        day += DAY
    result = max(0, rounded_days if terms.rounding == "PER_DAY" else round_half_away(total))
    if terms.cap_share_ppm is not None:
        result = min(result, round_half_away(Fraction(amount_minor * terms.cap_share_ppm, 10**6)))
    if terms.cap_minor is not None:
        result = min(result, terms.cap_minor)
    late = unpaid_at_end_of(grace_ends)
    fees = [fee for since, fee in sorted(terms.fee_bands) if 0 < late >= since]
    return Answer(result, fees[-1] if fees else 0, total)
