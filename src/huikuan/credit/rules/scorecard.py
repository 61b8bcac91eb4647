"""The scorecard as data: how many points each fact earns and where the letters begin (domain.md §4).

The numbers here are the shipped defaults; a policy file overrides any of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

DEFAULT_SIZE_POINTS: Mapping[str, int] = MappingProxyType(
    {"PUBLIC": 15, "LARGE": 15, "MEDIUM": 12, "SMALL": 8, "MICRO": 5, "PERSON": 5, "": 8}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """Weights, slopes and thresholds of the grade; all whole numbers.

    The payment record of the last 12 months earns late_share + mean_days_late + worst_open points (60 by default), the
    length of the business 15, the size of the customer up to 15, the standing of its industry up to 10.

    Attributes:
        late_share_points: Full when no item of the window was settled more than `late_after_days` after due.
        mean_days_late_points: Full at an amount-weighted mean of 0 days late, none at `mean_days_late_zero`.
        worst_open_points: Full when nothing is overdue, none when an open item is `worst_open_zero_days` overdue.
        cooperation_points: Full after `cooperation_full_months` of business, proportional before.
        size_points: Points by size class; the key "" is for customers whose size is not known.
        industry_points: Points by industry; `industry_default_points` for every other.
        a_least, b_least: Lowest score of an A and of a B; below is C.
        knock_out_days: An open item overdue for more than this makes at most a C.
        new_below_count, new_below_months: Fewer settled items than this *and* a shorter history than this make an N.
    """

    late_after_days: int = 3
    late_share_points: int = 30
    mean_days_late_points: int = 20
    mean_days_late_zero: int = 30
    worst_open_points: int = 10
    worst_open_zero_days: int = 60
    cooperation_points: int = 15
    cooperation_full_months: int = 60
    size_points: Mapping[str, int] = field(default_factory=lambda: DEFAULT_SIZE_POINTS)
    industry_points: Mapping[str, int] = field(default_factory=dict)
    industry_default_points: int = 7
    a_least: int = 80
    b_least: int = 60
    knock_out_days: int = 90
    new_below_count: int = 3
    new_below_months: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskThresholds:
    """When a customer is marked (domain.md §5, product.md C2, D6); days overdue unless said otherwise.

    Attributes:
        high_risk_days: More than this: high risk.
        long_term_days: More than this: long-term arrears.
        blacklist_days: An item unpaid for more than this: blacklist proposed.
        blacklist_late_count: As many late settlements within 12 months: blacklist proposed.
        stop_orders_months, stop_orders_items: At least so many overdue items in each of so many complete months.
    """

    high_risk_days: int = 30
    long_term_days: int = 180
    blacklist_days: int = 365
    blacklist_late_count: int = 3
    stop_orders_months: int = 3
    stop_orders_items: int = 2
