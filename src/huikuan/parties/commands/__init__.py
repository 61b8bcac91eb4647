"""Writes of the parties module: entities, customers, the persons there, our own people, and numbers."""

from huikuan.parties.commands.contacts import block_contact, change_contact_person, save_contact_person, unblock_contact
from huikuan.parties.commands.customers import assign_collector, save_customer
from huikuan.parties.commands.entities import change_entity, open_entity, take_numbers
from huikuan.parties.commands.staff import add_user, change_password, grant_role, open_team, revoke_role

__all__ = [
    "add_user",
    "assign_collector",
    "block_contact",
    "change_contact_person",
    "change_entity",
    "change_password",
    "grant_role",
    "open_entity",
    "open_team",
    "revoke_role",
    "save_contact_person",
    "save_customer",
    "take_numbers",
    "unblock_contact",
]
