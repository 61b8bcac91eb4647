"""Keep every "no" of the contact guard: in the journal, and in the list of what was not sent."""

from datetime import datetime
from typing import Any, Final

from django.db import models

from huikuan.journal.commands import record
from huikuan.outreach import ports
from huikuan.outreach.models import ContactRefusal, Delivery
from huikuan.parties.models import ContactPerson, Customer, User

REFUSED, DELAYED = "outreach.contact-refused", "outreach.contact-delayed"
TEXT_MAX: Final = 1000
SOURCE_MAX: Final = 300


def keep_refusal(
    answer: ports.DelayUntil | ports.Refuse,
    *,
    customer: Customer,
    person: ContactPerson | None,
    channel: str,
    now: datetime,
    actor: User | None,
    delivery: Delivery | None = None,
    subject: models.Model | None = None,
    **facts: Any,
) -> ContactRefusal:
    """Write down that a contact was refused or delayed, in the transaction that asked the guard.

    Args:
        answer: What the guard said.
        customer, person, channel: To whom and how.
        now: When it was asked.
        actor: Who asked; None: the machine.
        delivery: The message that did not leave; None for a contact by hand.
        subject: What was to leave, for the journal; None: the message, or the person.
        facts: More for the journal.
    """
    until = answer.at if isinstance(answer, ports.DelayUntil) else None
    entry = record(
        REFUSED if until is None else DELAYED,
        now=now,
        actor=actor,
        entity_id=customer.entity_id,
        customer_id=customer.pk,
        subject=subject or delivery or person,
        channel=channel,
        rule=answer.rule,
        why=answer.text,
        source=answer.source,
        **({"until": until} if until else {}),
        **facts,
    )
    return ContactRefusal.objects.create(
        entity_id=customer.entity_id,
        customer=customer,
        person=person,
        channel=channel,
        is_automatic=delivery is not None,
        at=now,
        answer=ContactRefusal.Answer.REFUSE if until is None else ContactRefusal.Answer.DELAY,
        until=until,
        rule=answer.rule,
        text=answer.text[:TEXT_MAX],
        source=answer.source[:SOURCE_MAX],
        delivery=delivery,
        entry_id=entry,
    )
