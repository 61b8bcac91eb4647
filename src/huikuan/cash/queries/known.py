"""Which lines of a file are new, and which an earlier file had already brought."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Final, NamedTuple

from huikuan.cash.models import StatementLine
from huikuan.cash.rules.statement import BankLine, Occurrences, facts_hash, line_key

BATCH: Final = 5_000
"""Lines compared and written together: what is in memory at once."""
_KEYS_ASKED: Final = 900
"""Values in one condition: within what every build of SQLite takes."""


class KnownLine(NamedTuple):
    """A line of a file with its identity."""

    line: BankLine
    key: str
    occurrence: int
    is_new: bool


class KnownLines:
    """Compares the lines of one file with what is booked on one account.

    A line is known when one with the same key is booked; or when another kind of message (an intraday report before the
    statement, a notification) brought one of the same day, amount and reference of the bank.
    """

    def __init__(self, account_id: int | None, format_: str) -> None:
        """Take no account (it is not entered yet): then every line is new."""
        self._account_id = account_id
        self._format = format_
        self._occurrences = Occurrences()
        self._told: Counter[tuple[date, int, str]] = Counter()

    def compare(self, lines: Iterable[BankLine]) -> Iterator[list[KnownLine]]:
        """Yield the lines in batches, in order. Two or three queries a batch."""
        rest = iter(lines)
        while batch := list(islice(rest, BATCH)):
            yield self._batch(batch)

    def _batch(self, batch: Sequence[BankLine]) -> list[KnownLine]:
        keyed = []
        for line in batch:
            facts = facts_hash(line)
            occurrence = self._occurrences.of(facts)
            keyed.append((line, line_key(facts, occurrence), occurrence))
        booked = self._booked([key for _, key, _ in keyed])
        told = self._told_otherwise([line for line, key, _ in keyed if key not in booked])
        known = []
        for line, key, occurrence in keyed:
            is_new = key not in booked
            fact = (line.booked_on, line.amount_minor, line.bank_reference)
            if is_new and told[fact] > self._told[fact]:
                self._told[fact] += 1
                is_new = False
            known.append(KnownLine(line, key, occurrence, is_new))
        return known

    def _booked(self, keys: Sequence[str]) -> set[str]:
        if self._account_id is None:
            return set()
        found: set[str] = set()
        for start in range(0, len(keys), _KEYS_ASKED):
            some = keys[start : start + _KEYS_ASKED]
            rows = StatementLine.objects.filter(account_id=self._account_id, key__in=some)
            found.update(rows.values_list("key", flat=True))
        return found

    def _told_otherwise(self, lines: Sequence[BankLine]) -> Counter[tuple[date, int, str]]:
        """Count what other kinds of messages brought, by day, amount and reference."""
        references = sorted({line.bank_reference for line in lines if line.bank_reference})
        if self._account_id is None or not references:
            return Counter()
        days = [line.booked_on for line in lines]
        found: Counter[tuple[date, int, str]] = Counter()
        for start in range(0, len(references), _KEYS_ASKED):
            rows = StatementLine.objects.filter(
                account_id=self._account_id,
                booked_on__range=(min(days), max(days)),
                bank_reference__in=references[start : start + _KEYS_ASKED],
            ).exclude(file__format=self._format)
            found.update(rows.values_list("booked_on", "amount_minor", "bank_reference"))
        return found
