"""Is the statement whole? Opening balance and lines make the closing balance, or it is refused with both numbers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from huikuan.cash.rules.running import RunningBalances
from huikuan.cash.rules.statement import Balance, BankLine, Closing, Part, Remark, Section
from huikuan.kernel.money import format_decimal
from huikuan.kernel.refusal import Refusal, gettext_noop


class StatementEmpty(Refusal):
    """Nothing in it that a statement has."""

    code = "bank.statement-empty"
    text = gettext_noop("“{name}” holds no statement: neither lines nor balances. Export the statement again.")


class NothingBooked(Refusal):
    """Only entries that may still change."""

    code = "bank.nothing-booked"
    text = gettext_noop(
        "“{name}” holds only entries that the bank has not booked yet. They come again in the statement of the day: "
        "import that."
    )


class BalanceWrong(Refusal):
    """Opening and lines do not make closing: a line is missing, cut, or changed by hand."""

    code = "bank.balance-wrong"
    text = gettext_noop(
        "Line {place}: the opening balance {opening} and the lines ({moved}) make {expected} {currency}, "
        "but the statement closes with {stated}. Nothing was imported: get the whole statement from the bank."
    )


class TotalWrong(Refusal):
    """The bank's own sum differs from its lines."""

    code = "bank.total-wrong"
    text = gettext_noop(
        "Line {place}: the lines add up to {expected} {currency}, but the file states {stated}. "
        "Nothing was imported: get the whole statement from the bank."
    )


class CountWrong(Refusal):
    """The bank's own count differs from its lines."""

    code = "bank.count-wrong"
    text = gettext_noop(
        "Line {place}: there are {expected} lines, but the file states {stated}. "
        "Nothing was imported: get the whole statement from the bank."
    )


class CurrencyMixed(Refusal):
    """A balance or line in another currency than the statement."""

    code = "bank.currency-mixed"
    text = gettext_noop(
        "Line {place} is in {found}, but the statement is in {currency}. Nothing was imported: one account has one "
        "currency. Ask the bank for the statement again."
    )


class CurrencyMissing(Refusal):
    """Nothing says in which currency the amounts are."""

    code = "bank.currency-missing"
    text = gettext_noop(
        "Line {place}: nothing says in which currency this is (no opening balance, no currency). "
        "The beginning of the statement is missing: get the whole file from the bank."
    )


class PageMissing(Refusal):
    """One section does not go on where the one before ended."""

    code = "bank.page-missing"
    text = gettext_noop(
        "Line {place}: the statement of {account} opens with {opening} {currency}, but the part before closed with "
        "{closing}. A page is missing: get the whole file from the bank."
    )


@dataclass
class Judged:
    """What a file says about one account in one currency; sums in minor units."""

    account: str
    currency: str
    place: int
    opening_minor: int | None = None
    closing_minor: int | None = None
    line_count: int = 0
    credit_minor: int = 0
    debit_minor: int = 0
    starts_on: date | None = None
    ends_on: date | None = None

    def count(self, line: BankLine) -> None:
        """Add a line."""
        self.line_count += 1
        if line.amount_minor > 0:
            self.credit_minor += line.amount_minor
        else:
            self.debit_minor += line.amount_minor
        self.cover(line.booked_on, line.booked_on)

    def cover(self, starts_on: date | None, ends_on: date | None) -> None:
        """Widen the period."""
        if starts_on is not None:
            self.starts_on = starts_on if self.starts_on is None else min(self.starts_on, starts_on)
        if ends_on is not None:
            self.ends_on = ends_on if self.ends_on is None else max(self.ends_on, ends_on)


@dataclass
class Judgment:
    """A whole file, accepted."""

    accounts: list[Judged] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


@dataclass
class _Open:
    """The section that is being read."""

    section: Section
    credit_minor: int = 0
    debit_minor: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True)
class _Span:
    """A section that ended, with both balances."""

    opening: Balance
    closing: Balance


