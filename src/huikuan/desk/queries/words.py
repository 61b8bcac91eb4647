"""Words for stored codes: steps, channels, outcomes, journal events, the facts of a decision."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from huikuan.kernel.money import format_money
from huikuan.outreach.models import Contact
from huikuan.receivables.rules.terms import Terms

CHANNELS = dict(Contact.Channel.choices)
OUTCOMES = dict(Contact.Outcome.choices)

TASK_OUTCOMES = {**OUTCOMES, "DONE": lazy("Done"), "APPROVED": lazy("Approved"), "DECLINED": lazy("Declined")}

EVENTS = {
    "cases.case-reassigned": lazy("Case given to somebody else"),
    "credit.grade-overridden": lazy("Grade set by hand"),
    "credit.grade-released": lazy("Grade by hand taken back"),
    "outreach.contact-refused": lazy("Contact refused by the contact guard"),
    "parties.collector-assigned": lazy("Collector assigned"),
    "parties.contact-blocked": lazy("Contact person blocked"),
    "parties.contact-unblocked": lazy("Contact person unblocked"),
    "parties.contact-person-changed": lazy("Contact person changed"),
    "parties.contact-person-saved": lazy("Contact person saved"),
    "parties.customer-changed": lazy("Customer data changed"),
    "parties.customer-made": lazy("Customer opened"),
    "policy.hold-placed": lazy("Hold placed"),
    "policy.hold-released": lazy("Hold released"),
    "receivables.allocation-reversed": lazy("Allocation reversed"),
    "receivables.contract-changed": lazy("Contract changed"),
    "receivables.contract-opened": lazy("Contract opened"),
    "receivables.contract-terms-set": lazy("Penalty terms set"),
    "receivables.credit-note-applied": lazy("Credit note applied"),
    "receivables.credit-note-booked": lazy("Credit note booked"),
    "receivables.credit-note-cancelled": lazy("Credit note cancelled"),
    "receivables.item-booked": lazy("Item booked"),
    "receivables.on-account-allocated": lazy("Money on account allocated"),
    "receivables.receipt-allocated": lazy("Receipt allocated"),
    "receivables.receipt-assigned": lazy("Receipt assigned to the customer"),
    "receivables.receipt-booked": lazy("Receipt booked"),
    "receivables.schedule-billed": lazy("Scheduled items billed"),
}
"""Journal events that a customer's timeline shows."""

FACTS = {
    "rule": lazy("Rule"),
    "decided_on": lazy("Day of the run"),
    "segment": lazy("Segment"),
    "ladder": lazy("Ladder"),
    "trigger_on": lazy("Fell due on"),
    "days_overdue": lazy("Days overdue"),
    "overdue_minor": lazy("Overdue"),
    "net_overdue_minor": lazy("Overdue less on account"),
    "open_minor": lazy("Open"),
    "amount_minor": lazy("Amount"),
    "unapplied_minor": lazy("Not allocated"),
    "on_account_minor": lazy("On account"),
    "held_minor": lazy("On hold"),
    "penalty_minor": lazy("Penalty"),
    "item_count": lazy("Items"),
    "grade": lazy("Grade"),
    "letter": lazy("Grade"),
    "arrears_type": lazy("Type of arrears"),
    "last_step_code": lazy("Last step"),
    "last_step_on": lazy("Last step on"),
    "fruitless_count": lazy("Contacts without result"),
    "oldest_due_on": lazy("Oldest due date"),
    "starts_on": lazy("From"),
    "ends_on": lazy("Until"),
    "released_on": lazy("Released on"),
    "kind": lazy("Kind"),
    "number": lazy("Number"),
    "currency": lazy("Currency"),
    "channel": lazy("Channel"),
    "why": lazy("Reason"),
    "rule_id": lazy("Rule"),
}

SILENT_FACTS = ("item_ids", "item_id", "rank", "sha256", "task_id", "customer_id")
"""Keys and hashes: for machines."""

OUTCOME_TONES = {
    **dict.fromkeys(("PROMISED", "SAYS_PAID", "DONE", "APPROVED"), "good"),
    **dict.fromkeys(("REFUSES", "DISPUTES", "STOP", "DECLINED"), "bad"),
    **dict.fromkeys(("NO_ANSWER", "BUSY", "WRONG_NUMBER", "HARDSHIP"), "warn"),
}
"""Colours of outcomes; the words beside them say the same."""

