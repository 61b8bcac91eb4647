"""The account statement by message: what the period did to the account, and the link by which to confirm it."""

from datetime import date, time, timedelta
from typing import Any, Final

from huikuan.cash.commands.account_statements import about
from huikuan.cash.models import AccountStatement
from huikuan.cash.models.account_statement import StatementState
from huikuan.kernel.zones import instant_at
from huikuan.outreach.models import Delivery
from huikuan.outreach.ports import Pointless
from huikuan.outreach.rules.kinds import subject_of
from huikuan.outreach.rules.table import Table
from huikuan.parties.commands.links import address_of_link, issue_link
from huikuan.parties.models import SignedLink
from huikuan.runs.speech import Speech, one_line
from huikuan.runs.telling import Told

LINK_DAYS: Final = 90
"""So long after the day to answer the link stays open."""
LINES_SHOWN: Final = 30
"""A message shows so many lines, the latest; the document behind the link has them all."""


def statement(delivery: Delivery, speech: Speech) -> Told | Pointless:
    """Tell the sums, the latest lines, and where to confirm; nothing once it is answered or withdrawn."""
    found = AccountStatement.objects.select_related("entity", "pdf").get(
        pk=subject_of(delivery.about)[1], customer_id=delivery.customer_id
    )
    if found.state != StatementState.SENT or found.answer_by is None:
        return Pointless("STATEMENT_ANSWERED", {"statement": found.number, "stands": found.state})
    return Told(
        words={
            "statement_number": found.number,
            "period_from": speech.day(found.starts_on),
            "period_until": speech.day(found.ends_on),
            "opening_balance": speech.amount(found.opening_minor),
            "charged": speech.amount(found.charged_minor),
            "paid": speech.amount(found.credited_minor + found.received_minor + found.written_off_minor),
            "closing_balance": speech.amount(found.closing_minor),
            "confirm_by": speech.day(found.answer_by),
            "confirm_url": _link(found, found.answer_by, delivery),
        },
        tables={"statement_lines": _table(found, speech)},
        facts={
            "statement": found.number,
            "currency": found.currency,
            "opening_minor": found.opening_minor,
            "closing_minor": found.closing_minor,
            "starts_on": found.starts_on.isoformat(),
            "ends_on": found.ends_on.isoformat(),
            "sha256": found.pdf.sha256,
        },
    )


def reminder(delivery: Delivery, speech: Speech) -> Told | Pointless:
    """Tell the same in short; nothing once it is answered or withdrawn."""
    told = statement(delivery, speech)
    return told if isinstance(told, Pointless) else Told(words=told.words, facts=told.facts)


def _link(found: AccountStatement, answer_by: date, delivery: Delivery) -> str:
    """Return the address at which a statement is answered; a preview, which is never saved, gets none."""
    if not delivery.pk:
        return ""
    last = instant_at(answer_by + timedelta(days=LINK_DAYS), time(), found.entity.time_zone)
    link = issue_link(
        customer_id=found.customer_id, purpose=SignedLink.Purpose.STATEMENT, about=about(found), expires_at=last,
        now=delivery.created_at,
    )  # fmt: skip
    return address_of_link(link)


def _table(found: AccountStatement, speech: Speech) -> Table:
    lines: list[dict[str, Any]] = found.data["lines"][-LINES_SHOWN:]
    rows = [
        {
            "document": one_line(line["number"]),
            "statement_on": line["day"],
            "debit": speech.amount(line["amount_minor"]) if line["side"] == "ITEM" else "",
            "credit": "" if line["side"] == "ITEM" else speech.amount(-line["amount_minor"]),
            "balance": speech.amount(line["balance_minor"]),
        }
        for line in lines
    ]
    columns = ("document", "statement_on", "debit", "credit", "balance")
    return speech.table(columns, rows, numbers=("debit", "credit", "balance"))


PROVIDES: Final = {"statement": statement, "statement_reminder": reminder}
