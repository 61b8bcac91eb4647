"""The contact guard as outreach asks for it: the policy's rules over contact log, blocks, holds, calendar and zone.

`ContactGate.ask` is the one function that every path asks before something leaves. `foresee_contacts` says for a page
what it would answer to several persons at once: it reads the same facts, and promises nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Self

from huikuan.kernel.zones import local_day
from huikuan.outreach import ports
from huikuan.outreach.commands.contact import address_of
from huikuan.outreach.models import Delivery
from huikuan.outreach.queries.outbox import ContactMade, contacts_made, contacts_of_each
from huikuan.outreach.rules.kinds import FREE_OF_HOLDS, NOT_DEMANDS
from huikuan.parties.models import ContactBlock, ContactPerson, Customer, Entity
from huikuan.policy.models import Hold
from huikuan.policy.queries import policy_in_force
from huikuan.policy.reading.guard import packs_for
from huikuan.policy.rules import guard
from huikuan.policy.rules.guard_pack import Debtor, GuardPack
from huikuan.policy.rules.schema import Policy
from huikuan.receivables.models import Contract
from huikuan.runs.queries.guarding import Standing, standing_of, standings_of

HISTORY_DAYS: Final = 14
"""Contacts looked at: more than any rule of a pack counts back, also where a policy doubled its span."""
WRITTEN: Final = frozenset({"EMAIL", "SMS", "LETTER", "WECHAT"})
_UNPUBLISHED: Final = {
    "zh": "（该年度工作日安排尚未公布，请人工确认）",
    "en": " (the working days of that year are not published yet: a person should look)",
}
ROLES_OF_DEBTOR: Final = frozenset(ContactPerson.Role.values)
BUSINESS_OF: Final = {
    Contract.Kind.PROPERTY: "PROPERTY",
    Contract.Kind.LEASE: "LEASING",
    Contract.Kind.FINANCIAL_LEASE: "LEASING",
}
"""What a contract makes of the debt, whatever else the creditor lives from."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What the guard must know of the customer and its creditor."""

    customer: Customer
    entity: Entity
    today: date
    policy: Policy | None
    packs: tuple[GuardPack, ...]
    is_property: bool


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the guard looks at for one contact."""

    place: _Place
    standing: Standing
    history: list[ContactMade]


class ContactGate(ports.ContactGuard):
    """Implements `outreach.ports.ContactGuard`."""

    def __init__(self, facts: Mapping[int, _Facts] | None = None) -> None:
        """Take what was read for a batch, by customer; without it each contact is looked up for itself."""
        self._facts = facts

    def having_read(self, deliveries: Collection[Delivery], now: datetime) -> Self:
        """Return a guard that has read what these deliveries need: of different customers, with their addresses."""
        return type(self)(_facts_of(deliveries, now))

    def ask(self, intent: ports.Intent, person: ContactPerson | None, now: datetime) -> ports.Answer:
        """Return whether this contact may be made now. The caller holds the locks of customer and address."""
        facts = self._facts[intent.customer_id] if self._facts is not None else _facts_for(intent, now)
        person_id = None if person is None else person.pk
        answer = guard.ask(
            _request(intent, person, facts.place, now),
            packs=facts.place.packs,
            history=[_past(each, facts.place.customer) for each in facts.history],
            blocks=facts.standing.blocks_of(person_id, intent.channel, intent.address),
            holds=() if intent.template in FREE_OF_HOLDS else facts.standing.holds,
            consents=facts.standing.consents_of(person_id, intent.channel),
        )
        return _translated(answer, _language(facts.place.entity))


def _facts_for(intent: ports.Intent, now: datetime) -> _Facts:
    """Look up one contact."""
    customer = Customer.objects.select_related("entity").get(pk=intent.customer_id)
    place = _place(customer, now, None, _businesses([customer.pk]).get(customer.pk, ()))
    return _Facts(
        place=place,
        standing=standing_of(customer, addresses={intent.address}, now=now, day=place.today),
        history=_history(place, {intent.address}, now),
    )


def _facts_of(deliveries: Collection[Delivery], now: datetime) -> dict[int, _Facts]:
    """Look up the contacts of a batch, in as many queries per entity as one contact takes."""
    businesses = _businesses([each.customer_id for each in deliveries])
    by_entity: dict[int, list[Delivery]] = {}
    for each in deliveries:
        by_entity.setdefault(each.entity_id, []).append(each)
    found: dict[int, _Facts] = {}
    for entity_id, of_entity in by_entity.items():
        today = local_day(now, of_entity[0].entity.time_zone)
        in_force = policy_in_force(entity_id, today)
        policy = None if in_force is None else in_force.policy
        addresses = {each.customer_id: each.address for each in of_entity}
        customers = {each.customer_id: each.customer for each in of_entity}
        standing = standings_of(customers, addresses=addresses, now=now, day=today)
        made = contacts_of_each(addresses, since=now - timedelta(days=HISTORY_DAYS), until=now)
        for each in of_entity:
            pk = each.customer_id
            place = _placed(each.customer, each.entity, today, policy, businesses.get(pk, ()))
            found[pk] = _Facts(place, standing[pk], made[pk])
    return found


def _businesses(customer_ids: Collection[int]) -> dict[int, set[str]]:
    """Return what their contracts make of the debts of customers."""
    contracts = Contract.objects.filter(customer_id__in=customer_ids, kind__in=BUSINESS_OF)
    found: dict[int, set[str]] = {}
    for customer_id, kind in contracts.values_list("customer_id", "kind").distinct():
        found.setdefault(customer_id, set()).add(BUSINESS_OF[Contract.Kind(kind)])
    return found


def foresee_contacts(
    *,
    customer: Customer,
    persons: Iterable[ContactPerson],
    channels: Collection[str],
    now: datetime,
    policy: Policy | None = None,
    holds: Iterable[Hold] | None = None,
    blocks: Iterable[ContactBlock] | None = None,
    language: str | None = None,
) -> dict[tuple[int, str], ports.Answer]:
    """Say what the guard would answer if somebody called, visited or wrote now, by person and channel. For display.

    Takes no lock, keeps nothing, promises nothing: the contact itself asks again. Two queries, and one for the policy
    when it is not handed in. A visit is taken to be made by as many as it needs.

    Args:
        customer: With its entity.
        persons: Whom to contact.
        channels: EMAIL, SMS, PHONE, LETTER, VISIT, WECHAT.
        now: The instant.
        policy: The one in force for the entity.
        holds: Those that run on the entity's day.
        blocks: The open ones of the customer, with their persons.
        language: Of the reader; None: of the creditor.
    """
    place = _place(customer, now, policy, frozenset())
    asked = [(person, channel, address_of(person, channel)) for person in persons for channel in channels]
    addresses = {address for _person, _channel, address in asked}
    standing = standing_of(customer, addresses=addresses, now=now, day=place.today, holds=holds, blocks=blocks)
    made = [_past(each, customer) for each in _history(place, addresses, now)]
    answers = {}
    for person, channel, address in asked:
        intent = ports.Intent(
            entity_id=customer.entity_id,
            customer_id=customer.pk,
            channel=channel,
            address=address,
            is_automatic=False,
            visitor_count=_visitors_needed(place.packs),
        )
        answer = guard.ask(
            _request(intent, person, place, now),
            packs=place.packs,
            history=[each for each in made if each.is_ours or each.address == address],
            blocks=standing.blocks_of(person.pk, channel, address),
            holds=standing.holds,
            consents=standing.consents_of(person.pk, channel),
        )
        answers[person.pk, channel] = _translated(answer, language or _language(place.entity))
    return answers


def _visitors_needed(packs: Iterable[GuardPack]) -> int:
    rules = (pack.rules.get("visit_persons") for pack in packs)
    return max(rule.whole("at_least") for rule in rules if rule is not None)


def _place(customer: Customer, now: datetime, policy: Policy | None, businesses: Collection[str]) -> _Place:
    entity = customer.entity
    today = local_day(now, entity.time_zone)
    if policy is None:
        in_force = policy_in_force(entity.pk, today)
        policy = None if in_force is None else in_force.policy
    return _placed(customer, entity, today, policy, businesses)


def _placed(
    customer: Customer, entity: Entity, today: date, policy: Policy | None, businesses: Collection[str]
) -> _Place:
    kinds = frozenset({*businesses, entity.business})
    packs = packs_for(None if policy is None else policy.guard, debtor_of(customer, kinds))
    return _Place(customer, entity, today, policy, packs, Entity.Business.PROPERTY in kinds)


def debtor_of(customer: Customer, businesses: frozenset[str]) -> Debtor:
    """Return what decides which packs apply to a customer."""
    return Debtor(country=customer.country, size_class=customer.size_class, businesses=businesses)


def _request(intent: ports.Intent, person: ContactPerson | None, place: _Place, now: datetime) -> guard.Request:
    return guard.Request(
        channel=intent.channel,
        now=now,
        time_zone=place.customer.time_zone,
        country=place.customer.country,
        address=intent.address,
        person=None if person is None else _person(person, place.customer),
        is_automatic=intent.is_automatic,
        is_demand=intent.channel in WRITTEN and intent.template not in NOT_DEMANDS,
        is_property=place.is_property,
        words=intent.words,
        proposes=_proposes(place.policy, intent.step_code),
        visitor_count=intent.visitor_count,
        region=place.customer.region,
    )


def _person(person: ContactPerson, customer: Customer) -> guard.Person:
    return guard.Person(
        acts_for_debtor=person.customer_id == customer.pk and person.role in ROLES_OF_DEBTOR,
        has_basis=bool(person.lawful_basis),
    )


def _proposes(policy: Policy | None, step_code: str) -> tuple[str, ...]:
    """Return what any ladder's step of that code proposes: the strictest reading, whichever ladder is climbed."""
    if policy is None or not step_code:
        return ()
    steps = (step for ladder in policy.ladders.values() for step in ladder.steps if step.code == step_code)
    return tuple(sorted({proposal for step in steps for proposal in step.proposes}))


