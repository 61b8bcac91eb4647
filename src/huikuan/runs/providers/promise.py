"""The reminder before a promised day: how much, when, and who said so."""

from typing import Final

from huikuan.arrangements.models import Promise
from huikuan.arrangements.models.promise import PromiseState
from huikuan.outreach.models import Delivery
from huikuan.outreach.ports import Pointless
from huikuan.outreach.rules.kinds import subject_of
from huikuan.runs.speech import Speech, one_line
from huikuan.runs.telling import Told


def reminder(delivery: Delivery, speech: Speech) -> Told | Pointless:
    """Tell the next part that money has not covered yet; nothing once the promise is decided or its day has come."""
    promise = Promise.objects.select_related("person").get(
        pk=subject_of(delivery.about)[1], customer_id=delivery.customer_id
    )
    waiting = promise.parts.filter(state=PromiseState.RUNNING, due_on__gte=speech.today).order_by("number").first()
    if promise.state != PromiseState.RUNNING or waiting is None:
        return Pointless("PROMISE_DECIDED", {"promise": promise.pk, "stands": promise.state})
    return Told(
        words={
            "promised_amount": speech.amount(waiting.amount_minor - waiting.counted_minor),
            "promised_on": speech.day(waiting.due_on),
            "promised_by": "" if promise.person is None else one_line(promise.person.name),
        },
        facts={
            "promise": promise.pk,
            "currency": promise.currency,
            "promised_minor": waiting.amount_minor,
            "promised_on": waiting.due_on.isoformat(),
        },
    )


PROVIDES: Final = {"promise_reminder": reminder}
