"""Reads of the outreach module."""

from huikuan.outreach.models import Delivery
from huikuan.outreach.ports import Mail
from huikuan.outreach.rules.addressee import Candidate, choose
from huikuan.parties.models import ContactBlock, ContactPerson


def addressee(delivery: Delivery) -> tuple[ContactPerson | None, str]:
    """Return the person and the address a delivery goes to now: (None, "") when the customer has none.

    The person named on the delivery, else the best of those who act for the customer, else its general address.
    """
    people = {person.pk: person for person in ContactPerson.objects.filter(customer_id=delivery.customer_id)}
    if delivery.person_id is not None:
        person = people[delivery.person_id]
        return person, _address(person, delivery.channel)
    blocks = ContactBlock.objects.filter(
        customer_id=delivery.customer_id, ended_at=None, channel__in=["", delivery.channel]
    )
    blocked = set(blocks.values_list("person_id", flat=True))
    candidates = [
        Candidate(
            person_id=person.pk,
            role=person.role,
            address=_address(person, delivery.channel),
            prefers_channel=person.preferred_channel == delivery.channel,
            is_blocked=person.pk in blocked,
        )
        for person in people.values()
    ]
    candidates.append(Candidate(None, "", _address(delivery.customer, delivery.channel)))
    chosen = choose(candidates)
    if chosen is None:
        return None, ""
    return (None if chosen.person_id is None else people[chosen.person_id]), chosen.address


def _address(owner: object, channel: str) -> str:
    """Return the mailbox or number of a person or customer for a machine channel."""
    address: str = getattr(owner, {"EMAIL": "email", "SMS": "phone"}[channel])
    return address


def mail_of(delivery: Delivery) -> Mail:
    """Return the frozen message with sender and addressee, ready for a channel."""
    message, entity = delivery.message, delivery.entity
    if message is None:
        error = "only a delivery with a frozen message can be sent"
        raise ValueError(error)
    is_chinese = message.language.startswith("zh")
    return Mail(
        key=delivery.key,
        sender_address=entity.email_from,
        sender_name=entity.name if is_chinese or not entity.name_en else entity.name_en,
        address=delivery.address,
        addressee=delivery.person.name if delivery.person else delivery.customer.name,
        language=message.language,
        subject=message.subject,
        text=message.text,
        html=message.html,
    )
