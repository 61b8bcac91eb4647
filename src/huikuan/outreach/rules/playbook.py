"""The objection playbook: what a customer says for not paying, and what a seasoned collector answers (G3)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

from huikuan.outreach.rules.template import placeholders

REASONS: Final = (
    "CASH_FLOW", "QUALITY", "BOSS_ABSENT", "ACCOUNTANT_AWAY", "IN_PROCESS", "NO_INVOICE", "ALREADY_PAID", "REFUSES",
    "BANKRUPT", "WRONG_PERSON",
)  # fmt: skip
"""Reasons for not paying, in the order in which pages list them."""
DAYS: Final = frozenset({"date_one", "date_two"})


class PlaybookFlawedError(ValueError):
    """The file cannot be used: it says where and why."""


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason for not paying.

    Attributes:
        code: Of REASONS.
        title: What it is called.
        says: How it sounds.
        outcome: `Contact.Outcome` that the contact is logged with.
        probe: The question that tells whether it is so.
        answer: What to say.
        question: The question that asks for a day and gives two to choose from; "" where none is to be asked.
        offer: What may be offered; "" where nothing is.
        follow_up: What is done afterwards, and when.
    """

    code: str
    title: str
    says: tuple[str, ...]
    outcome: str
    probe: str
    answer: str
    question: str
    offer: str
    follow_up: str

    def on(self, days: Mapping[str, str]) -> "Objection":
        """Return it with the two days filled into the question."""
        return replace(self, question=self.question.format_map(days))


def parse_playbook(where: str, source: str) -> tuple[Objection, ...]:
    """Read a playbook. Raises PlaybookFlawedError."""
    try:
        rows = tomllib.loads(source)["objection"]
        found = {row["code"]: Objection(**{**row, "says": tuple(row["says"])}) for row in rows}
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        message = f"{where}: {error}"
        raise PlaybookFlawedError(message) from error
    if set(found) != set(REASONS) or len(rows) != len(REASONS):
        message = f"{where}: every reason once: {', '.join(REASONS)}"
        raise PlaybookFlawedError(message)
    for objection in found.values():
        _check(where, objection)
    return tuple(found[code] for code in REASONS)


def _check(where: str, objection: Objection) -> None:
    """Refuse a question without both days, and a gap where something must be said."""
    asked = set(placeholders(objection.question))
    if objection.question and asked != DAYS:
        message = f"{where}: {objection.code}: the question gives both {{date_one}} and {{date_two}} to choose from"
        raise PlaybookFlawedError(message)
    for part in fields(objection):
        if part.name not in {"question", "offer"} and not getattr(objection, part.name):
            message = f"{where}: {objection.code}: {part.name} says nothing"
            raise PlaybookFlawedError(message)
