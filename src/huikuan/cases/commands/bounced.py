"""Mail that came back leaves work: somebody finds the right address.

What the ladder sent is followed up by `runs.commands.fallback`, which also tries the next channel.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from huikuan.cases.models import Case, Task
from huikuan.journal.commands import record
from huikuan.kernel.zones import local_day
from huikuan.outreach.models import Delivery

LOOKS_BACK: Final = timedelta(days=30)
"""So long after it was written a message may still come back and be noticed."""


def repair_bounced(*, now: datetime) -> list[Task]:
    """Leave a contact-repair task for every message outside the ladder that came back; of one customer one is open.

    Returns: the tasks made. Called again it makes none.
    """
    key = Concat(Value("bounce:"), Cast(OuterRef("pk"), CharField()), output_field=CharField())
    outside = ~Q(about="") | Q(step_code="")
    back = (
        Delivery.objects.filter(outside, state=Delivery.State.BOUNCED, created_at__gte=now - LOOKS_BACK)
        .filter(~Exists(Task.objects.filter(key=key)))
        .order_by("customer_id", "pk")
    )
    made = (_repair(delivery, now=now) for delivery in back.select_related("customer", "entity"))
    return [task for task in made if task is not None]


@transaction.atomic
def _repair(delivery: Delivery, *, now: datetime) -> Task | None:
    """Leave one task; None when the address is being repaired already or was changed since."""
    customer = delivery.customer
    open_ones = Task.objects.filter(customer_id=customer.pk, kind=Task.Kind.REPAIR, done_at=None, cancelled_at=None)
    if open_ones.exists():
        return None
    task, is_new = Task.objects.get_or_create(
        key=f"bounce:{delivery.pk}",
        defaults={
            "entity_id": delivery.entity_id,
            "customer_id": customer.pk,
            "case": Case.objects.filter(customer_id=customer.pk, closed_on=None).order_by("-pk").first(),
            "kind": Task.Kind.REPAIR,
            "step_code": delivery.step_code,
            "currency": delivery.currency,
            "owner_id": customer.collector_id,
            "due_on": local_day(now, delivery.entity.time_zone),
            "created_at": now,
        },
    )
    if not is_new:
        return None
    record(
        "cases.task-made", now=now, entity_id=task.entity_id, customer_id=task.customer_id, subject=task,
        kind=task.kind, step_code=task.step_code, delivery_id=delivery.pk, address=delivery.address,
    )  # fmt: skip
    return task
