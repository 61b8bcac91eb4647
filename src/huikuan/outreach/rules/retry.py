"""When a refused message is tried again (temporary refusals only)."""

from datetime import datetime, timedelta
from typing import Final

BACK_OFF_SECONDS: Final = (60, 300, 1800, 7200, 21600)
"""Wait after the 1st, 2nd … hand-over that was refused for now: a minute, then longer, in all about nine hours."""


def next_attempt_at(attempt_count: int, now: datetime, *, retry_after_seconds: int = 0) -> datetime | None:
    """Return when to try again after so many attempts, None when it has been tried often enough.

    Args:
        attempt_count: Hand-overs so far, at least 1.
        now: Instant of the refusal.
        retry_after_seconds: What the other side asked for; never shortens our own wait.
    """
    if attempt_count > len(BACK_OFF_SECONDS):
        return None
    wait = max(BACK_OFF_SECONDS[attempt_count - 1], retry_after_seconds)
    return now + timedelta(seconds=wait)
