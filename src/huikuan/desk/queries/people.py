"""Whom to talk to at a customer, and what forbids it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, QuerySet

from huikuan.parties.models import ContactBlock, ContactPerson
from huikuan.parties.rules.contacts import format_hours


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRow:
    """A block that stands: why, on which channel, since when, and who wrote it down."""

    pk: int
    words: str
    is_opt_out: bool
    reason: str
    begun_at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A contact person; the numbers are masked for whoever only audits. `row` is what the contact guard judges."""

    pk: int
    name: str
    role: str
    phone: str
    email: str
    preferred: str
    hours: str
    blocks: tuple[BlockRow, ...]
    is_masked: bool
    row: ContactPerson

    @property
    def may_be_called(self) -> bool:
        """Tell whether a call link is shown."""
        return bool(self.phone) and not self.blocks and not self.is_masked


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The contact persons, and the blocks that stand on the customer as a whole."""

    persons: tuple[PersonRow, ...]
    blocks: tuple[BlockRow, ...]


def people_of(customer_id: int, *, is_masked: bool = False, **beside: Exists) -> People:
    """Return whom to talk to, with numbers and mailboxes masked when asked. Two queries.

    What is asked `beside` of each person stands on `row`.
    """
    blocked: dict[int | None, list[BlockRow]] = {}
    blocks = ContactBlock.objects.filter(customer_id=customer_id, ended_at=None).select_related("begun_by")
    for block in blocks.order_by("begun_at"):
        blocked.setdefault(block.person_id, []).append(_block(block))
    persons = _persons(customer_id).annotate(**beside)
    return People(
        persons=tuple(_person(each, tuple(blocked.get(each.pk, ())), is_masked=is_masked) for each in persons),
        blocks=tuple(blocked.get(None, ())),
    )


def persons_of(customer_id: int) -> tuple[PersonRow, ...]:
    """Return the contact persons for a form that names them only, without what forbids to talk to them. One query."""
    return tuple(_person(each, (), is_masked=False) for each in _persons(customer_id))


def _persons(customer_id: int) -> QuerySet[ContactPerson]:
    return ContactPerson.objects.filter(customer_id=customer_id).order_by("role", "name")


def _person(person: ContactPerson, blocks: tuple[BlockRow, ...], *, is_masked: bool) -> PersonRow:
    return PersonRow(
        pk=person.pk,
        name=person.name,
        role=person.get_role_display(),
        phone=masked_phone(person.phone) if is_masked else person.phone,
        email=masked_email(person.email) if is_masked else person.email,
        preferred=person.get_preferred_channel_display(),
        hours=format_hours(person.preferred_hours) if person.preferred_hours else "",
        blocks=blocks,
        is_masked=is_masked,
        row=person,
    )


def _block(block: ContactBlock) -> BlockRow:
    channels = dict(ContactPerson.Channel.choices)
    channel = f" ({channels.get(block.channel, block.channel)})" if block.channel else ""
    return BlockRow(
        pk=block.pk,
        words=f"{block.get_kind_display()}{channel}",
        is_opt_out=block.kind == ContactBlock.Kind.OPT_OUT,
        reason=block.reason,
        begun_at=block.begun_at,
        by=str(block.begun_by) if block.begun_by else "",
    )


def masked_phone(phone: str) -> str:
    """Leave the last three digits of a number: +8613800138000 is ••• 000; "" stays ""."""
    return f"••• {phone[-3:]}" if phone else ""


def masked_email(email: str) -> str:
    """Leave the first letter and the domain of a mailbox: l•••@customer.example; "" stays ""."""
    name, _at, domain = email.partition("@")
    return f"{name[:1]}•••@{domain}" if email else ""
