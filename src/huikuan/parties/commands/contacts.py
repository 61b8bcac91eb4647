"""The persons at a customer, and what blocks talking to them."""

from datetime import datetime
from typing import Any, Final

from django.db import transaction

from huikuan.journal.commands import record
from huikuan.kernel.identifiers import parse_email, parse_phone
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.commands.entities import NameMissing
from huikuan.parties.models import ContactBlock, ContactPerson, Customer, User
from huikuan.parties.rules.contacts import Hours, checked_hours, format_hours, role_of

ONE_PERSON: Final = ("name", "email", "phone")
"""What makes two rows of a customer one person."""


class ContactUnreachable(Refusal):
    """No way to reach the person."""

    code = "parties.contact-unreachable"
    text = gettext_noop("{name} has neither e-mail nor telephone. Give at least one.")


class ContactChannelUnknown(Refusal):
    """No such channel."""

    code = "parties.channel-unknown"
    text = gettext_noop("“{channel}” is not a channel. Use one of {known}.")


class PersonOfOtherCustomer(Refusal):
    """The person belongs to another customer."""

    code = "parties.person-of-other-customer"
    text = gettext_noop("{person} is not a contact of {customer}.")


class PersonKnown(Refusal):
    """Two rows would be one person."""

    code = "parties.person-known"
    text = gettext_noop("{name} with this e-mail and telephone is already among the contacts.")


class AlreadyBlocked(Refusal):
    """The same block is open."""

    code = "parties.already-blocked"
    text = gettext_noop("{who} is already blocked for this reason.")


class OptOutStands(Refusal):
    """Who asked not to be contacted decides himself."""

    code = "parties.opt-out-stands"
    text = gettext_noop("An opt-out ends only when the person agreed to be contacted again. Confirm that, and say how.")


class BlockEnded(Refusal):
    """The block was lifted before."""

    code = "parties.block-ended"
    text = gettext_noop("This block was already lifted.")


@transaction.atomic
def save_contact_person(
    *,
    customer_id: int,
    name: str,
    actor: User | None,
    now: datetime,
    role: str = "",
    email: str = "",
    phone: str = "",
    preferred_channel: str = "",
    preferred_hours: Hours | None = None,
    lawful_basis: str = "NAMED_BY_CUSTOMER",
) -> ContactPerson:
    """Add a person who acts for the customer; the same name, e-mail and telephone again changes the one that is there.

    Args:
        customer_id: The customer.
        name: The person's name.
        actor: Who does it.
        now: The instant.
        role: A role or a word for one ("财务"); family and third parties are refused.
        email: One address.
        phone: Any writing; kept as E.164.
        preferred_channel: EMAIL, SMS, PHONE, LETTER or nothing.
        preferred_hours: When the person likes to be reached, on the customer's clock; None: at any hour.
        lawful_basis: Why the data may be used (PIPL art. 13).

    Raises: PersonActsForNobody, ContactRoleUnknown, NameMissing, ContactUnreachable, ContactChannelUnknown,
        HoursUnreadable, and the refusals of `kernel.identifiers`.
    """
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    columns = _checked(
        customer, name=name, role=role, email=email, phone=phone, preferred_channel=preferred_channel,
        preferred_hours=preferred_hours,
    )  # fmt: skip
    known_role = columns["role"]
    twin = {each: columns.pop(each) for each in ONE_PERSON}
    kept = {**columns, "lawful_basis": lawful_basis}
    person, is_new = ContactPerson.objects.update_or_create(
        customer=customer,
        **twin,
        defaults=kept,
        create_defaults={**kept, "created_at": now},
    )
    record(
        "parties.contact-person-saved", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=person, name=person.name, role=known_role, is_new=is_new, lawful_basis=lawful_basis,
        preferred_hours=_shown(person)["preferred_hours"],
    )  # fmt: skip
    return person


@transaction.atomic
def change_contact_person(
    *,
    person_id: int,
    name: str,
    role: str,
    email: str,
    phone: str,
    preferred_channel: str,
    preferred_hours: Hours | None,
    actor: User,
    now: datetime,
) -> ContactPerson:
    """Correct a person; what was said to him and what blocks him stay his. The journal keeps before and after.

    Args: as `save_contact_person`.

    Raises: PersonKnown when another person of the customer has the same name, e-mail and telephone, and what
        `save_contact_person` raises.
    """
    person = ContactPerson.objects.select_related("customer").get(pk=person_id)
    customer = Customer.objects.select_for_update().get(pk=person.customer_id)
    columns = _checked(
        customer, name=name, role=role, email=email, phone=phone, preferred_channel=preferred_channel,
        preferred_hours=preferred_hours,
    )  # fmt: skip
    twin = {each: columns[each] for each in ONE_PERSON}
    if customer.contact_persons.filter(**twin).exclude(pk=person.pk).exists():
        raise PersonKnown(name=columns["name"])
    before = _shown(person)
    for each, value in columns.items():
        setattr(person, each, value)
    person.save(update_fields=list(columns))
    after = _shown(person)
    changed = {each: {"before": before[each], "after": after[each]} for each in after if before[each] != after[each]}
    record(
        "parties.contact-person-changed", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=person, name=person.name, changed=changed,
    )  # fmt: skip
    return person


