"""Which lines of a wallet's statement are what a gateway already told us: its payments, its fees, its refunds.

The proof is a number: ours of the payment, or the provider's of the transaction. No clock, no database.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

REFERENCE_MIN: Final = 12
"""A shorter word in free text names no transaction: our numbers have 24 characters, those of wallets 28."""
_WORD: Final = re.compile(r"[0-9A-Za-z_-]+")
_FEE: Final = re.compile(r"手续费|服务费|收费|佣金|\bfees?\b", re.IGNORECASE)
_REFUND: Final = re.compile(r"退款|退货|退回|refund", re.IGNORECASE)


class Recognized(StrEnum):
    """What a line is; stored as `SetAside.why`."""

    PAYMENT = "GATEWAY_PAYMENT"
    FEE = "GATEWAY_FEE"
    REFUND = "GATEWAY_REFUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A line: money in or out of an account (minor units), the numbers it names, the wallet's word for it, the rest."""

    line_id: int
    account_id: int
    currency: str
    amount_minor: int
    references: frozenset[str]
    kind: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A payment that was booked: what names it, its refunds, and how much it was (minor units)."""

    payment_id: int
    number: str
    provider_reference: str
    currency: str
    amount_minor: int
    refunds: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """Return everything a line may call it by."""
        return frozenset({self.number, self.provider_reference, *self.refunds} - {""})


def references_of(fields: Iterable[str], text: str) -> frozenset[str]:
    """Return the numbers that a line names: its fields whole, and every long word with a digit in its text.

    >>> sorted(references_of(["A1"], "订单20261122abcdef0123，x"))
    ['20261122abcdef0123', 'A1']
    """
    words = _WORD.findall(unicodedata.normalize("NFKC", text))
    long = {word for word in words if len(word) >= REFERENCE_MIN and any(map(str.isdigit, word))}
    return frozenset({field.strip() for field in fields if field.strip()} | long)


def recognize(
    movements: Sequence[Movement], trades: Collection[Trade], *, taken: Collection[tuple[int, int]] = ()
) -> dict[int, tuple[int, Recognized]]:
    """Return which lines are what of which payment.

    Of the lines that brought money, at most one in an account is the payment: a second one is money that nobody booked.
    It is the one that bears the provider's number, else the first.

    Args:
        movements: Lines that nobody has decided.
        trades: Payments that were booked.
        taken: (payment, account) whose line is known already.

    Returns: line to (payment, what it is); a line that is not there is left as it is.
    """
    by_name: dict[str, Trade] = {name: trade for trade in trades for name in trade.names}
    found: dict[int, tuple[int, Recognized]] = {}
    known = set(taken)
    ordered = sorted(movements, key=lambda each: (not _bears_provider(each, by_name), each.line_id))
    for movement in ordered:
        trade = next((by_name[name] for name in sorted(movement.references) if name in by_name), None)
        what = None if trade is None else _what(movement, trade)
        if trade is None or what is None:
            continue
        if what is Recognized.PAYMENT:
            if (trade.payment_id, movement.account_id) in known:
                continue
            known.add((trade.payment_id, movement.account_id))
        found[movement.line_id] = (trade.payment_id, what)
    return found


def _bears_provider(movement: Movement, by_name: Mapping[str, Trade]) -> bool:
    return any(name in by_name and by_name[name].provider_reference == name for name in movement.references)


def _what(movement: Movement, trade: Trade) -> Recognized | None:
    """Return what a line that names a payment is; None where it says something else than was booked."""
    size = abs(movement.amount_minor)
    if movement.currency != trade.currency or size > trade.amount_minor:
        return None
    is_out = movement.amount_minor < 0
    # What customers buy may itself be called a service fee: of money that came in only the wallet's own word counts.
    if size < trade.amount_minor and _FEE.search(f"{movement.kind} {movement.words if is_out else ''}"):
        return Recognized.FEE
    if not is_out:
        return Recognized.PAYMENT
    if movement.references & trade.refunds or _REFUND.search(f"{movement.kind} {movement.words}"):
        return Recognized.REFUND
    return None
