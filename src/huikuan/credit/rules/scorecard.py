"""The scorecard as data: how many points each fact earns and where the letters begin (domain.md §4).

The numbers themselves stand in the policy file (policy/packs); nothing here has a default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Component:
    """One part of the grade: `weight` points, of which a band (value up to) or a named value earns a share in percent.

    Attributes:
        code: The fact it looks at: late_share (percent of items settled late), mean_days_late (weighted by amount),
            worst_open_days, cooperation_months; or by name: size_class, industry, reputation.
        weight: Points it can earn.
        bands: (up to and including, percent), ascending; the last one has no end (None).
        values: Percent per named value.
        missing_percent: What an unknown value earns: no settled item, no size class …
    """

    code: str
    weight: int
    bands: tuple[tuple[int | None, int], ...] = ()
    values: Mapping[str, int] = field(default_factory=dict)
    missing_percent: int = 0


@dataclass(frozen=True, slots=True)
class KnockOut:
    """A fact that limits the grade to `at_most`.

    Attributes:
        kind: open_overdue_days (an open item overdue for more than so many days) | broken_plan_months (an installment
            plan broken within so many months).
        value: So many.
    """

    kind: str
    value: int
    at_most: str


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The whole scorecard.

    Attributes:
        window_months: Length of the payment record looked at.
        late_after_days: An item settled later than this counts as late.
        components: What earns points; their weights add up to 100.
        thresholds: Lowest score of a letter, such as {"A": 80, "B": 60}; below all of them is C.
        knock_outs: Facts that limit the letter, whatever the score.
        new_below_settled, new_below_months: Fewer settled items *and* a shorter history than these make an N.
        new_climbs_as: The letter an N is treated as on the ladder.
    """

    window_months: int
    late_after_days: int
    components: tuple[Component, ...]
    thresholds: Mapping[str, int]
    knock_outs: tuple[KnockOut, ...]
    new_below_settled: int
    new_below_months: int
    new_climbs_as: str


@dataclass(frozen=True, slots=True)
class RiskThresholds:
    """When a customer is marked (domain.md §5, product.md C2, D6); days overdue unless said otherwise.

    Attributes:
        overdue_days: From this day on: overdue.
        high_risk_days: More than this: high risk.
        long_term_days: More than this: long-term arrears.
        stop_orders_items, stop_orders_months: At least so many overdue items in each of so many complete months.
        blacklist_days: An item unpaid for more than this: blacklist proposed.
        blacklist_late_settlements: As many late settlements in the scorecard's window: blacklist proposed.
    """

    overdue_days: int
    high_risk_days: int
    long_term_days: int
    stop_orders_items: int
    stop_orders_months: int
    blacklist_days: int
    blacklist_late_settlements: int
