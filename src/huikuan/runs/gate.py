"""The contact guard as outreach asks for it: the policy's rules over contact log, blocks, holds, calendar and zone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from huikuan.kernel.zones import local_day
from huikuan.outreach import ports
from huikuan.outreach.queries import ContactMade, contacts_made
from huikuan.parties.models import ContactBlock, ContactPerson, Customer, Entity
from huikuan.policy.queries import policy_in_force, running_holds
from huikuan.policy.reading.guard import guard_pack
from huikuan.policy.rules import guard
from huikuan.policy.rules.guard_pack import GuardPack, GuardRule
from huikuan.policy.rules.schema import Policy

HISTORY_DAYS: Final = 14
"""Contacts looked at: more than any rule of a pack counts back, also where a policy doubled its span."""
NOT_DEMANDS: Final = frozenset({"bill", "upcoming"})
"""Notices that ask for nothing that is overdue."""
WRITTEN: Final = frozenset({"EMAIL", "SMS", "LETTER", "WECHAT"})
DEFAULT_PACK: Final = "guard_cn_default"
"""The rules that hold for an entity without a policy: it sends nothing by itself, but its people may call."""
_UNPUBLISHED: Final = {
    "zh": "（该年度工作日安排尚未公布，请人工确认）",
    "en": " (the working days of that year are not published yet: a person should look)",
}
ROLES_OF_DEBTOR: Final = frozenset(ContactPerson.Role.values)


@dataclass(frozen=True, slots=True)
class _Place:
    """What the guard must know of the customer and its creditor."""

    customer: Customer
    entity: Entity
    today: date
    policy: Policy | None
    pack: GuardPack


class ContactGate:
    """Implements `outreach.ports.ContactGuard`."""

    def ask(self, intent: ports.Intent, person: ContactPerson | None, now: datetime) -> ports.Answer:
        """Return whether this contact may be made now. The caller holds the locks of customer and address."""
        customer = Customer.objects.select_related("entity").get(pk=intent.customer_id)
        place = _place(customer, now)
        answer = guard.ask(
            _request(intent, person, place, now),
            pack=place.pack,
            history=_history(intent, place, now),
            blocks=_blocks(customer, person),
            holds=_holds(customer, local_day(now, place.entity.time_zone)),
        )
        return _translated(answer, place.entity)


def _place(customer: Customer, now: datetime) -> _Place:
    entity = customer.entity
    today = local_day(now, entity.time_zone)
    in_force = policy_in_force(entity.pk, today)
    policy = None if in_force is None else in_force.policy
    pack = guard_pack(DEFAULT_PACK)
    if policy is not None:
        pack = guard_pack(policy.guard.pack).tightened(policy.guard.tighten)
    return _Place(customer, entity, today, policy, pack)


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
        is_property=place.entity.business == Entity.Business.PROPERTY,
        words=intent.words,
        proposes=_proposes(place.policy, intent.step_code),
        visitor_count=intent.visitor_count,
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


def _history(intent: ports.Intent, place: _Place, now: datetime) -> list[guard.Past]:
    """Return what counts: contacts of this customer, and calls to the same number on anybody's behalf."""
    made = contacts_made(
        customer_id=place.customer.pk,
        address=intent.address,
        since=now - timedelta(days=HISTORY_DAYS),
        except_key=intent.key,
    )
    is_mine = {each: each.customer_id == place.customer.pk for each in made}
    return [_past(each) for each in made if each.at <= now and (is_mine[each] or each.channel == "PHONE")]


def _past(made: ContactMade) -> guard.Past:
    return guard.Past(
        channel=made.channel,
        at=made.at,
        address=made.address,
        is_connected=made.is_connected,
        is_demand=made.channel in WRITTEN and made.template not in NOT_DEMANDS,
    )


def _blocks(customer: Customer, person: ContactPerson | None) -> list[guard.Block]:
    """Return the open blocks of the person and of the customer as a whole."""
    found = ContactBlock.objects.filter(customer=customer, ended_at=None)
    mine = {None} if person is None else {None, person.pk}
    return [guard.Block(block.kind, block.channel) for block in found if block.person_id in mine]


def _holds(customer: Customer, day: date) -> list[guard.RunningHold]:
    """Return the holds on everything; what is held in part is left out of the words by the composer."""
    running = running_holds(customer.pk, day).filter(item=None)
    return [guard.RunningHold(hold.kind, hold.ends_on) for hold in running]


def _translated(answer: guard.Answer, entity: Entity) -> ports.Answer:
    """Say it in outreach's terms, and in the creditor's language."""
    match answer:
        case guard.Allow():
            return ports.Allow()
        case guard.DelayUntil(at, rule, asks_person):
            unsure = _UNPUBLISHED[_language(entity)] if asks_person else ""
            return ports.DelayUntil(at, rule.code, _words(rule, entity) + unsure)
        case guard.Refuse(rule, found):
            phrases = "".join(f" “{each.phrase}”: {each.instead}" for each in found)
            return ports.Refuse(rule.code, _words(rule, entity) + phrases)


def _words(rule: GuardRule, entity: Entity) -> str:
    return rule.in_words(_language(entity))


def _language(entity: Entity) -> str:
    """Return the language in which the trail of an entity's deliveries is written."""
    return "zh" if entity.country == "CN" else "en"
