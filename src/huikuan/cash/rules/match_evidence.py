"""What each reason for a match is worth: the one table, as data, from which every confidence is added up.

A confidence is a sum of points, at most 100: what says who paid, and what says which items were meant. Of the reasons
that say the same thing (two spellings of one name) only the strongest counts. The points were set by what each reason
can be wrong about, and are held to the labeled set of `huikuan bench match` (decision 0043).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CONFIDENCE_MAX: Final = 100
MARGIN: Final = 15
"""By so many points the best answer must lead; nearer rivals count as of equal worth, and nobody guesses."""

UNSURE_MAX: Final = 60
"""Most confidence of an answer that has a rival."""

WHO: Final[Mapping[str, tuple[str, int]]] = MappingProxyType(
    {
        "ITEM_NUMBER": ("REFERENCE", 60),
        "ITEM_RANGE": ("REFERENCE", 55),
        "ITEM_TAIL": ("REFERENCE", 45),
        "CONTRACT_NUMBER": ("REFERENCE", 45),
        "CUSTOMER_CODE": ("REFERENCE", 45),
        "REGISTRATION_NO": ("REFERENCE", 60),
        "ACCOUNT_KNOWN": ("ACCOUNT", 55),
        "ACCOUNT_SHARED": ("ACCOUNT", 20),
        "NAME_EQUAL": ("NAME", 55),
        "NAME_LEARNED": ("NAME", 45),
        "NAME_BRANCH": ("NAME", 45),
        "NAME_CORE": ("NAME", 45),
        "NAME_NEAR": ("NAME", 45),
        "NAME_SHORT": ("NAME", 40),
        "NAME_SHARED": ("NAME", 25),
        "NAME_PARENT": ("NAME", 25),
        "TEXT_NAME": ("TEXT", 50),
        "OTHER_PAYER": ("OTHER", -25),
    }
)
"""Reason → (what it is about, points): whose money it is."""

WHAT: Final[Mapping[str, int]] = MappingProxyType(
    {
        "NAMED_SUM": 40,
        "NAMED_CHARGE": 30,
        "NAMED_PENALTY": 30,
        "NAMED_DISCOUNT": 30,
        "NAMED_SOME": 25,
        "NAMED_MORE": 25,
        "NAMED_PART": 25,
        "NAMED_OVER": 20,
        "NAMED_SEVERAL_PART": 10,
        "NAMED_FAR": -200,
        "NAMED_SETTLED": -200,
        "NAMED_CURRENCY": -200,
        "AMOUNT_ONE": 35,
        "AMOUNT_ALL": 35,
        "AMOUNT_SUM": 30,
        "AMOUNT_PENALTY": 25,
        "AMOUNT_DISCOUNT": 25,
        "AMOUNT_CHARGE": 20,
        "AMOUNT_SEVERAL": -200,
        "ON_ACCOUNT": 30,
    }
)
"""Reason → points: which items were meant. What needs a person's eye has so few that nothing makes it sure."""

EXTRA: Final[Mapping[str, int]] = MappingProxyType(
    {"AMOUNT_RARE": 20, "ITEM_SHORT": 5, "DATE_NEAR": 5, "NOT_A_PAYMENT": -40}
)
"""Reason → points: what else speaks for it or against. AMOUNT_RARE: no other open item of the entity has this amount.
NOT_A_PAYMENT: money on account whose text speaks of a refund, wages, interest."""

REASONS: Final = (*WHO, *WHAT, *EXTRA)
"""Every reason there is; the pages have words for each."""


def who_points(reasons: Mapping[str, object] | set[str]) -> int:
    """Add up the reasons for a payer: the strongest of each kind."""
    best: dict[str, int] = {}
    for reason in reasons:
        kind, points = WHO[reason]
        best[kind] = max(best.get(kind, points), points)
    return sum(best.values())