class Judge:
    """Reads parts one by one and keeps sums only: any length of file in the same memory."""

    def __init__(self) -> None:
        self._open: _Open | None = None
        self._accounts: dict[tuple[str, str], Judged] = {}
        self._spans: dict[tuple[str, str], list[_Span]] = {}
        self._running: dict[tuple[str, str], RunningBalances] = {}
        self._remarks: list[Remark] = []

    def see(self, part: Part) -> None:
        """Take the next part. Raises the refusals of this file."""
        if isinstance(part, BankLine):
            self._line(part)
        elif isinstance(part, Section):
            self._open = _Open(part)
            if part.currency:
                self._judged(part.currency).cover(part.starts_on, part.ends_on)
        elif isinstance(part, Closing):
            self._close(part)
        else:
            self._remarks.append(part)

    def end(self, name: str) -> Judgment:
        """Return the judgment. Raises StatementEmpty, PageMissing, RunningBalanceWrong."""
        known = bool(self._spans) or any(each.line_count for each in self._accounts.values())
        if not known and any(remark.code == "pending" for remark in self._remarks):
            raise NothingBooked(name=name)
        if not known:
            raise StatementEmpty(name=name)
        for key, judged in self._accounts.items():
            self._chain(key, judged)
            running = self._running.get(key)
            if running is not None and judged.opening_minor is None:
                judged.opening_minor, judged.closing_minor = running.ends()
        return Judgment(list(self._accounts.values()), self._remarks)

    def _section(self) -> _Open:
        if self._open is None:
            self._open = _Open(Section(place=1))
        return self._open

    def _judged(self, currency: str) -> Judged:
        section = self._section().section
        key = (section.account, currency)
        if key not in self._accounts:
            self._accounts[key] = Judged(section.account, currency, section.place)
        return self._accounts[key]

    def _line(self, line: BankLine) -> None:
        current = self._section()
        if not line.currency:
            raise CurrencyMissing(place=line.row)
        if current.section.currency and line.currency != current.section.currency:
            raise CurrencyMixed(place=line.row, found=line.currency, currency=current.section.currency)
        if not line.amount_minor:
            return
        judged = self._judged(line.currency)
        judged.count(line)
        current.count += 1
        if line.amount_minor > 0:
            current.credit_minor += line.amount_minor
        else:
            current.debit_minor += line.amount_minor
        self._running.setdefault((current.section.account, line.currency), RunningBalances()).see(line)

    def _close(self, part: Closing) -> None:
        current = self._section()
        section, opening, closing = current.section, current.section.opening, part.closing
        currency = section.currency
        for balance in (opening, closing):
            if balance is not None and balance.currency != currency:
                raise CurrencyMixed(place=balance.place, found=balance.currency, currency=currency)
        if opening is not None and closing is not None:
            moved = current.credit_minor + current.debit_minor
            if opening.amount_minor + moved != closing.amount_minor:
                raise BalanceWrong(
                    place=closing.place, opening=format_decimal(opening.amount_minor, currency),
                    moved=format_decimal(moved, currency), currency=currency,
                    expected=format_decimal(opening.amount_minor + moved, currency),
                    stated=format_decimal(closing.amount_minor, currency),
                )  # fmt: skip
            self._judged(currency)
            self._spans.setdefault((section.account, currency), []).append(_Span(opening, closing))
        self._totals(current, part)
        self._open = None

    def _totals(self, current: _Open, part: Closing) -> None:
        currency = current.section.currency or next((key[1] for key in self._accounts), "")
        for stated, found in ((part.credit_minor, current.credit_minor), (part.debit_minor, current.debit_minor)):
            if stated is not None and stated != found:
                raise TotalWrong(
                    place=part.place, expected=format_decimal(found, currency), currency=currency,
                    stated=format_decimal(stated, currency),
                )  # fmt: skip
        if part.line_count is not None and part.line_count != current.count:
            raise CountWrong(place=part.place, expected=current.count, stated=part.line_count)

    def _chain(self, key: tuple[str, str], judged: Judged) -> None:
        """Check that the sections of an account go on where the one before ended, oldest or newest first."""
        spans = self._spans.get(key)
        if not spans:
            return
        torn = _torn(spans)
        if torn is not None and _torn(spans[::-1]) is None:
            spans, torn = spans[::-1], None
        if torn is not None:
            before, after = torn
            raise PageMissing(
                place=after.opening.place, account=key[0], currency=key[1],
                opening=format_decimal(after.opening.amount_minor, key[1]),
                closing=format_decimal(before.closing.amount_minor, key[1]),
            )  # fmt: skip
        opening, closing = spans[0].opening.amount_minor, spans[-1].closing.amount_minor
        if closing - opening == judged.credit_minor + judged.debit_minor:  # every section of the account had balances
            judged.opening_minor, judged.closing_minor = opening, closing


def _torn(spans: list[_Span]) -> tuple[_Span, _Span] | None:
    return next(
        (pair for pair in pairwise(spans) if pair[0].closing.amount_minor != pair[1].opening.amount_minor), None
    )


def judge(parts: Iterable[Part], *, name: str) -> Judgment:
    """Read a whole statement and return what it says of each account.

    Raises: the refusals of this file and of `running`, with the place and both numbers.
    """
    judge = Judge()
    for part in parts:
        judge.see(part)
    return judge.end(name)


def with_accounts(parts: Iterable[Part]) -> Iterator[tuple[tuple[str, str], BankLine]]:
    """Yield every line that moves money with its account and currency, as `judge` groups them."""
    account = ""
    for part in parts:
        if isinstance(part, Section):
            account = part.account
        elif isinstance(part, BankLine) and part.amount_minor:
            yield (account, part.currency), part
