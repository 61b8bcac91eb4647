"""What the worklist page shows beside the page of tasks: what there is to filter by, and the task in hand."""

from collections.abc import Sequence
from dataclasses import dataclass

from huikuan.cases.models import Task
from huikuan.cases.queries.case import TaskLine
from huikuan.cases.queries.worklist import WorklistFilter, kinds_and_steps, neighbors, worklist
from huikuan.desk.access import Seat
from huikuan.desk.queries.words import script_name, step_name
from huikuan.parties.models import User
from huikuan.parties.queries import visible_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What there is to filter by, with the number of open tasks behind each: (code, name, count)."""

    total: int
    kinds: tuple[tuple[str, str, int], ...]
    steps: tuple[tuple[str, str, int], ...]
    collectors: tuple[tuple[int, str], ...]


def choices(seat: Seat) -> Choices:
    """Return the choices of the chosen entity. Two queries."""
    kinds: dict[str, int] = {}
    steps: dict[str, int] = {}
    for kind, step, count in kinds_and_steps(seat.user, entity_id=seat.entity.pk, due_by=seat.today):
        kinds[kind] = kinds.get(kind, 0) + count
        steps[step] = steps.get(step, 0) + count
    return Choices(
        total=sum(kinds.values()),
        kinds=tuple((kind, str(Task.Kind(kind).label), count) for kind, count in kinds.items()),
        steps=tuple((step, step_name(step), count) for step, count in steps.items()),
        collectors=collectors_of(seat),
    )


def collectors_of(seat: Seat) -> tuple[tuple[int, str], ...]:
    """Return the collectors of the customers that the user may see: (id, name)."""
    mine = visible_to(seat.user, entity_id=seat.entity.pk).filter(collector__isnull=False)
    users = User.objects.filter(pk__in=mine.values("collector_id")).order_by("display_name", "username")
    return tuple((user.pk, str(user)) for user in users)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskBar:
    """The task in hand, above a case or customer."""

    task_id: int
    kind: str
    kind_name: str
    step: str
    script: str
    script_code: str
    currency: str
    owner: str
    is_contact: bool
    note: str


CONTACT_KINDS = (Task.Kind.CALL, Task.Kind.VISIT)
"""Kinds whose outcome is that of a contact: logging it finishes the task."""


def task_bar(task_id: int | None, customer_id: int, *, known: Sequence[TaskLine] = ()) -> TaskBar | None:
    """Return an open task of this customer, which the caller has found visible; None when there is no such task.

    One query, none when the task is among those `known` to the page already.
    """
    if task_id is None:
        return None
    line = next((each for each in known if each.task_id == task_id), None)
    if line is not None:
        return _bar_of(line) if line.is_open else None
    task = (
        Task.objects.filter(pk=task_id, customer_id=customer_id, done_at=None, cancelled_at=None)
        .select_related("owner")
        .first()
    )
    if task is None:
        return None
    return TaskBar(
        task_id=task.pk,
        kind=task.kind,
        kind_name=task.get_kind_display(),
        step=step_name(task.step_code),
        script=script_name(task.script),
        script_code=task.script,
        currency=task.currency,
        owner=str(task.owner) if task.owner else "",
        is_contact=task.kind in CONTACT_KINDS,
        note=task.note,
    )


def _bar_of(line: TaskLine) -> TaskBar:
    return TaskBar(
        task_id=line.task_id,
        kind=line.kind,
        kind_name=line.kind_label,
        step=step_name(line.step_code),
        script=script_name(line.script),
        script_code=line.script,
        currency=line.currency,
        owner=line.owner_name,
        is_contact=line.kind in CONTACT_KINDS,
        note=line.note,
    )


def following_task(seat: Seat, wanted: WorklistFilter, *, task_id: int | None, backwards: bool = False) -> Task | None:
    """Return the next task of the filtered worklist, or the one before; the first when none is in hand."""
    if task_id is None:
        return first_task(seat, wanted)
    earlier, later = neighbors(seat.user, wanted, task_id=task_id)
    found = earlier if backwards else later
    return None if found is None else Task.objects.filter(pk=found).first()


def first_task(seat: Seat, wanted: WorklistFilter) -> Task | None:
    """Return the first task of the filtered worklist."""
    page = worklist(seat.user, wanted, as_of=seat.today, size=1)
    return Task.objects.filter(pk=page.rows[0].task_id).first() if page.rows else None
