"""Work of the clock: what providers can be asked about messages of which nobody knows whether they left."""

from datetime import datetime, timedelta
from typing import Final

from huikuan.outreach import ports
from huikuan.outreach.commands.reconcile import found_sent
from huikuan.outreach.models import Delivery
from huikuan.outreach.queries.outbox import mail_of

ASKED_FOR: Final = timedelta(days=3)
"""A message that is not found so long after is a person's to settle."""


def settle_doubts(*, now: datetime) -> int:
    """Ask each provider that can be asked about its UNKNOWN messages; return how many were found to have left.

    What is not found stays UNKNOWN: a list that does not show it yet is no proof, and nothing is sent twice.
    """
    found = 0
    for kind in ports.machine_channels():
        doubtful = Delivery.objects.filter(
            channel=kind, state=Delivery.State.UNKNOWN, handed_over_at__gte=now - ASKED_FOR
        ).select_related("entity", "customer", "person", "message")
        if doubtful.exists():
            found += _asked(kind, list(doubtful), now)
    return found


def _asked(kind: str, doubtful: list[Delivery], now: datetime) -> int:
    channel = ports.channel(kind)
    if not isinstance(channel, ports.Traceable):
        return 0
    found = 0
    for delivery in doubtful:
        handed_over_at = delivery.handed_over_at or now
        reference = channel.find(mail_of(delivery), handed_over_at=handed_over_at, now=now)
        if reference:
            found += found_sent(delivery_id=delivery.pk, reference=reference, now=now)
    channel.close()
    return found
