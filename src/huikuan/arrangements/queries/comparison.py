"""The comparison of a pay-now offer, a plan and a suit for a claim, as the page shows it and the proposal keeps it."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from huikuan.arrangements.queries.claim import Claim
from huikuan.arrangements.rules.court_fee import acceptance_fee
from huikuan.arrangements.rules.recovery import Payment, Way, Worth, best, by_days, worth
from huikuan.arrangements.rules.schedule import Shape, schedule
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.days import add_days
from huikuan.kernel.money import share_ppm
from huikuan.policy.rules.plan import PERCENT, PlanRules, RecoveryRules

OFFER: Final = "OFFER"
PLAN: Final = "PLAN"
SUIT: Final = "SUIT"
COURT_CURRENCY: Final = "CNY"
"""The court's fee is known in this currency only; elsewhere the cost is what was entered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a person may change on the page; percentages are whole.

    Attributes:
        waived_minor: What the pay-now offer gives up, of principal and penalty together.
        parts_count: Monthly parts of the plan.
        plan_percent: Chance of each part.
        suit_cost_percent: Beside the court's fee, in percent of the claim.
    """

    discount_percent: int
    waived_minor: int
    offer_percent: int
    offer_days: int
    plan_percent: int
    parts_count: int
    suit_percent: int
    suit_days: int
    suit_cost_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The three ways side by side."""

    as_of: date
    currency: str
    principal_minor: int
    penalty_minor: int
    days_overdue: int
    inputs: Inputs
    court_fee_minor: int
    ways: tuple[Worth, ...]
    best: str

    @property
    def claim_minor(self) -> int:
        """Return principal and penalty."""
        return self.principal_minor + self.penalty_minor

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {**asdict(self), "as_of": self.as_of.isoformat()}


def defaults(claim: Claim, *, recovery: RecoveryRules, plan: PlanRules, waived_minor: int = 0) -> Inputs:
    """Return what the policy assumes of a claim of that age."""
    days = claim.days_overdue
    return Inputs(
        discount_percent=recovery.discount_percent,
        waived_minor=waived_minor,
        offer_percent=by_days(recovery.offer_percent, days),
        offer_days=recovery.offer_days,
        plan_percent=by_days(recovery.plan_percent, days),
        parts_count=plan.months_max,
        suit_percent=by_days(recovery.suit_percent, days),
        suit_days=recovery.suit_days,
        suit_cost_percent=recovery.suit_cost_percent,
    )


def compare(claim: Claim, currency: str, inputs: Inputs, *, as_of: date, calendar: WorkingCalendar) -> Comparison:
    """Compare. Raises the refusals of `schedule` for a number of parts that cannot be."""
    total_minor = claim.principal_minor + claim.penalty_minor
    fee_minor = acceptance_fee(total_minor) if currency == COURT_CURRENCY else 0
    rate_ppm = inputs.discount_percent * PERCENT
    offer = Payment(
        add_days(as_of, inputs.offer_days), max(total_minor - inputs.waived_minor, 0), inputs.offer_percent * PERCENT
    )
    parts = schedule(total_minor, currency, Shape(inputs.parts_count, add_days(as_of, inputs.offer_days)), calendar)
    suit = Payment(add_days(as_of, inputs.suit_days), total_minor, inputs.suit_percent * PERCENT)
    ways = (
        Way(OFFER, (offer,)),
        Way(PLAN, tuple(Payment(part.due_on, part.amount_minor, inputs.plan_percent * PERCENT) for part in parts)),
        Way(SUIT, (suit,), fee_minor + share_ppm(total_minor, inputs.suit_cost_percent * PERCENT)),
    )
    worths = tuple(worth(way, today=as_of, rate_ppm=rate_ppm) for way in ways)
    return Comparison(
        as_of=as_of,
        currency=currency,
        principal_minor=claim.principal_minor,
        penalty_minor=claim.penalty_minor,
        days_overdue=claim.days_overdue,
        inputs=inputs,
        court_fee_minor=fee_minor,
        ways=worths,
        best=best(worths),
    )
