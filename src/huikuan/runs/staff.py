"""What the staff's group is told after a run: how much there is to do, and what a person must decide. No names."""

from datetime import datetime
from typing import Protocol, cast

from django.conf import settings
from django.db.models import Count
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from huikuan.outreach.models import Delivery
from huikuan.runs.models import Run
from huikuan.runs.queries.plan import new_rows


class StaffNotifier(Protocol):
    """Tells the group of an entity's staff something; wired as "runs.staff"."""

    def tell(self, entity_code: str, text: str, now: datetime) -> bool:
        """Return whether there is such a group and it was told. Never raises for what the other side does."""
        ...


def summary(run: Run) -> str:
    """Return the run in a few lines of plain text: counts only, nothing about any customer."""
    rows = new_rows(run)
    counted = Delivery.objects.filter(entity_id=run.entity_id, state__in=["UNKNOWN", "FAILED"]).order_by()
    stuck = dict(counted.values_list("state").annotate(count=Count("pk")))
    lines = [
        _("{entity}: the run of {day} is done.").format(entity=run.entity.code, day=run.as_of.isoformat()),
        _("New: {tasks} tasks, {messages} messages.").format(
            tasks=rows.get("tasks", 0), messages=rows.get("deliveries", 0)
        ),
    ]
    if stuck:
        lines.append(
            _("To be decided: {unknown} messages in doubt, {failed} failed.").format(
                unknown=stuck.get("UNKNOWN", 0), failed=stuck.get("FAILED", 0)
            )
        )
    return "\n".join([*lines, settings.HUIKUAN_BASE_URL])


def tell_staff(run: Run, *, now: datetime) -> bool:
    """Tell the staff of a finished run, where a group is set up; that it cannot be told never disturbs the run."""
    notifier = cast("StaffNotifier", import_string(settings.HUIKUAN_PORTS["runs.staff"])())
    return notifier.tell(run.entity.code, summary(run), now)
