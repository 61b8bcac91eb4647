"""Reads of the outbox and the contact log."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Q, Value
from django.db.models.functions import Coalesce

from huikuan.outreach.models import Attempt, Contact, Delivery
from huikuan.outreach.ports import Mail
from huikuan.outreach.rules.addressee import Candidate, choose
from huikuan.parties.models import ContactBlock, ContactPerson


def addressee(delivery: Delivery) -> tuple[ContactPerson | None, str]:
    """Return the person and the address a delivery goes to now: (None, "") when the customer has none.

    The person named on the delivery, else the best of those who act for the customer, else its general address.
    """
    (found,) = addressees([delivery])
    return found


def addressees(deliveries: Sequence[Delivery]) -> list[tuple[ContactPerson | None, str]]:
    """Return for each delivery what `addressee` returns for it. Two queries."""
    customer_ids = {delivery.customer_id for delivery in deliveries}
    people: dict[int, list[ContactPerson]] = {customer_id: [] for customer_id in customer_ids}
    for person in ContactPerson.objects.filter(customer_id__in=customer_ids).order_by("pk"):
        people[person.customer_id].append(person)
    blocks = ContactBlock.objects.filter(customer_id__in=customer_ids, ended_at=None)
    blocked = set(blocks.values_list("person_id", "channel"))
    return [_chosen(delivery, people[delivery.customer_id], blocked) for delivery in deliveries]


def _chosen(
    delivery: Delivery, people: Sequence[ContactPerson], blocked: Collection[tuple[int | None, str]]
) -> tuple[ContactPerson | None, str]:
    by_id = {person.pk: person for person in people}
    if delivery.person_id is not None:
        person = by_id[delivery.person_id]
        return person, _address(person, delivery.channel)
    candidates = [
        Candidate(
            person_id=person.pk,
            role=person.role,
            address=_address(person, delivery.channel),
            prefers_channel=person.preferred_channel == delivery.channel,
            is_blocked=(person.pk, "") in blocked or (person.pk, delivery.channel) in blocked,
        )
        for person in people
    ]
    candidates.append(Candidate(None, "", _address(delivery.customer, delivery.channel)))
    chosen = choose(candidates)
    if chosen is None:
        return None, ""
    return (None if chosen.person_id is None else by_id[chosen.person_id]), chosen.address


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


@dataclass(frozen=True, slots=True)
class ContactMade:
    """One outgoing contact that counts for the contact limits. `template`: of a machine message; "" by hand."""

    customer_id: int
    channel: str
    at: datetime
    address: str
    person_id: int | None
    is_connected: bool
    template: str


RINGS: Final = ("PHONE", "SMS", "WECHAT")
"""Channels that reach a number at once: they count for the number, whosever debt they are about."""


def contacts_made(
    *, customer_id: int, addresses: Collection[str], since: datetime, until: datetime
) -> list[ContactMade]:
    """Return what went out to a customer, or to the same numbers for anybody, in order. One query.

    The contact log; the deliveries that are written or with a channel now or may have left (UNKNOWN), and the calls and
    visits that have begun: they are not in the log yet, but must count. Ask under the locks of the customer and the
    address; else another may be counted twice or not.

    Args:
        customer_id: Whose contacts.
        addresses: Numbers and mailboxes that somebody is to be reached at.
        since: From this instant on.
        until: Up to this instant.
    """
    return sorted(_made([customer_id], addresses, since, until), key=lambda each: each.at)


def contacts_of_each(addresses: Mapping[int, str], *, since: datetime, until: datetime) -> dict[int, list[ContactMade]]:
    """Return for each customer what `contacts_made` returns for it and the address to be used. One query."""
    found: dict[int, list[ContactMade]] = {customer_id: [] for customer_id in addresses}
    using: dict[str, set[int]] = {}
    for customer_id, address in addresses.items():
        using.setdefault(address, set()).add(customer_id)
    for each in sorted(_made(addresses, using, since, until), key=lambda each: each.at):
        concerned = {each.customer_id} & addresses.keys()
        if each.channel in RINGS and each.address:
            concerned |= using.get(each.address, set())
        for customer_id in concerned:
            found[customer_id].append(each)
    return found


def _made(
    customer_ids: Collection[int], addresses: Collection[str], since: datetime, until: datetime
) -> list[ContactMade]:
    ours = Q(customer_id__in=list(customer_ids))
    if numbers := sorted(filter(None, addresses)):
        ours |= Q(address__in=numbers, channel__in=RINGS)
    logged = Contact.objects.filter(ours, direction=Contact.Direction.OUT, at__gte=since, at__lte=until)
    logged = logged.exclude(channel=Contact.Channel.NOTE).annotate(template=Coalesce("delivery__template", Value("")))
    under_way = (
        Delivery.objects.filter(ours, state__in=[Delivery.State.SENDING, Delivery.State.UNKNOWN])
        .filter(written_at__gte=since, written_at__lte=until)
        .annotate(is_connected=Value(value=False))
    )
    begun = Attempt.objects.filter(ours, contact=None, at__gte=since, at__lte=until).annotate(
        is_connected=Value(value=False), template=Value("")
    )
    columns = ["customer_id", "channel", "address", "person_id", "is_connected", "template"]
    rows = logged.values_list("at", *columns).union(
        under_way.values_list("written_at", *columns), begun.values_list("at", *columns), all=True
    )  # fmt: skip
    return [ContactMade(at=at, **dict(zip(columns, rest, strict=True))) for at, *rest in rows]


def state_counts() -> dict[str, int]:
    """Return how many deliveries stand in each state."""
    rows = Delivery.objects.order_by().values_list("state").annotate(count=Count("pk"))
    return dict(rows)


def overdue_in_queue(*, before: datetime) -> int:
    """Count the deliveries that could have left before an instant and still wait."""
    return Delivery.objects.filter(state=Delivery.State.QUEUED, not_before__lt=before).count()
