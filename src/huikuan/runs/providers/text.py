"""Words that a person wrote: the claim's placeholders may stand in them and are filled when they leave."""

from typing import Final

from huikuan.outreach.models import Delivery, WrittenText
from huikuan.outreach.rules.kinds import subject_of
from huikuan.outreach.rules.template import template_of
from huikuan.runs.claim import claim_on
from huikuan.runs.speech import Speech
from huikuan.runs.telling import Told
from huikuan.runs.wording import Terms, Writer


def written(delivery: Delivery, speech: Speech) -> Told:
    """Tell what the person wrote, with the claim as it stands."""
    text = WrittenText.objects.get(pk=subject_of(delivery.about)[1], customer_id=delivery.customer_id)
    claim = claim_on(delivery, speech.today)
    said = Writer(claim, speech).words(delivery, Terms())
    return Told(
        words=said.words,
        tables=said.tables,
        facts={"currency": claim.currency, "overdue_minor": claim.overdue_minor, "written_by": text.written_by_id},
        template=template_of(delivery.template, speech.language, text.subject, text.body, channel=delivery.channel),
    )


PROVIDES: Final = {"text": written}
