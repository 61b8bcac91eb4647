"""The worklist (待办清单): tasks of the customers that a user may see, filtered, sorted, page by page.

Pages are found by key, not by counting rows off: the hundredth page costs what the first does.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from huikuan.cases.models import Task
from huikuan.credit.models import Grade
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.queries import Person, may_see, visible_to, within

Sort = Literal["priority", "overdue", "oldest", "customer", "due"]

SORTS: Final[dict[Sort, tuple[str, bool]]] = {
    "priority": ("priority", True),
    "overdue": ("overdue_minor", True),
    "oldest": ("oldest_due_on", False),
    "customer": ("customer__name", False),
    "due": ("due_on", False),
}
"""Name -> (field, descending). The task's id decides between equals."""

_NULLABLE: Final = {"oldest_due_on"}

COUNT_MAX: Final = 10_000
"""Longer lists are counted as "more than": nobody reads the number, and counting would cost more than the page."""


class WorklistPlaceUnknown(Refusal):
    """The address holds a place in the list that cannot be read."""

    code = "cases.worklist-place-unknown"
    text = gettext_noop("This place in the worklist cannot be read. Open the worklist again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistFilter:
    """What the reader wants to see. Blank or None: everything the reader may see.

    Attributes:
        state: "open" (default), "done" or "cancelled".
        due_by: Only tasks due on or before this day.
        done_on_or_after: With state "done": only those finished since this instant.
        overdue_from_days, overdue_to_days: Only tasks whose oldest item is that long overdue, both ends included; 0 for
            `overdue_to_days` keeps what is not overdue. They need `overdue_as_of`.
        search: Part of a customer's code or name, or of a case number.
        sort: A key of `SORTS`.
    """

    entity_id: int | None = None
    owner_id: int | None = None
    without_owner: bool = False
    kind: str = ""
    step_code: str = ""
    currency: str = ""
    grade: str = ""
    state: Literal["open", "done", "cancelled"] = "open"
    due_by: date | None = None
    done_on_or_after: datetime | None = None
    overdue_from_days: int | None = None
    overdue_to_days: int | None = None
    overdue_as_of: date | None = None
    search: str = ""
    sort: Sort = "priority"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistRow:
    """One task with what a collector needs to choose it. Money in minor units of `currency`."""

    task_id: int
    kind: str
    kind_label: str
    step_code: str
    script: str
    entity_id: int
    customer_id: int
    customer_code: str
    customer_name: str
    customer_phone: str
    case_id: int | None
    case_number: str
    currency: str
    overdue_minor: int
    oldest_due_on: date | None
    days_overdue: int
    grade: str
    owner_id: int | None
    owner_name: str
    due_on: date
    is_late: bool
    priority: int
    done_at: datetime | None
    outcome: str
    cancelled_at: datetime | None
    cancel_reason: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistPage:
    """One page of the list.

    Attributes:
        after: Place to pass as `after` for the next page; "" on the last.
        before: Place to pass as `before` for the page before; "" on the first.
        count: Tasks that match, at most `COUNT_MAX`; `is_count_capped` says that there are more.
    """

    rows: tuple[WorklistRow, ...]
    after: str
    before: str
    count: int
    is_count_capped: bool


def worklist(
    user: Person, wanted: WorklistFilter, *, as_of: date, after: str = "", before: str = "", size: int = 50
) -> WorklistPage:
    """Return a page of tasks. Three queries.

    Args:
        user: Who asks; only customers of `visible_to(user)` appear.
        wanted: Filter and sort.
        as_of: Day for days overdue and lateness.
        after: Place after which the page begins (from `WorklistPage.after`).
        before: Place before which the page ends (from `WorklistPage.before`).
        size: Rows of a page.

    Raises: WorklistPlaceUnknown.
    """
    matching = _matching(user, wanted)
    backwards = bool(before)
    found = list(_shown(_from_place(matching, wanted, after=after, before=before))[: size + 1])
    has_more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    # The condition on the kind, which every task has, leads SQLite to the index that holds all that is counted.
    count = matching.filter(kind__gt="").order_by().values("due_on")[: COUNT_MAX + 1].count()
    return WorklistPage(
        rows=tuple(_row(task, as_of) for task in found),
        after=_place(found[-1], wanted) if found and (has_more or backwards) else "",
        before=_place(found[0], wanted) if found and (has_more if backwards else bool(after)) else "",
        count=min(count, COUNT_MAX),
        is_count_capped=count > COUNT_MAX,
    )


def neighbors(user: Person, wanted: WorklistFilter, *, task_id: int) -> tuple[int | None, int | None]:
    """Return the tasks before and after this one in the same list: (previous id, next id). Three queries.

    The task itself need not match the filter any more (it was just done): its neighbors are those of its place.
    """
    task = Task.objects.select_related("customer").filter(may_see(user), pk=task_id).first()
    if task is None:
        return None, None
    matching, place = _matching(user, wanted), _place(task, wanted)
    earlier = _from_place(matching, wanted, before=place).values_list("pk", flat=True).first()
    later = _from_place(matching, wanted, after=place).values_list("pk", flat=True).first()
    return earlier, later


def kinds_and_steps(
    user: Person, *, entity_id: int | None = None, due_by: date | None = None
) -> tuple[tuple[str, str, int], ...]:
    """Return (kind, step code, open tasks) of what the user may see, for the filter's choices. One query."""
    tasks = _matching(user, WorklistFilter(entity_id=entity_id, due_by=due_by)).values_list("kind", "step_code")
    return tuple(tasks.annotate(count=Count("*")).order_by("kind", "step_code"))


def _matching(user: Person, wanted: WorklistFilter) -> QuerySet[Task]:
    if wanted.entity_id is None:
        tasks = Task.objects.filter(customer__in=visible_to(user))
    else:
        tasks = within(user, Task.objects.all(), entity_id=wanted.entity_id)
    if wanted.state == "open":
        tasks = tasks.filter(done_at=None, cancelled_at=None)
    elif wanted.state == "done":
        tasks = tasks.filter(done_at__isnull=False)
    else:
        tasks = tasks.filter(cancelled_at__isnull=False)
    equals = {
        "owner_id": wanted.owner_id,
        "kind": wanted.kind or None,
        "step_code": wanted.step_code or None,
        "currency": wanted.currency or None,
        "due_on__lte": wanted.due_by,
        "done_at__gte": wanted.done_on_or_after,
    }
    tasks = tasks.filter(**{name: value for name, value in equals.items() if value is not None})
    if wanted.without_owner:
        tasks = tasks.filter(owner=None)
    if wanted.overdue_as_of is not None:
        tasks = tasks.filter(_overdue(wanted, wanted.overdue_as_of))
    if wanted.grade:
        tasks = tasks.filter(customer__grades__letter=wanted.grade, customer__grades__ended_on=None)
    if text := wanted.search.strip():
        tasks = tasks.filter(
            Q(customer__code__icontains=text) | Q(customer__name__icontains=text) | Q(case__number__icontains=text)
        )
    return tasks


def _overdue(wanted: WorklistFilter, as_of: date) -> Q:
    """Return the condition on the oldest due day; not overdue is also what has none."""
    found = Q()
    if wanted.overdue_from_days is not None:
        found &= Q(oldest_due_on__lte=as_of - timedelta(days=wanted.overdue_from_days))
    if wanted.overdue_to_days is not None:
        youngest = Q(oldest_due_on__gte=as_of - timedelta(days=wanted.overdue_to_days))
        found &= youngest | Q(oldest_due_on=None) if wanted.overdue_to_days == 0 else youngest
    return found


def _shown(tasks: QuerySet[Task]) -> QuerySet[Task]:
    grade = Grade.objects.filter(customer=OuterRef("customer"), ended_on=None).values("letter")[:1]
    return tasks.select_related("customer", "case", "owner").annotate(grade=Subquery(grade))


def _from_place(tasks: QuerySet[Task], wanted: WorklistFilter, *, after: str = "", before: str = "") -> QuerySet[Task]:
    """Sort, and cut at the place; before a place the order is reversed, nearest first."""
    field, descending = SORTS[wanted.sort]
    if before:
        descending = not descending
    # Only where there are nulls: PostgreSQL would not use the index otherwise.
    nulls = {} if field not in _NULLABLE else {"nulls_first": True} if before else {"nulls_last": True}
    key = F(field).desc(**nulls) if descending else F(field).asc(**nulls)
    ordered = tasks.order_by(key, "-pk" if before else "pk")
    place = after or before
    if not place:
        return ordered
    value, pk = _read_place(place)
    further = "lt" if descending else "gt"
    same = Q(**{field: value} if value is not None else {f"{field}__isnull": True})
    beyond_same = same & Q(**{"pk__lt" if before else "pk__gt": pk})
    if value is None:  # nulls stand at the end of the list
        return ordered.filter(beyond_same | Q(**{f"{field}__isnull": False}) if before else beyond_same)
    beyond = Q(**{f"{field}__{further}": value})
    if not before and field in _NULLABLE:
        beyond |= Q(**{f"{field}__isnull": True})
    return ordered.filter(beyond | beyond_same)


def _place(task: Task, wanted: WorklistFilter) -> str:
    """Return where a task stands in the list, as a word for an address."""
    value: Any = task
    for part in SORTS[wanted.sort][0].split("__"):
        value = getattr(value, part)
    said = "" if value is None else str(value)
    return urlsafe_b64encode(f"{task.pk}:{'n' if value is None else 'v'}{said}".encode()).decode()


def _read_place(place: str) -> tuple[str | None, int]:
    try:
        number, _, said = urlsafe_b64decode(place.encode()).decode().partition(":")
        return (said[1:] if said[:1] == "v" else None), int(number)
    except ValueError:
        raise WorklistPlaceUnknown from None


def _row(task: Task, as_of: date) -> WorklistRow:
    oldest = task.oldest_due_on
    return WorklistRow(
        task_id=task.pk,
        kind=task.kind,
        kind_label=task.get_kind_display(),
        step_code=task.step_code,
        script=task.script,
        entity_id=task.entity_id,
        customer_id=task.customer_id,
        customer_code=task.customer.code,
        customer_name=task.customer.name,
        customer_phone=task.customer.phone,
        case_id=task.case_id,
        case_number="" if task.case is None else task.case.number,
        currency=task.currency,
        overdue_minor=task.overdue_minor,
        oldest_due_on=oldest,
        days_overdue=max((as_of - oldest).days, 0) if oldest else 0,
        grade=task.grade or "",  # type: ignore[attr-defined]  # annotated by _shown
        owner_id=task.owner_id,
        owner_name="" if task.owner is None else str(task.owner),
        due_on=task.due_on,
        is_late=task.due_on < as_of,
        priority=task.priority,
        done_at=task.done_at,
        outcome=task.outcome,
        cancelled_at=task.cancelled_at,
        cancel_reason=task.cancel_reason,
        note=task.note,
    )
