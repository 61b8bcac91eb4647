"""What a gateway's news means for a payment, and which items its money pays. No clock, no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class NewsState(StrEnum):
    """What a gateway says of a payment."""

    PENDING = "PENDING"
    PAID = "PAID"
    FAILED = "FAILED"
    CLOSED = "CLOSED"


class Verdict(StrEnum):
    """What becomes of a piece of news."""

    BOOKED = "BOOKED"
    """The money is in: it was booked."""
    MOVED = "MOVED"
    """The payment failed or was closed."""
    NOTED = "NOTED"
    """Nothing has happened yet."""
    REPEATED = "REPEATED"
    """Known already."""
    OUT_OF_ORDER = "OUT_OF_ORDER"
    """Older than what is known."""
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS"
    CURRENCY_DIFFERS = "CURRENCY_DIFFERS"
    PAID_AGAIN = "PAID_AGAIN"
    """Paid a second time, by another transaction."""
    UNKNOWN = "UNKNOWN"
    """Signed, and about no payment of ours."""


TROUBLE: Final = (Verdict.AMOUNT_DIFFERS, Verdict.CURRENCY_DIFFERS, Verdict.PAID_AGAIN, Verdict.UNKNOWN)
"""Money may have come, and nothing was booked: a person looks."""
PAID: Final = frozenset({"PAID", "REFUNDED"})
OVER: Final = frozenset({"FAILED", "CLOSED"})

CHECK_MINUTES: Final = (1, 2, 4, 8, 15, 30)
"""Waits before a gateway is asked whether a payment came; the last one is repeated until the payment expires."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a gateway told, verified: by callback, or asked for.

    Attributes:
        event_id: Names this news among all of the gateway; the same news has the same one.
        number: Ours of the payment.
        state: Where the payment stands.
        provider_reference: The gateway's name of the transaction; empty before there is one.
        currency, amount_minor: What was paid; "" and None where nothing was.
        paid_at: When; None: the gateway does not say.
        payer_name: As the gateway says.
    """

    event_id: str
    number: str
    state: NewsState
    provider_reference: str = ""
    currency: str = ""
    amount_minor: int | None = None
    paid_at: datetime | None = None
    payer_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A payment as we know it."""

    state: str
    currency: str
    amount_minor: int
    provider_reference: str


def judge(news: News, asked: Asked) -> Verdict:
    """Decide what becomes of a piece of news about a payment.

    Money that came counts whenever it came: after the payment expired, failed or was closed. Money of another amount or
    currency is never booked by itself, nor a second transaction for one payment.
    """
    if news.state is NewsState.PAID:
        return _of_money(news, asked)
    if asked.state in PAID:
        return Verdict.OUT_OF_ORDER
    if news.state is NewsState.PENDING:
        return Verdict.OUT_OF_ORDER if asked.state in OVER else Verdict.NOTED
    return Verdict.REPEATED if asked.state in OVER else Verdict.MOVED


def _of_money(news: News, asked: Asked) -> Verdict:
    if asked.state in PAID:
        return Verdict.REPEATED if news.provider_reference == asked.provider_reference else Verdict.PAID_AGAIN
    if news.currency != asked.currency:
        return Verdict.CURRENCY_DIFFERS
    return Verdict.BOOKED if news.amount_minor == asked.amount_minor else Verdict.AMOUNT_DIFFERS


def share_out(asked: Sequence[tuple[int, int]], still_open: Mapping[int, int]) -> list[tuple[int, int]]:
    """Return how much each item gets: what was asked for it, as far as it is still open; the rest goes on account.

    Args:
        asked: Item and minor units, as the payer chose.
        still_open: Item to what is open on it now; an item that is not there gets nothing.
    """
    parts = [(item_id, min(minor, still_open.get(item_id, 0))) for item_id, minor in asked]
    return [(item_id, minor) for item_id, minor in parts if minor > 0]


def next_check(now: datetime, *, checked: int, expires_at: datetime) -> datetime:
    """Return when a gateway is asked next: ever more patiently, and once right after the payment has expired.

    Args:
        now: The instant.
        checked: How often it was asked before.
        expires_at: When the payer can no longer pay.
    """
    later = now + timedelta(minutes=CHECK_MINUTES[min(checked, len(CHECK_MINUTES) - 1)])
    return expires_at if now < expires_at < later else later
