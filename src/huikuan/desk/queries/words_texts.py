"""Words for the kinds of message, their tones, channels and languages, and for why a preview is empty."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huikuan.desk.queries.words import SCRIPTS
from huikuan.outreach.models import TemplateSlot
from huikuan.outreach.templates import SPOKEN

KINDS: Final = {
    "bill": gettext_lazy("Electronic bill"),
    "upcoming": gettext_lazy("Before the due date"),
    "friendly": gettext_lazy("Friendly reminder"),
    "follow_up": gettext_lazy("Follow-up"),
    "offer": gettext_lazy("Offer: part of the penalty waived"),
    "demand": gettext_lazy("Formal demand"),
    "weekly": gettext_lazy("Weekly statement"),
    "last_notice": gettext_lazy("Last notice"),
    "lawyers_letter": gettext_lazy("Lawyer's letter"),
    "thank_you": gettext_lazy("Thank-you for a payment"),
    "plan_confirmation": gettext_lazy("Installment plan confirmed"),
    "promise_reminder": gettext_lazy("Reminder of a promise"),
    "dispute_ack": gettext_lazy("Dispute acknowledged"),
    "dispute_decision": gettext_lazy("Dispute decided"),
    "holiday": gettext_lazy("Holiday note"),
    "statement": gettext_lazy("Account statement"),
    "statement_reminder": gettext_lazy("Reminder of an account statement"),
    "offer_made": gettext_lazy("Offer made by hand"),
    "text": gettext_lazy("Written by hand"),
}
"""Kinds of `outreach.rules.kinds`, letters too; other modules add theirs."""

TONES: Final = dict(TemplateSlot.Tone.choices)
CHANNELS: Final = dict(TemplateSlot.Channel.choices)
LANGUAGES: Final = {"zh-hans": gettext_lazy("Chinese"), "en": gettext_lazy("English")}

PARTS: Final = {
    "opening": gettext_lazy("Opening"),
    "identity": gettext_lazy("Who is speaking"),
    "facts": gettext_lazy("The facts"),
    "question": gettext_lazy("The question"),
    "closing": gettext_lazy("Closing"),
    "never": gettext_lazy("Never"),
}
"""Parts of a script."""

WHY_NOT: Final = {
    "NOTHING_OWED": gettext_lazy("This customer owes nothing that is due: the message would not be sent today."),
    "NOTHING_TO_TELL": gettext_lazy("This customer has nothing that the message could be about. Choose another."),
    "FELL_DUE": gettext_lazy("Everything has fallen due: the message would not be sent today."),
    "COVERED_ON_ACCOUNT": gettext_lazy("Money on account covers it: the message would not be sent today."),
    "BELOW_MINIMUM": gettext_lazy("Too little is owed: the message would not be sent today."),
    "ON_HOLD": gettext_lazy("Everything is on hold: the message would wait."),
    "NO_POLICY": gettext_lazy("No policy is in force: nobody is written to."),
    "STEP_NOT_IN_POLICY": gettext_lazy("No step of the policy in force sends this message."),
    "CUSTOMER_EXCLUDED": gettext_lazy("The policy excludes this customer."),
    "NO_HOLIDAY_AHEAD": gettext_lazy("No holiday lies ahead: the message would not be sent today."),
    "PAYMENT_TAKEN_BACK": gettext_lazy("The latest payment was taken back: nobody would be thanked."),
}
"""Why a preview shows nothing."""


def kind_name(kind: str, channel: str = "EMAIL") -> str:
    """Return a kind of message, or a script, as words."""
    known = (SCRIPTS if channel in SPOKEN else KINDS).get(kind)
    return str(known or kind.replace("_", " ").capitalize())


def why_not(code: str) -> str:
    """Return why nothing would be sent, as words; "" for no reason."""
    if code.startswith("WORD_MISSING"):
        return _("The text needs {word}, which this customer does not have.").format(word=code.partition(": ")[2])
    known = WHY_NOT.get(code)
    return str(known) if known else code and _("The message would not be sent today ({code}).").format(code=code)


def line_name(line: int | None) -> str:
    """Return where in a text something stands."""
    if line is None:
        return _("Whole text")
    return _("Line {number}").format(number=line) if line else _("Subject")
