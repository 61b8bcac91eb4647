"""The daily run as the scheduler starts it: what is due is read from the tables, never from a queue."""

import logging
from datetime import datetime, timedelta
from typing import Final

from huikuan.kernel.refusal import Refusal
from huikuan.kernel.zones import local
from huikuan.parties.models import Entity
from huikuan.policy.queries import policy_in_force
from huikuan.runs.commands.fallback import fall_back
from huikuan.runs.commands.run import run_day
from huikuan.runs.models import Run

logger = logging.getLogger(__name__)

ABANDONED_AFTER: Final = timedelta(minutes=10)
"""A run that has stood as running for so long is taken up again: whoever began it is gone, or is refused to us."""


def due_entities(*, now: datetime, from_hour: int) -> list[Entity]:
    """Return the entities whose run of today is due: the hour has come on their clock and it has not been done.

    Args:
        now: The instant.
        from_hour: Hour of the day on the entity's clock, 0 to 23.
    """
    return [entity for entity in Entity.objects.order_by("code") if _is_due(entity, now, from_hour)]


def _is_due(entity: Entity, now: datetime, from_hour: int) -> bool:
    here = local(now, entity.time_zone)
    if here.hour < from_hour or policy_in_force(entity.pk, here.date()) is None:
        return False
    latest = Run.objects.filter(entity=entity).order_by("-as_of").first()
    if latest is None or latest.as_of < here.date():
        return True
    is_abandoned = latest.state != Run.State.DONE and latest.started_at < now - ABANDONED_AFTER
    return latest.as_of == here.date() and is_abandoned


def run_due(*, now: datetime, from_hour: int) -> list[Run]:
    """Run today for every entity that is due; one that is refused is logged and does not stop the others."""
    done = []
    for entity in due_entities(now=now, from_hour=from_hour):
        as_of = local(now, entity.time_zone).date()
        try:
            done.append(run_day(entity_id=entity.pk, as_of=as_of, now=now))
        except Refusal as refusal:
            logger.warning("the run of %s on %s is refused: %s", entity.code, as_of, refusal)
    return done


def fall_back_due(*, now: datetime) -> int:
    """Send by another channel what nobody has read, or what did not arrive, at every entity; return how many acts."""
    return sum(fall_back(entity_id=entity.pk, now=now).total() for entity in Entity.objects.order_by("code"))
