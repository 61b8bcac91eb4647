"""Tables of the parties module."""

from huikuan.parties.models.consent import Consent
from huikuan.parties.models.customer import ContactBlock, ContactPerson, Customer
from huikuan.parties.models.entity import Entity, NumberSequence
from huikuan.parties.models.link import SignedLink
from huikuan.parties.models.staff import Membership, Role, Team, User

__all__ = [
    "Consent",
    "ContactBlock",
    "ContactPerson",
    "Customer",
    "Entity",
    "Membership",
    "NumberSequence",
    "Role",
    "SignedLink",
    "Team",
    "User",
]
