"""What the demo made: figures for the table at the end, and for --json."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Sum

from huikuan.cases.models import Case, Task
from huikuan.outreach.models import Contact, Delivery
from huikuan.parties.models import Customer, Entity
from huikuan.receivables.models import OpenItem


@dataclass(frozen=True, slots=True)
class EntityFigures:
    """One creditor at the end of the demo; money in minor units of its currency, which is named."""

    code: str
    name: str
    customers: int
    open_items: int
    overdue_items: int
    overdue: dict[str, int]
    open_cases: int
    open_tasks: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything in one place."""

    entities: tuple[EntityFigures, ...]
    contacts: int
    letters_sent: int
    letters_waiting: int
    mail_folder: Path


def figures(as_of: date) -> Figures:
    """Count what there is after the day's run."""
    left = [Delivery.State.SENT, Delivery.State.DELIVERED, Delivery.State.READ, Delivery.State.BOUNCED]
    sent = Delivery.objects.filter(state__in=left).count()
    return Figures(
        entities=tuple(_of(entity, as_of) for entity in Entity.objects.order_by("pk")),
        contacts=Contact.objects.count(),
        letters_sent=sent,
        letters_waiting=Delivery.objects.filter(state=Delivery.State.QUEUED).count(),
        mail_folder=Path(settings.HUIKUAN_MAIL_FOLDER),
    )


def _of(entity: Entity, as_of: date) -> EntityFigures:
    items = OpenItem.objects.filter(entity=entity, settled_on=None)
    overdue = items.filter(due_on__lt=as_of)
    sums = overdue.values("currency").annotate(total=Sum("open_minor"), many=Count("pk")).order_by("currency")
    return EntityFigures(
        code=entity.code,
        name=entity.name,
        customers=Customer.objects.filter(entity=entity).count(),
        open_items=items.count(),
        overdue_items=sum(row["many"] for row in sums),
        overdue={row["currency"]: row["total"] for row in sums},
        open_cases=Case.objects.filter(entity=entity, closed_on=None).count(),
        open_tasks=Task.objects.filter(entity=entity, done_at=None, cancelled_at=None).count(),
    )
