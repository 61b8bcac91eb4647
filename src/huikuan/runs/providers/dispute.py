"""The letters of a dispute: that it was received, and how it was decided."""

from datetime import timedelta
from typing import Final

from huikuan.arrangements.models import Dispute
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.zones import local_day
from huikuan.outreach.models import Delivery
from huikuan.outreach.ports import Pointless
from huikuan.outreach.rules.kinds import subject_of
from huikuan.outreach.rules.table import Table
from huikuan.runs.speech import Speech, one_line
from huikuan.runs.telling import Told

PAY_DAYS: Final = 7
"""Days that the answer gives to pay what is not disputed any more; moved to the next working day."""


def received(delivery: Delivery, speech: Speech) -> Told | Pointless:
    """Tell what was taken up, what is held, and by when it is answered; nothing once it is decided."""
    dispute = _dispute(delivery)
    if dispute.decided_at is not None:
        return Pointless("DISPUTE_DECIDED", {"dispute": dispute.pk})
    return Told(
        words={
            **_words(dispute, speech),
            "answer_by": speech.day(dispute.resolve_due_on),
            "undisputed_amount": speech.money(max(0, dispute.item.open_minor - dispute.amount_minor)),
        },
        tables={"disputed_items": _table(dispute, speech)},
        facts=_facts(dispute) | {"answer_by": dispute.resolve_due_on.isoformat()},
    )


def decided(delivery: Delivery, speech: Speech) -> Told | Pointless:
    """Tell the decision, its reason, what is credited, and what is left to pay."""
    dispute = _dispute(delivery)
    if dispute.decided_at is None:
        return Pointless("DISPUTE_OPEN", {"dispute": dispute.pk})
    still_open = dispute.item.open_minor
    calendar = WorkingCalendar(delivery.entity.country)
    pay_by = max(dispute.item.due_on, calendar.on_or_after(speech.today + timedelta(days=PAY_DAYS)))
    return Told(
        words={
            **_words(dispute, speech),
            "decision": speech.say[f"decision.{dispute.decision}"],
            "decision_reason": one_line(dispute.explanation),
            "credited_amount": speech.money(dispute.conceded_minor or 0),
            "still_open": speech.money(still_open),
            "pay_by": speech.day(pay_by) if still_open else "",
        },
        tables={"disputed_items": _table(dispute, speech)},
        facts=_facts(dispute)
        | {
            "decision": dispute.decision,
            "conceded_minor": dispute.conceded_minor,
            "still_open_minor": still_open,
            "pay_by": pay_by.isoformat() if still_open else None,
        },
    )


def _dispute(delivery: Delivery) -> Dispute:
    number = subject_of(delivery.about)[1]
    return Dispute.objects.select_related("item", "entity").get(pk=number, customer_id=delivery.customer_id)


def _words(dispute: Dispute, speech: Speech) -> dict[str, str]:
    return {
        "dispute_number": number_of(dispute),
        "dispute_kind": speech.say[f"dispute.{dispute.kind}"],
        "disputed_amount": speech.amount(dispute.amount_minor),
    }


def number_of(dispute: Dispute) -> str:
    """Return the number by which customer and creditor call a dispute: the day it was raised, and its own."""
    return f"D{local_day(dispute.raised_at, dispute.entity.time_zone):%Y%m%d}-{dispute.pk}"


def _table(dispute: Dispute, speech: Speech) -> Table:
    row = {
        "number": one_line(dispute.item.number),
        "due_on": dispute.item.due_on.isoformat(),
        "amount": speech.amount(dispute.item.amount_minor),
        "disputed": speech.amount(dispute.amount_minor),
    }
    return speech.table(("number", "due_on", "amount", "disputed"), [row], numbers=("amount", "disputed"))


def _facts(dispute: Dispute) -> dict[str, object]:
    return {
        "dispute": number_of(dispute),
        "item": dispute.item.number,
        "kind": dispute.kind,
        "currency": dispute.currency,
        "disputed_minor": dispute.amount_minor,
    }


PROVIDES: Final = {"dispute_ack": received, "dispute_decision": decided}