def _checked(
    customer: Customer,
    *,
    name: str,
    role: str,
    email: str,
    phone: str,
    preferred_channel: str,
    preferred_hours: Hours | None,
) -> dict[str, Any]:
    """Return the columns of a person in the form in which they are kept, or refuse."""
    known_role = role_of(role)
    if not name.strip():
        raise NameMissing
    email = parse_email(email) if email.strip() else ""
    phone = parse_phone(phone, customer.country) if phone.strip() else ""
    if not email and not phone:
        raise ContactUnreachable(name=name)
    if preferred_channel and preferred_channel not in ContactPerson.Channel.values:
        raise ContactChannelUnknown(channel=preferred_channel, known=", ".join(ContactPerson.Channel.values))
    begins, ends = (None, None) if preferred_hours is None else checked_hours(*preferred_hours)
    return {
        "name": name.strip(), "role": known_role, "email": email, "phone": phone,
        "preferred_channel": preferred_channel, "preferred_from": begins, "preferred_until": ends,
    }  # fmt: skip


def _shown(person: ContactPerson) -> dict[str, str]:
    """Return what the journal keeps of a person."""
    kept = {each: getattr(person, each) for each in ("name", "role", "email", "phone", "preferred_channel")}
    hours = person.preferred_hours
    return {**kept, "preferred_hours": "" if hours is None else format_hours(hours)}


@transaction.atomic
def block_contact(
    *,
    customer_id: int,
    kind: str,
    actor: User | None,
    now: datetime,
    person_id: int | None = None,
    channel: str = "",
    reason: str = "",
) -> ContactBlock:
    """Stop contacting a person, or the customer as a whole, on one channel or all.

    Args:
        customer_id: The customer.
        kind: OPT_OUT or WRONG_PERSON.
        actor: Who wrote it down; None when the person did it himself through a link.
        now: The instant.
        person_id: None for the customer as a whole.
        channel: "" for every channel.
        reason: In words.

    Raises: AlreadyBlocked, PersonOfOtherCustomer, ContactChannelUnknown.
    """
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    person = None if person_id is None else ContactPerson.objects.get(pk=person_id)
    if person is not None and person.customer_id != customer.pk:
        raise PersonOfOtherCustomer(person=person.name, customer=customer.name)
    if channel and channel not in ContactPerson.Channel.values:
        raise ContactChannelUnknown(channel=channel, known=", ".join(ContactPerson.Channel.values))
    kind = ContactBlock.Kind(kind)
    if customer.contact_blocks.filter(person=person, kind=kind, channel=channel, ended_at=None).exists():
        raise AlreadyBlocked(who=person.name if person else customer.name)
    block = ContactBlock.objects.create(
        customer=customer, person=person, kind=kind, channel=channel, reason=reason, begun_at=now, begun_by=actor,
        phone=person.phone if person else "", email=person.email if person else "",
    )  # fmt: skip
    record(
        "parties.contact-blocked", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=block, person=person.name if person else None, kind=kind, channel=channel, reason=reason,
    )  # fmt: skip
    return block


@transaction.atomic
def unblock_contact(
    *, block_id: int, actor: User | None, now: datetime, reason: str = "", is_agreed: bool = True
) -> ContactBlock:
    """End a block, because the person asked for it or it was a mistake.

    Args:
        block_id: The block.
        actor: Who.
        now: Instant.
        reason: In words.
        is_agreed: The one who ends it says that the person agreed; without that an opt-out stays.

    Raises: BlockEnded, OptOutStands.
    """
    block = ContactBlock.objects.select_for_update(of=("self",)).select_related("customer").get(pk=block_id)
    if block.ended_at is not None:
        raise BlockEnded
    if block.kind == ContactBlock.Kind.OPT_OUT and not is_agreed:
        raise OptOutStands
    block.ended_at, block.ended_by = now, actor
    block.save(update_fields=["ended_at", "ended_by"])
    record(
        "parties.contact-unblocked", now=now, actor=actor, entity_id=block.customer.entity_id,
        customer_id=block.customer_id, subject=block, reason=reason,
    )  # fmt: skip
    return block
