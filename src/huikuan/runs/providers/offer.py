"""The letter of an offer that a person made: what is waived, until when, and what settles everything."""

from typing import Final

from huikuan.arrangements.models import Offer
from huikuan.kernel.rates import format_rate
from huikuan.outreach.models import Delivery
from huikuan.outreach.ports import Pointless
from huikuan.outreach.rules.kinds import subject_of
from huikuan.runs.speech import Speech
from huikuan.runs.telling import Told

PPB_IN_PPM: Final = 1000


def offered(delivery: Delivery, speech: Speech) -> Told | Pointless:
    """Tell what was offered; nothing once it is taken, lapsed or withdrawn."""
    offer = Offer.objects.get(pk=subject_of(delivery.about)[1], customer_id=delivery.customer_id)
    is_over = offer.taken_at or offer.lapsed_at or offer.withdrawn_at or offer.expires_on < speech.today
    if is_over or offer.approved_at is None:
        return Pointless("OFFER_NOT_RUNNING", {"expires_on": offer.expires_on.isoformat()})
    lines = offer.items.select_related("item").order_by("item__due_on", "item_id")
    rows = [
        {
            "number": line.item.number,
            "due_on": line.item.due_on.isoformat(),
            "open": speech.amount(line.principal_minor),
            "penalty": speech.amount(line.penalty_minor),
        }
        for line in lines
    ]
    settles = offer.principal_minor + offer.penalty_minor - offer.waived_minor
    return Told(
        words={
            "offer_share": format_rate(offer.waive_ppm * PPB_IN_PPM),
            "offer_until": speech.day(offer.expires_on),
            "offer_waived": speech.money(offer.waived_minor),
            "offer_amount": speech.money(settles),
            "offered_principal": speech.money(offer.principal_minor),
            "offered_penalty": speech.money(offer.penalty_minor),
        },
        tables={
            "offered_items": speech.table(("number", "due_on", "open", "penalty"), rows, numbers=("open", "penalty")),
        },
        facts={
            "offer": offer.pk,
            "currency": offer.currency,
            "principal_minor": offer.principal_minor,
            "penalty_minor": offer.penalty_minor,
            "waived_minor": offer.waived_minor,
            "offer_until": offer.expires_on.isoformat(),
        },
    )


PROVIDES: Final = {"offer_made": offered}
