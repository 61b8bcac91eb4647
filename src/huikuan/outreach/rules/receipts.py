"""What a provider's receipt makes of a delivery: whatever the order in which receipts arrive, the end is the same."""

from typing import Final

RANK: Final = {"SENT": 0, "FAILED": 1, "DELIVERED": 2, "BOUNCED": 3, "READ": 4}
"""How much each state says of a message that left; a receipt only ever moves a delivery upwards.

A handset that was off and then got the message: DELIVERED after FAILED. A mail server that took a letter and sent it
back: BOUNCED after DELIVERED. Who has read it got it, whatever a server said.
"""

TOLD: Final = frozenset({"FAILED", "DELIVERED", "BOUNCED", "READ"})
"""States that a receipt can tell of."""

NOT_SETTLED: Final = frozenset({"QUEUED", "UNKNOWN", "FAILED"})
"""States in which we do not know, or believe the contrary, that it left: a receipt proves that it did."""


def state_after(current: str, told: str) -> str:
    """Return the state of a delivery that left and stood at `current` when a receipt says `told`. Raises KeyError."""
    return max(current, told, key=RANK.__getitem__)
