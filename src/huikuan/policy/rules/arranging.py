"""What the policy says about offers, disputes and delay signals, as frozen data (H2, H3, C3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True, slots=True)
class OfferLimits:
    """What a person may offer alone; beyond it another person must approve.

    Attributes:
        waive_at_most_ppm: Share of the penalty.
        days_at_most: Days from the offer to its end.
    """

    waive_at_most_ppm: int
    days_at_most: int


@dataclass(frozen=True, slots=True)
class SignalRules:
    """Which delay signals are looked for, and what follows from one.

    Attributes:
        counts: By kind of `arrangements.Signal`: how many such facts make it; a kind left out is not looked for.
        unreachable_days: Over how many days at least the fruitless contacts must lie.
        priority_percent: What the worklist priority of such a customer is multiplied with.
        asks_review: A supervisor is asked to look when a signal begins.
    """

    counts: Mapping[str, int]
    unreachable_days: int
    priority_percent: int
    asks_review: bool


@dataclass(frozen=True, slots=True)
class ServiceRules:
    """How fast a dispute or a complaint is answered and decided.

    Attributes:
        opens, closes: Office hours on the creditor's clock, on its working days; at `closes` nobody is in any more.
        answer_minutes: Working time until the customer must have an answer.
        resolve_days: Working days until a dispute must be decided; then it escalates.
    """

    opens: time
    closes: time
    answer_minutes: int
    resolve_days: int