STEPS = {
    "bill": lazy("Electronic bill"),
    "order_check": lazy("Contact after the order"),
    "courtesy_call": lazy("Courtesy call"),
    "season_reminder": lazy("Seasonal reminder"),
    "reminder": lazy("Reminder before the due date"),
    "cash_plan": lazy("Payment plan question"),
    "settlement_check": lazy("Settlement question"),
    "friendly": lazy("Friendly reminder"),
    "first_call": lazy("First call"),
    "follow_up_call": lazy("Follow-up call"),
    "offer": lazy("Offer: part of the penalty waived"),
    "demand": lazy("Formal demand"),
    "high_risk": lazy("High risk: manager review"),
    "visit": lazy("Visit"),
    "weekly": lazy("Weekly contact"),
    "lawyers_letter": lazy("Lawyer's letter"),
    "route": lazy("Choice of the legal route"),
    "decision": lazy("Agency or lawsuit decided"),
    "long_term": lazy("Long-term arrears review"),
    "blacklist": lazy("Blacklist proposed"),
}
"""Steps of the default pack; a policy's own steps show their code as words."""

SCRIPTS = {
    "courtesy": lazy("Courtesy call"),
    "first_call": lazy("First call"),
    "follow_up": lazy("Follow-up call"),
    "offer": lazy("Offer"),
    "weekly": lazy("Weekly contact"),
    "visit": lazy("Visit"),
}


def step_name(code: str) -> str:
    """Return a step's code as words."""
    known = STEPS.get(code)
    return str(known) if known else code.replace("-", " ").replace("_", " ").capitalize()


def script_name(code: str) -> str:
    """Return the name of a script as words; "" for none."""
    return str(SCRIPTS.get(code) or code.replace("_", " "))


def words_for(facts: Mapping[str, Any], currency: str) -> tuple[tuple[str, str], ...]:
    """Return facts as (name, value) for people: money with its currency, yes and no, nothing left empty."""
    said = []
    for key, value in facts.items():
        if value in (None, "", [], {}) or key in SILENT_FACTS or (key == "currency" and currency):
            continue
        name = str(FACTS.get(key, key.removesuffix("_minor").replace("_", " ").capitalize()))
        said.append((name, _value(key, value, currency)))
    return tuple(said)


def _value(key: str, value: object, currency: str) -> str:
    if key == "last_step_code":
        return step_name(str(value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if key.endswith("_minor") and isinstance(value, int) and currency:
        return format_money(value, currency, get_language() or "en")
    if isinstance(value, list):
        return ", ".join(_value(key, each, currency) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_value(name, each, currency)}" for name, each in value.items())
    return str(value)


def percent_ppm(ppm: int) -> str:
    """Write a share in millionths as a percentage: 30 000 is 3%."""
    return f"{Decimal(ppm).scaleb(-4).normalize():f}%"


def rate_words(numerator: int, denominator: int) -> str:
    """Write what one unit bears on a day, as a percentage: exactly, or to six decimals with an approximation sign."""
    share = Decimal(100 * numerator) / denominator
    exact = share == share.quantize(Decimal("0.000001"))
    return f"{'' if exact else '≈'}{share.quantize(Decimal('0.000001')).normalize():f}%"


def terms_words(terms: Terms) -> str:
    """Say penalty terms in one line."""
    rate = f"{Decimal(terms.rate_ppb).scaleb(-7).normalize():f}%"
    if terms.kind == "NONE":
        return _("No penalty")
    if terms.kind == "PER_DAY":
        said = [_("{rate} a day").format(rate=rate)]
    elif terms.kind == "PER_YEAR":
        said = [_("{rate} a year of {days} days").format(rate=rate, days=terms.basis_days)]
    else:
        multiple = f"{Decimal(terms.multiple_ppm).scaleb(-6).normalize():f}"
        said = [_("{reference} × {multiple}").format(reference=terms.reference_code, multiple=multiple)]
        if terms.rate_ppb:
            said.append(f"+ {rate}")
    if terms.grace_days:
        said.append(_("{days} days of grace").format(days=terms.grace_days))
    if terms.cap_share_ppm is not None:
        said.append(_("at most {share} of the amount").format(share=percent_ppm(terms.cap_share_ppm)))
    return " · ".join(said)
