"""Sentences about what a reader remarked and what a matching did, for people."""

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

_SAID = {
    "no-balances": _("The file states no balances: that it is whole cannot be checked (camt.054 never has any)."),
    "pending": _("Entries that the bank has not booked yet were left out ({said})."),
    "expected": _("Line {place}: an expected entry was left out; it comes again when it is booked."),
    "day-moved": _("Line {place}: the day does not exist and was taken as the last of its month, {said}."),
    "day-of-message": _("Entry {place} names no day; that of the message was taken, {said}."),
    "batch-kept-whole": _("Entry {place} is a batch of {said} payments whose amounts do not add up to it: one line."),
    "encoding-guessed": _("The text is in no known encoding; letters with accents may be wrong (--encoding)."),
    "neutral": _("{said} rows that are neither income nor expense of the wallet were left out."),
    "void": _("{said} rows of trades that were closed or failed were left out."),
}


def matched_text(lines: int, collected: int, automatic: int, proposed: int, unanswered: int) -> str:
    """Return what a matching did, in the language of the reader."""
    said = gettext("{lines} lines: {automatic} matched, {proposed} proposed, {unanswered} without an answer.")
    counted = said.format(lines=lines, automatic=automatic, proposed=proposed, unanswered=unanswered)
    if not collected:
        return counted
    bills = ngettext("{n} bill of exchange is collected.", "{n} bills of exchange are collected.", collected)
    return f"{counted} {bills.format(n=collected)}"


def remark_text(code: str, place: int, said: str) -> str:
    """Return a remark of a reader in the language of the reader of the page."""
    text = _SAID.get(code)
    return code if text is None else gettext(text).format(place=place, said=said)
