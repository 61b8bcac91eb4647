"""What the policy says about agreements: limits of installment plans, who approves beyond them, chances of recovery."""

from dataclasses import dataclass
from typing import Final

from huikuan.kernel.money import share_ppm
from huikuan.policy.rules.schema import Amount, Bands

PERCENT: Final = 10_000
"""Parts per million in one percent."""


@dataclass(frozen=True, slots=True)
class ApprovalLevel:
    """Who must say yes up to an amount: every role named, each by another person.

    Attributes:
        up_to: The largest amount of the level; None: any.
        roles: Codes of `parties.models.Role`.
    """

    up_to: Amount | None
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanRules:
    """Limits within which a collector may propose a plan alone (domain.md §7).

    Attributes:
        first_percent: Least first part, in percent of the whole.
        months_max: The last part is due at most so many months after the agreement.
        parts_min: At least so many parts.
        waived_percent_max: At most so much of the penalty may be waived.
        approvals: Levels by amount, ascending; the last has no limit.
    """

    first_percent: int
    months_max: int
    parts_min: int
    waived_percent_max: int
    approvals: tuple[ApprovalLevel, ...]

    def roles_for(self, amount_minor: int, currency: str) -> tuple[str, ...]:
        """Return the roles that must approve an amount. A level that names no amount in the currency is passed over."""
        for level in self.approvals:
            limit = None if level.up_to is None else level.up_to.minor(currency)
            if level.up_to is None or (limit is not None and amount_minor <= limit):
                return level.roles
        return self.approvals[-1].roles

    def first_minor(self, total_minor: int) -> int:
        """Return the least first part of a plan, in minor units."""
        return share_ppm(total_minor, self.first_percent * PERCENT)


@dataclass(frozen=True, slots=True)
class RecoveryRules:
    """Defaults of the comparison of ways to recover: each may be changed on the page (product H2).

    Attributes:
        discount_percent: What a year of waiting costs.
        offer_percent, plan_percent, suit_percent: Chance that the money comes, by days overdue of the oldest item.
        offer_days: Until the money of a pay-now offer is there.
        suit_days: Until the money of a suit is there, enforcement included.
        suit_cost_percent: Cost of a suit beside the court's fee, in percent of the claim.
    """

    discount_percent: int
    offer_percent: Bands
    plan_percent: Bands
    suit_percent: Bands
    offer_days: int
    suit_days: int
    suit_cost_percent: int