def _history(place: _Place, addresses: Collection[str], now: datetime) -> list[ContactMade]:
    """Return what counts: contacts of this customer, and what reached the same numbers on anybody's behalf."""
    since = now - timedelta(days=HISTORY_DAYS)
    return contacts_made(customer_id=place.customer.pk, addresses=addresses, since=since, until=now)


def _past(made: ContactMade, customer: Customer) -> guard.Past:
    return guard.Past(
        channel=made.channel,
        at=made.at,
        address=made.address,
        is_connected=made.is_connected,
        is_demand=made.channel in WRITTEN and made.template not in NOT_DEMANDS,
        is_ours=made.customer_id == customer.pk,
    )


def _translated(answer: guard.Answer, language: str) -> ports.Answer:
    """Say it in outreach's terms and in a language."""
    match answer:
        case guard.Allow(warnings):
            return ports.Allow(tuple(_refusal_in_words(each, language) for each in warnings))
        case guard.DelayUntil(at, rule, asks_person):
            unsure = _UNPUBLISHED[_tongue(language)] if asks_person else ""
            return ports.DelayUntil(at, rule.code, rule.in_words(language) + unsure, rule.source)
        case guard.Refuse(rule):
            return ports.Refuse(rule.code, _refusal_in_words(answer, language), rule.source)


def _refusal_in_words(refusal: guard.Refuse, language: str) -> str:
    phrases = "".join(f" “{each.hit}”: {each.instead}" for each in refusal.found)
    return refusal.rule.in_words(language) + phrases


def _tongue(language: str) -> str:
    return "zh" if language.lower().startswith("zh") else "en"


def _language(entity: Entity) -> str:
    """Return the language in which the trail of an entity's deliveries is written."""
    return "zh" if entity.country == "CN" else "en"
