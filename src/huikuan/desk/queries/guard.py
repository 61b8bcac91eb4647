"""What the contact guard would say now, in the language of whoever looks. Reads only; the contact is asked again."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huikuan.kernel.zones import local_day
from huikuan.outreach import ports
from huikuan.outreach.commands.contact import foresee_contact
from huikuan.outreach.models import Contact
from huikuan.parties.models import ContactPerson, Customer
from huikuan.policy.queries import guard_of, policy_in_force
from huikuan.policy.rules.schema import Policy
from huikuan.runs.gate import foresee_contacts

IN_PERSON: Final = (Contact.Channel.PHONE, Contact.Channel.VISIT)
"""Channels on which somebody is always named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardAnswer:
    """Whether a contact may be made: what is said, the sentence of the rule, and how it looks."""

    is_allowed: bool
    said: str
    why: str
    tone: str
    icon: str


def guard_answer(
    customer: Customer,
    person: ContactPerson | None,
    *,
    channel: str,
    now: datetime,
    direction: str = "OUT",
    visitor_count: int = 0,
) -> GuardAnswer | None:
    """Return what the guard says to an outgoing contact now; None where it is not asked."""
    if channel == Contact.Channel.NOTE or direction != Contact.Direction.OUT:
        return None
    if person is None and channel in IN_PERSON:
        return _forbidden(_("Choose the person first."), "")
    found = foresee_contact(
        customer=customer, person=person, channel=channel, now=now, visitor_count=visitor_count
    )  # fmt: skip
    if not isinstance(found, ports.Allow):
        found = replace(found, text=_sentence(customer, found.rule, found.text, now))
    return _shown(found, channel)


def dial_answers(
    customer: Customer, persons: Iterable[ContactPerson], *, now: datetime, policy: Policy | None = None
) -> dict[int, GuardAnswer]:
    """Return what the guard says to a call to each person now, by the person's key.

    Two queries for all of them, and one for the policy in force when it is not handed in.
    """
    phone = Contact.Channel.PHONE
    found = foresee_contacts(
        customer=customer, persons=persons, channels=(phone,), now=now, policy=policy,
        language=get_language() or "en",
    )  # fmt: skip
    return {person_id: _shown(answer, phone) for (person_id, _channel), answer in found.items()}


def _shown(answer: ports.Answer, channel: str) -> GuardAnswer:
    match answer:
        case ports.Allow():
            return GuardAnswer(is_allowed=True, said=_allowed(channel), why="", tone="good", icon="circle-check")
        case ports.DelayUntil(at=at, text=text):
            said = _("Not before {moment}.").format(moment=f"{timezone.localtime(at):%Y-%m-%d %H:%M}")
            return GuardAnswer(is_allowed=False, said=said, why=text, tone="warn", icon="clock")
        case ports.Refuse(text=text):
            return _forbidden(_("Not allowed."), text)


def _allowed(channel: str) -> str:
    if channel == Contact.Channel.PHONE:
        return _("A call is allowed now.")
    return _("A visit is allowed now.") if channel == Contact.Channel.VISIT else _("Allowed now.")


def _forbidden(said: str, why: str) -> GuardAnswer:
    return GuardAnswer(is_allowed=False, said=said, why=why, tone="bad", icon="ban")


def _sentence(customer: Customer, rule: str, text: str, now: datetime) -> str:
    """Return the rule in the reader's language; the guard itself speaks that of the creditor."""
    language = get_language() or "en"
    is_spoken = language.startswith("zh") == (customer.entity.country == "CN")
    in_force = None if is_spoken else policy_in_force(customer.entity_id, local_day(now, customer.entity.time_zone))
    known = guard_of(in_force.policy).rules.get(rule) if in_force else None
    return known.in_words(language) if known else text
