"""Words for stored codes: steps, channels, outcomes, journal events, the facts of a decision."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from huikuan.desk.queries import words_inbox
from huikuan.kernel.money import format_money
from huikuan.outreach.models import Contact
from huikuan.policy.models import Hold
from huikuan.receivables.models import LimitationEvent

CHANNELS = dict(Contact.Channel.choices)
OUTCOMES = dict(Contact.Outcome.choices)

TASK_OUTCOMES = {
    **OUTCOMES,
    "DONE": gettext_lazy("Done"),
    "APPROVED": gettext_lazy("Approved"),
    "DECLINED": gettext_lazy("Declined"),
}

FACTS = {
    "rule": gettext_lazy("Rule"),
    "decided_on": gettext_lazy("Day of the run"),
    "segment": gettext_lazy("Segment"),
    "ladder": gettext_lazy("Ladder"),
    "trigger_on": gettext_lazy("Fell due on"),
    "days_overdue": gettext_lazy("Days overdue"),
    "overdue_minor": gettext_lazy("Overdue"),
    "net_overdue_minor": gettext_lazy("Overdue less on account"),
    "open_minor": gettext_lazy("Open"),
    "amount_minor": gettext_lazy("Amount"),
    "unapplied_minor": gettext_lazy("Not allocated"),
    "on_account_minor": gettext_lazy("On account"),
    "held_minor": gettext_lazy("On hold"),
    "penalty_minor": gettext_lazy("Penalty"),
    "item_count": gettext_lazy("Items"),
    "grade": gettext_lazy("Grade"),
    "letter": gettext_lazy("Grade"),
    "arrears_type": gettext_lazy("Type of arrears"),
    "last_step_code": gettext_lazy("Last step"),
    "last_step_on": gettext_lazy("Last step on"),
    "fruitless_count": gettext_lazy("Contacts without result"),
    "oldest_due_on": gettext_lazy("Oldest due date"),
    "starts_on": gettext_lazy("From"),
    "ends_on": gettext_lazy("Until"),
    "released_on": gettext_lazy("Released on"),
    "kind": gettext_lazy("Kind"),
    "number": gettext_lazy("Number"),
    "currency": gettext_lazy("Currency"),
    "channel": gettext_lazy("Channel"),
    "why": gettext_lazy("Reason"),
    "rule_id": gettext_lazy("Rule"),
    "cause": gettext_lazy("By"),
    "who": gettext_lazy("Who"),
    "evidence": gettext_lazy("Evidence"),
    "as_of": gettext_lazy("On"),
}

FACT_VALUES: dict[str, dict[str, Any]] = {
    "cause": dict(LimitationEvent.Kind.choices),
    "kind": dict(Hold.Kind.choices),
    "channel": CHANNELS,
    "arrears_type": {
        "ORDINARY": gettext_lazy("Ordinary"),
        "PARTIAL": gettext_lazy("Paid in part"),
        "DISPUTED": gettext_lazy("Disputed"),
        "LONG_TERM": gettext_lazy("Long-term"),
    },
}
"""Words for the codes that a fact may hold."""

SILENT_FACTS = ("fact", "item_ids", "item_id", "rank", "sha256", "task_id", "customer_id")
"""Keys, hashes and bare numbers: for machines."""

OUTCOME_TONES = {
    **dict.fromkeys(("PROMISED", "SAYS_PAID", "DONE", "APPROVED"), "good"),
    **dict.fromkeys(("REFUSES", "DISPUTES", "STOP", "DECLINED"), "bad"),
    **dict.fromkeys(("NO_ANSWER", "BUSY", "WRONG_NUMBER", "HARDSHIP"), "warn"),
}
"""Colors of outcomes; the words beside them say the same."""

STEPS = {
    **words_inbox.STEPS,
    "bill": gettext_lazy("Electronic bill"),
    "order_check": gettext_lazy("Contact after the order"),
    "hold_ends": gettext_lazy("Hold ends"),
    "courtesy_call": gettext_lazy("Courtesy call"),
    "season_reminder": gettext_lazy("Seasonal reminder"),
    "reminder": gettext_lazy("Reminder before the due date"),
    "cash_plan": gettext_lazy("Payment plan question"),
    "settlement_check": gettext_lazy("Settlement question"),
    "friendly": gettext_lazy("Friendly reminder"),
    "first_call": gettext_lazy("First call"),
    "follow_up_call": gettext_lazy("Follow-up call"),
    "offer": gettext_lazy("Offer: part of the penalty waived"),
    "broken_promise": gettext_lazy("After a broken promise"),
    "demand": gettext_lazy("Formal demand"),
    "high_risk": gettext_lazy("High risk: manager review"),
    "visit": gettext_lazy("Visit"),
    "weekly": gettext_lazy("Weekly contact"),
    "rest_due": gettext_lazy("After a broken plan: the rest demanded"),
    "lawyers_letter": gettext_lazy("Lawyer's letter"),
    "route": gettext_lazy("Choice of the legal route"),
    "decision": gettext_lazy("Agency or lawsuit decided"),
    "long_term": gettext_lazy("Long-term arrears review"),
    "blacklist": gettext_lazy("Blacklist proposed"),
    "promise_broken": gettext_lazy("Broken promise: manager review"),
    "plan_broken": gettext_lazy("Broken plan: manager review"),
    "plan_declined": gettext_lazy("Plan declined by the customer: another proposal"),
    "statement_differs": gettext_lazy("Account statement differs: resolve"),
    "dispute_late": gettext_lazy("Dispute not decided in time: manager review"),
    "delay_signal": gettext_lazy("Delay signal: manager review"),
    "discount_late": gettext_lazy("Discount taken too late: review"),
    "letter_late": gettext_lazy("Letter not posted yet"),
    "bill_present": gettext_lazy("Bill of exchange: present for payment"),
    "bill_recourse_30": gettext_lazy("Bill of exchange: recourse ends within 30 days"),
    "bill_recourse_10": gettext_lazy("Bill of exchange: recourse ends within 10 days"),
}
"""Steps of the default pack; a policy's own steps show their code as words."""

