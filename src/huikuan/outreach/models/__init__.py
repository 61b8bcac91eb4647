"""Tables of the outreach module."""

from huikuan.outreach.models.contact import Contact
from huikuan.outreach.models.delivery import Delivery, DeliveryEvent, Message

__all__ = ["Contact", "Delivery", "DeliveryEvent", "Message"]
