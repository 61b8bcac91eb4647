"""Words that a person writes to one customer: checked like any text, kept, and put into the outbox."""

from datetime import datetime

from django.db import transaction

from huikuan.kernel.zones import local_day
from huikuan.outreach.commands.queue import enqueue
from huikuan.outreach.commands.templates import TextHasFlaws, forbidden_in
from huikuan.outreach.models import Delivery, WrittenText
from huikuan.outreach.rules.checking import Flaw, flaws_of
from huikuan.outreach.rules.kinds import KINDS, TEXT
from huikuan.parties.models import Customer, User


def check_words(*, customer: Customer, channel: str, subject: str, body: str, now: datetime) -> tuple[Flaw, ...]:
    """Return everything that is wrong with words for one customer; placeholders of its claim may stand in them."""
    found = flaws_of(KINDS[TEXT], channel=channel, language=customer.language, subject=subject, body=body)
    return (*found, *forbidden_in(f"{subject}\n{body}", entity_id=customer.entity_id, now=now))


@transaction.atomic
def send_words(
    *,
    customer_id: int,
    channel: str,
    subject: str,
    body: str,
    currency: str,
    not_before: datetime,
    actor: User,
    now: datetime,
    person_id: int | None = None,
) -> Delivery:
    """Keep the words and put them into the outbox; the contact guard is asked when they leave, as for any message.

    Raises: TextHasFlaws, PersonOfAnotherCustomer.
    """
    customer = Customer.objects.select_related("entity").get(pk=customer_id)
    flaws = check_words(customer=customer, channel=channel, subject=subject, body=body, now=now)
    if flaws:
        raise TextHasFlaws(flaws)
    written = WrittenText.objects.create(
        customer=customer,
        channel=channel,
        language=customer.language,
        subject=subject.strip(),
        body=body.replace("\r\n", "\n").strip("\n"),
        written_by=actor,
        written_at=now,
    )
    return enqueue(
        key=f"text:{written.pk}",
        customer_id=customer_id,
        template=TEXT,
        about=f"text:{written.pk}",
        currency=currency,
        as_of=local_day(now, customer.entity.time_zone),
        not_before=not_before,
        channel=channel,
        person_id=person_id,
        actor=actor,
        now=now,
    )
