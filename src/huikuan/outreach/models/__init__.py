"""Tables of the outreach module."""

from huikuan.outreach.models.attempt import Attempt
from huikuan.outreach.models.contact import Contact
from huikuan.outreach.models.delivery import Delivery, DeliveryEvent, Message
from huikuan.outreach.models.inbound import AppliedIntent, InboundMessage, MailFolder
from huikuan.outreach.models.letter import Letter, LetterEvent
from huikuan.outreach.models.receipt import ProviderReceipt
from huikuan.outreach.models.refusal import ContactRefusal
from huikuan.outreach.models.template import (
    TemplateActivation,
    TemplateSlot,
    TemplateVerdict,
    TemplateVersion,
    WrittenText,
)
from huikuan.outreach.models.visit import Visit, VisitArrival, VisitDocument, VisitReport

__all__ = [
    "AppliedIntent",
    "Attempt",
    "Contact",
    "ContactRefusal",
    "Delivery",
    "DeliveryEvent",
    "InboundMessage",
    "Letter",
    "LetterEvent",
    "MailFolder",
    "Message",
    "ProviderReceipt",
    "TemplateActivation",
    "TemplateSlot",
    "TemplateVerdict",
    "TemplateVersion",
    "Visit",
    "VisitArrival",
    "VisitDocument",
    "VisitReport",
    "WrittenText",
]