SCRIPTS = {
    "courtesy": gettext_lazy("Courtesy call"),
    "first_call": gettext_lazy("First call"),
    "follow_up": gettext_lazy("Follow-up call"),
    "offer": gettext_lazy("Offer"),
    "weekly": gettext_lazy("Weekly contact"),
    "visit": gettext_lazy("Visit"),
}


CANCEL_REASONS = {
    "SETTLED": gettext_lazy("settled meanwhile"),
    "HELD": gettext_lazy("on hold"),
    "COVERED": gettext_lazy("covered by money on account"),
    "SUPERSEDED": gettext_lazy("followed by a later step"),
    "ALLOCATED": gettext_lazy("the money was allocated"),
    "POSTED": gettext_lazy("the letter was posted or called off"),
}
"""Why the run called a task off; what a person wrote stands as written."""


def step_name(code: str) -> str:
    """Return a step's code as words."""
    known = STEPS.get(code)
    return str(known) if known else code.replace("-", " ").replace("_", " ").capitalize()


def plain_reason(text: str) -> str:
    """Return a reason as people wrote it; "" for the mark that leads back to an agreement, such as “plan:12”."""
    noun, colon, number = text.partition(":")
    return "" if colon and noun.isalpha() and number.isdecimal() else text


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
    if isinstance(value, list):
        return ", ".join(_value(key, each, currency) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_value(name, each, currency)}" for name, each in value.items())
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if key.endswith("_minor") and isinstance(value, int) and currency:
        return format_money(value, currency, get_language() or "en")
    return step_name(str(value)) if key == "last_step_code" else str(FACT_VALUES.get(key, {}).get(str(value), value))
