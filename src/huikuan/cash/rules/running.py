"""Balances after every line, checked line by line, whether the newest line comes first or last."""

from huikuan.cash.rules.statement import BankLine
from huikuan.kernel.money import format_decimal
from huikuan.kernel.refusal import Refusal, gettext_noop


class RunningBalanceWrong(Refusal):
    """The balance after a line is not the balance before it and its amount."""

    code = "bank.running-balance-wrong"
    text = gettext_noop(
        "Row {row}: with {amount} {currency} the balance should be {expected}, but the file says {stated}. "
        "Nothing was imported: lines are missing or were changed. Export the statement again."
    )


class RunningBalances:
    """Follows one account through a file. Lines without a balance are carried over to the next one that has it."""

    def __init__(self) -> None:
        self._first: BankLine | None = None
        self._last: BankLine | None = None
        self._known: BankLine | None = None
        self._before_known = 0
        self._since_known = 0
        self._wrong: dict[str, RunningBalanceWrong] = {}
        self._oldest_first_opening: int | None = None
        self._newest_first_closing: int | None = None

    def see(self, line: BankLine) -> None:
        """Take the next line of the file."""
        self._first = self._first or line
        self._last = line
        if line.balance_minor is None:
            self._since_known += line.amount_minor
            return
        if self._known is None or self._known.balance_minor is None:
            self._oldest_first_opening = line.balance_minor - line.amount_minor - self._since_known
            self._newest_first_closing = line.balance_minor + self._since_known
        else:
            rising = self._known.balance_minor + self._since_known + line.amount_minor
            self._note("OLDEST_FIRST", line, line.amount_minor, rising, line.balance_minor)
            falling = self._known.balance_minor - self._known.amount_minor - self._since_known
            self._note("NEWEST_FIRST", self._known, self._known.amount_minor, line.balance_minor
                       + self._since_known + self._known.amount_minor, self._known.balance_minor,
                       agrees=falling == line.balance_minor)  # fmt: skip
        self._known, self._since_known = line, 0

    def _note(
        self, order: str, line: BankLine, amount: int, expected: int, stated: int, *, agrees: bool | None = None
    ) -> None:
        if order in self._wrong or (expected == stated if agrees is None else agrees):
            return
        self._wrong[order] = RunningBalanceWrong(
            row=line.row, amount=format_decimal(amount, line.currency), currency=line.currency,
            expected=format_decimal(expected, line.currency), stated=format_decimal(stated, line.currency),
        )  # fmt: skip

    def ends(self) -> tuple[int | None, int | None]:
        """Return opening and closing balance in minor units, None where no line states a balance.

        Raises: RunningBalanceWrong, told for the order in which the days stand, when neither order agrees.
        """
        known, first, last = self._known, self._first, self._last
        if known is None or known.balance_minor is None or first is None or last is None:
            return None, None
        newest_first = last.booked_on < first.booked_on
        if len(self._wrong) == 2:  # noqa: PLR2004  both orders
            raise self._wrong["NEWEST_FIRST" if newest_first else "OLDEST_FIRST"]
        if "OLDEST_FIRST" in self._wrong or (newest_first and "NEWEST_FIRST" not in self._wrong):
            return known.balance_minor - known.amount_minor - self._since_known, self._newest_first_closing
        return self._oldest_first_opening, known.balance_minor + self._since_known
