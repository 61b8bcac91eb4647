"""The visits of the demo: a few appointments on the next working day, by the guard's leave."""

from datetime import date, datetime, time
from typing import Final

from huikuan.cases.models import Task
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.refusal import Refusal
from huikuan.kernel.zones import instant_at
from huikuan.outreach.commands.visit import Party, pack, plan_visit
from huikuan.outreach.models import Visit
from huikuan.parties.models import Membership, Role

HOURS: Final = (time(9, 30), time(11), time(14, 30))
PAPERS: Final = ("IDENTITY", "AUTHORITY", "CONTRACT", "DELIVERY", "STATEMENT", "CALCULATION")


def visits_ahead(*, as_of: date, now: datetime) -> list[Visit]:
    """Plan visits to customers of the entity MAIN whose tasks ask for one; what the guard refuses is left out."""
    tasks = (
        Task.objects.filter(entity__code="MAIN", kind=Task.Kind.VISIT, done_at=None, cancelled_at=None)
        .filter(customer__collector__isnull=False)
        .select_related("customer__entity")
        .order_by("-priority", "pk")
    )
    manager = Membership.objects.filter(entity__code="MAIN", role=Role.MANAGER).order_by("pk").first()
    planned: list[Visit] = []
    for task, hour in zip(tasks[: len(HOURS)], HOURS, strict=False):
        customer = task.customer
        person = customer.contact_persons.order_by("pk").first()
        if manager is None or person is None or customer.collector_id in {None, manager.user_id}:
            continue
        day = WorkingCalendar(customer.country).add_working_days(as_of, 1)
        try:
            visit = plan_visit(
                customer_id=customer.pk, person_id=person.pk, planned_at=instant_at(day, hour, customer.time_zone),
                place=customer.address or customer.name, purpose=Visit.Purpose.TALK,
                party=Party(customer.collector_id, manager.user_id), documents=PAPERS, actor=manager.user, now=now,
            )  # fmt: skip
        except Refusal:
            continue
        pack(visit_id=visit.pk, documents=PAPERS[:-1], actor=manager.user, now=now)
        planned.append(visit)
    return planned
