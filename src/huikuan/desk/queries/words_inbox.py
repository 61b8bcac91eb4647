"""The inbox in words."""

from typing import Final

from django.utils.translation import gettext_lazy

INTENTS: Final = {
    "PROMISE": gettext_lazy("Promises to pay"),
    "PAID": gettext_lazy("Says it is paid"),
    "DISPUTE": gettext_lazy("Objects"),
    "HARDSHIP": gettext_lazy("In difficulty"),
    "STOP": gettext_lazy("Asks not to be contacted"),
    "WRONG_PERSON": gettext_lazy("Wrong person"),
    "OUT_OF_OFFICE": gettext_lazy("Away"),
}
EVENTS: Final = {
    "cases.intent-applied": gettext_lazy("Reply followed up"),
    "cases.intent-undone": gettext_lazy("Follow-up of a reply taken back"),
    "outreach.inbound-taken": gettext_lazy("Message came in"),
    "outreach.reply-taken": gettext_lazy("Reply came in"),
    "outreach.inbound-assigned": gettext_lazy("Incoming message assigned"),
    "outreach.inbound-handled": gettext_lazy("Incoming message done with"),
    "outreach.inbound-reopened": gettext_lazy("Incoming message opened again"),
}
STEPS: Final = {
    "find_money": gettext_lazy("Says it is paid: find the money"),
    "offer_plan": gettext_lazy("In difficulty: offer a plan"),
    "find_person": gettext_lazy("Wrong person: find the right one"),
}
