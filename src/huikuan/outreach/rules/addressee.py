"""To whom a message goes: the person who pays before the person who approves, never one who is blocked if avoidable."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

ROLE_ORDER: Final = ("PAYER", "ACCOUNTANT", "APPROVER", "LEGAL_REP", "OTHER")
"""Who is asked first (A3). All of them act for the customer; nobody else is ever asked."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to reach the customer on a channel. `person_id` None: the customer's general mailbox or number."""

    person_id: int | None
    role: str
    address: str
    prefers_channel: bool = False
    is_blocked: bool = False


def choose(candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the best candidate with an address, None when there is none.

    Not blocked before blocked, named persons before the general address, those who prefer the channel first, then by
    role, then in the order given. When everybody is blocked the first is returned: the contact guard then refuses, and
    the refusal says why.
    """
    reachable = [candidate for candidate in candidates if candidate.address]
    return min(reachable, key=_rank, default=None)


def _rank(candidate: Candidate) -> tuple[bool, bool, bool, int]:
    known = candidate.role in ROLE_ORDER
    return (
        candidate.is_blocked,
        candidate.person_id is None,
        not candidate.prefers_channel,
        ROLE_ORDER.index(candidate.role) if known else len(ROLE_ORDER),
    )
