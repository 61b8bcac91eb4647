"""Words that somebody is writing to a customer, as they would read if they left now."""

from datetime import datetime

from huikuan.kernel.zones import local_day
from huikuan.outreach.models import Delivery
from huikuan.outreach.rules.kinds import TEXT
from huikuan.outreach.rules.sms import sms_units
from huikuan.outreach.rules.template import SMS, WordMissingError, template_of
from huikuan.outreach.templates import offered
from huikuan.parties.models import ContactPerson, Customer
from huikuan.runs.claim import claim_on
from huikuan.runs.queries.texts import Preview
from huikuan.runs.speech import Speech
from huikuan.runs.wording import Terms, Writer


def preview_words(
    *,
    customer: Customer,
    person: ContactPerson | None,
    channel: str,
    currency: str,
    subject: str,
    body: str,
    now: datetime,
) -> Preview:
    """Return how words without flaws read for a customer now, by the claim as it stands: what `providers.text` sends.

    Args:
        customer: With entity and collector.
        person: Who is written to; None: the customer's own mailbox or number.
        channel: EMAIL or SMS.
        currency: Of the claim.
        subject, body: As written; placeholders of a claim may stand in them.
        now: This instant.
    """
    today = local_day(now, customer.entity.time_zone)
    speech = Speech(offered(customer.language), currency, today)
    delivery = Delivery(
        entity=customer.entity, customer=customer, person=person, channel=channel, template=TEXT, currency=currency,
        as_of=today,
    )  # fmt: skip
    words = Writer(claim_on(delivery, today), speech).words(delivery, Terms())
    template = template_of(TEXT, speech.language, subject, body, channel=channel)
    try:
        rendered = template.render(words)
    except WordMissingError as missing:
        return Preview("", (), why_not=f"WORD_MISSING: {{{missing.args[0]}}}")
    if channel == SMS:
        return Preview("", rendered.blocks, sms_units(rendered.text))
    return Preview(rendered.subject, rendered.blocks)
