"""Which role may do what (product Q1). Data, not conditions: to see who may do a thing, read one line."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Action(StrEnum):
    """What a person may be allowed to do in an entity. Seeing is not among them: that is `queries.visible_to`."""

    WORK = "WORK"
    """Work a case: log a contact, mark an outcome, set the next action, place a hold."""
    EXPORT = "EXPORT"
    """Take lists of what one sees out of the system."""
    ASSIGN = "ASSIGN"
    """Give customers and cases to collectors."""
    APPROVE = "APPROVE"
    """Allow what goes beyond what somebody may grant alone; never one's own request."""
    BOOK = "BOOK"
    """Book items, receipts and credit notes, allocate and reverse."""
    IMPORT = "IMPORT"
    """Load files."""
    RECONCILE = "RECONCILE"
    """Make and send account statements, take down the answers, resolve differences."""
    RUN = "RUN"
    """Start the day's run."""
    POLICY = "POLICY"
    """Put a policy version into force."""
    WORDS = "WORDS"
    """Write message texts, and approve those that somebody else wrote."""
    STAFF = "STAFF"
    """Open entities, make users, grant roles."""


ALLOWED: Final[Mapping[str, frozenset[Action]]] = MappingProxyType(
    {
        "COLLECTOR": frozenset({Action.WORK, Action.EXPORT, Action.RECONCILE}),
        "MANAGER": frozenset(
            {
                Action.WORK,
                Action.EXPORT,
                Action.RECONCILE,
                Action.ASSIGN,
                Action.APPROVE,
                Action.RUN,
                Action.POLICY,
                Action.WORDS,
            }
        ),
        "FINANCE": frozenset({Action.EXPORT, Action.RECONCILE, Action.BOOK, Action.IMPORT, Action.RUN, Action.APPROVE}),
        "AUDITOR": frozenset({Action.EXPORT}),  # sees everything, changes nothing
        "ADMINISTRATOR": frozenset(
            {Action.EXPORT, Action.IMPORT, Action.RUN, Action.POLICY, Action.WORDS, Action.STAFF, Action.APPROVE}
        ),
    }
)
"""The actions of each role, by the stored code of `parties.models.Role`."""


def allows(role: str | None, action: Action) -> bool:
    """Tell whether a role includes an action; no role includes none."""
    return action in ALLOWED.get(role or "", frozenset())
