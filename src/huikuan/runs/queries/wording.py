"""Explanations in words, in the reader's language."""

from datetime import date
from typing import Final

from django.utils.translation import gettext

from huikuan.kernel.refusal import gettext_noop

REASONS: Final = {
    "DUE": gettext_noop("A step is taken today."),
    "DONE_TODAY": gettext_noop("The step of this day has already been taken."),
    "CURRENT": gettext_noop("Nothing is overdue."),
    "NOT_DUE": gettext_noop("No step is due today."),
    "WAITING": gettext_noop("A step is due, but it is too soon after the one before."),
    "UNSENT": gettext_noop("The message of the last step has not left yet."),
    "POSTPONED": gettext_noop("The last contact agreed to wait until a later day."),
    "HELD": gettext_noop("Everything overdue is on hold."),
    "COVERED": gettext_noop("Money on account covers everything overdue: it is to be allocated, nobody is contacted."),
    "BELOW_MINIMUM": gettext_noop("What is overdue is less than the policy asks for."),
    "NO_LADDER": gettext_noop("The policy contacts nobody here: the customer is excluded or has no ladder."),
    "EXHAUSTED": gettext_noop("Every step of the ladder has been taken."),
}
"""Why something, or nothing, is taken for a customer and currency."""

ANSWERS: Final = {
    "TAKEN": gettext_noop("yes: taken today"),
    "PASSED_OVER": gettext_noop("no: passed over today, a later step goes"),
    "BEHIND": gettext_noop("no: it, or a later step, has been taken in this spell"),
    "NOT_FOR_GRADE": gettext_noop("no: not for this grade"),
    "STOPPED": gettext_noop("no: due, but nothing is taken here today"),
    "NOT_YET": gettext_noop("no: not before {day}"),
    "AFTER_ANOTHER": gettext_noop("no: it follows a step that has not been taken"),
    "NO_EVENT": gettext_noop("no: what it waits for has not happened"),
    "NOT_THE_CASE": gettext_noop("no: no delay signal of that kind stands, or nothing has been unread for so long"),
    "OUT_OF_SEASON": gettext_noop("no: not in this month"),
    "OVER": gettext_noop("no: its time is over"),
    "TOO_LITTLE": gettext_noop("no: amount or count below what it asks for"),
    "ANSWERED": gettext_noop("no: it is for silence, and the customer has spoken"),
    "GAP": gettext_noop("no: too soon after the step before, from {day}"),
    "OUTRANKED": gettext_noop("no: another step goes first"),
}
"""Whether a step is taken, and why not."""


def reason(code: str) -> str:
    """Return why something, or nothing, is taken."""
    return gettext(REASONS[code])


def answer(code: str, day: date | None) -> str:
    """Return whether a step is taken, and why not."""
    if code == "NOT_YET" and day is None:
        code = "AFTER_ANOTHER"
    return gettext(ANSWERS[code]).format(day=day.isoformat() if day else "")


def upcoming(step_code: str, action: str) -> str:
    """Return what happens to a step before the due day."""
    if action == "SKIPPED":
        return gettext("{step}: its moment has come, another contact of the day covers it").format(step=step_code)
    return gettext("{step}: taken today").format(step=step_code)


def hold(kind: str, item_number: str | None, amount: str | None, ends_on: date, why: str) -> str:
    """Return what a hold keeps back and until when."""
    facts = {"kind": kind, "item": item_number, "amount": amount, "day": ends_on.isoformat(), "why": why}
    if item_number is None:
        return gettext("{kind}: the whole customer, until {day} ({why})").format(**facts)
    if amount is None:
        return gettext("{kind}: item {item}, until {day} ({why})").format(**facts)
    return gettext("{kind}: {amount} of item {item}, until {day} ({why})").format(**facts)
