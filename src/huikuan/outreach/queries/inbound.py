"""Whose is a message that came in: by the message it answers, by its sender, by the numbers it names."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar, cast

from django.conf import settings
from django.db.models import QuerySet, Value
from django.db.models.functions import Substr, Upper
from django.utils.module_loading import import_string

from huikuan.kernel.identifiers import parse_phone
from huikuan.kernel.refusal import Refusal
from huikuan.outreach.models import Delivery, InboundMessage, Letter
from huikuan.outreach.references import mail_digest
from huikuan.parties.models import ContactPerson, Customer, Entity
from huikuan.receivables.models import Contract, OpenItem

R = TypeVar("R", ContactPerson, Customer)
MatchedBy = InboundMessage.MatchedBy
_NUMBER: Final = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z0-9/_-]*\d)[A-Za-z0-9][A-Za-z0-9/_-]{4,58}[A-Za-z0-9]")
NUMBERS_MAX: Final = 80
CANDIDATES_MAX: Final = 10


@dataclass(frozen=True, slots=True)
class Match:
    """Whose message it is. `customer_id` None: nobody's for certain; then `candidates` may help a person."""

    customer_id: int | None = None
    how: str = ""
    delivery: Delivery | None = None
    person_id: int | None = None
    candidates: tuple[int, ...] = ()


def match_inbound(*, channel: str, sender: str, digests: Sequence[str], words: str) -> Match:
    """Find the customer of a message.

    What answers a message of ours is that customer's, whoever wrote it. Otherwise sender and numbers must not
    contradict each other, and must name one customer.

    Args:
        channel: InboundMessage.Channel.
        sender: Mailbox or telephone number.
        digests: Of Message-IDs of ours that it names.
        words: Subject and text, quotes included.
    """
    delivery = delivery_of_digests(digests)
    if delivery is not None:
        person = _person_of(delivery.customer_id, channel, sender)
        return Match(delivery.customer_id, MatchedBy.REFERENCE, delivery, person)
    by_sender = customers_of_sender(channel, sender)
    by_number = customers_of_numbers(words)
    both = by_sender & by_number
    found, how = (both, MatchedBy.SENDER) if both else (by_sender | by_number, MatchedBy.SENDER)
    if not by_sender:
        how = MatchedBy.NUMBER
    if len(found) != 1:
        return Match(candidates=tuple(sorted(found)[:CANDIDATES_MAX]))
    (customer_id,) = found
    return Match(customer_id, how, None, _person_of(customer_id, channel, sender))


def delivery_of_digests(digests: Sequence[str]) -> Delivery | None:
    """Return the delivery whose Message-ID has one of these digests, the first that is named.

    A message of which nobody knows whether it left has no reference yet: those few are tried by their keys.
    """
    if not digests:
        return None
    wanted = list(digests)
    sent = (
        Delivery.objects.filter(provider_reference__startswith="<")
        .alias(digest=Substr("provider_reference", 2, 40))
        .filter(digest__in=wanted)
    )
    found: dict[str, Delivery] = {delivery.provider_reference[1:41]: delivery for delivery in sent}
    open_states = [Delivery.State.UNKNOWN, Delivery.State.SENDING]
    for delivery in Delivery.objects.filter(state__in=open_states, handed_over_at__isnull=False):
        found.setdefault(mail_digest(delivery.key), delivery)
    return next((found[digest] for digest in wanted if digest in found), None)


def customers_of_sender(channel: str, sender: str) -> set[int]:
    """Return the customers to whom a mailbox or number belongs, by themselves or by a person of theirs."""
    persons = of_sender(ContactPerson.objects.all(), channel, sender).values_list("customer_id", flat=True)
    customers = of_sender(Customer.objects.all(), channel, sender).values_list("pk", flat=True)
    return {*persons[: CANDIDATES_MAX * 2], *customers[:CANDIDATES_MAX]}


def of_sender(rows: QuerySet[R], channel: str, sender: str) -> QuerySet[R]:
    """Return the persons, or customers, with this mailbox or number: in capitals, as the index of both databases is."""
    if channel == InboundMessage.Channel.EMAIL:
        same = rows.alias(in_capitals=Upper("email")).filter(in_capitals=Upper(Value(sender)))
        return same if sender else rows.none()
    try:
        return rows.filter(phone=parse_phone(sender, "CN"))
    except Refusal:
        return rows.none()


def _person_of(customer_id: int, channel: str, sender: str) -> int | None:
    found = of_sender(ContactPerson.objects.filter(customer_id=customer_id), channel, sender)
    return found.order_by("pk").values_list("pk", flat=True).first()


def customers_of_numbers(words: str) -> set[int]:
    """Return the customers whose invoices, contracts, letters or cases are named in a text."""
    numbers = list(dict.fromkeys(match[0] for match in _NUMBER.finditer(words)))[:NUMBERS_MAX]
    if not numbers:
        return set()
    both_cases = sorted({*numbers, *(number.upper() for number in numbers)})
    entities = list(Entity.objects.values_list("pk", flat=True))
    found = set(Letter.objects.filter(number__in=both_cases).values_list("customer_id", flat=True))
    for numbered in (OpenItem, Contract):
        rows = numbered.objects.filter(entity_id__in=entities, number__in=both_cases)
        found |= set(rows.values_list("customer_id", flat=True)[: CANDIDATES_MAX * 2])
    return found | set(_cases()(both_cases))


def _cases() -> Callable[[Collection[str]], Collection[int]]:
    """Return what finds the customers of case numbers: cases are built upon this module."""
    return cast("Callable[[Collection[str]], Collection[int]]", import_string(settings.HUIKUAN_PORTS["outreach.cases"]))


def entity_of_recipients(recipients: Sequence[str]) -> int | None:
    """Return the entity that has one of these sender addresses; the only entity where there is but one; else None."""
    entities = list(Entity.objects.values_list("pk", "email_from"))
    wanted = {address.casefold() for address in recipients}
    named = [pk for pk, address in entities if address and address.casefold() in wanted]
    if len(named) == 1:
        return named[0]
    return entities[0][0] if len(entities) == 1 else None
