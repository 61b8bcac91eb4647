"""The head of a case page: what it is about, who has it, what is next."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import OuterRef, Subquery

from huikuan.cases.models import Case, Task
from huikuan.credit.models import Grade
from huikuan.parties.models import Customer
from huikuan.parties.queries import Person, may_see
from huikuan.policy.queries import in_force_beside


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLine:
    """One task of a case, open or closed."""

    task_id: int
    kind: str
    kind_label: str
    step_code: str
    currency: str
    script: str
    owner_id: int | None
    owner_name: str
    due_on: date
    is_late: bool
    done_at: datetime | None
    outcome: str
    cancelled_at: datetime | None
    cancel_reason: str
    note: str

    @property
    def is_open(self) -> bool:
        """Still to be done."""
        return self.done_at is None and self.cancelled_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHead:
    """The head of a case page. `tasks` are the open ones first, then the latest closed; `letter` is "" ungraded.

    `customer` comes with its entity; `policy_hash` names the policy in force on the day (`policy_known`).
    """

    case_id: int
    number: str
    customer: Customer
    entity_id: int
    entity_code: str
    entity_name: str
    customer_id: int
    customer_code: str
    customer_name: str
    letter: str
    policy_hash: str | None
    opened_on: date
    days_open: int
    closed_on: date | None
    closing: str
    closing_label: str
    stage: str
    stage_label: str
    owner_id: int | None
    owner_name: str
    next_action: str
    next_action_on: date
    tasks: tuple[TaskLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """One case in a list."""

    case_id: int
    number: str
    customer_id: int
    stage: str
    stage_label: str
    opened_on: date
    closed_on: date | None
    owner_name: str
    next_action: str
    next_action_on: date


TASKS_SHOWN = 50


def case_head(user: Person, case_id: int, *, as_of: date) -> CaseHead | None:
    """Return the head of a case, None when there is no such case or the user may not see it. Two queries."""
    grade = Grade.objects.filter(customer=OuterRef("customer"), ended_on=None).values("letter")[:1]
    case = (
        Case.objects.filter(may_see(user), pk=case_id)
        .annotate(letter=Subquery(grade), policy_hash=in_force_beside(as_of))
        .select_related("customer__entity", "owner")
        .first()
    )
    if case is None:
        return None
    tasks = Task.objects.filter(case=case).select_related("owner").order_by("-created_at", "-pk")[:TASKS_SHOWN]
    lines = [_task(task, as_of) for task in tasks]
    return CaseHead(
        case_id=case.pk,
        number=case.number,
        entity_id=case.entity_id,
        customer=case.customer,
        entity_code=case.customer.entity.code,
        entity_name=case.customer.entity.name,
        customer_id=case.customer_id,
        customer_code=case.customer.code,
        customer_name=case.customer.name,
        letter=case.letter or "",
        policy_hash=case.policy_hash,
        opened_on=case.opened_on,
        days_open=((case.closed_on or as_of) - case.opened_on).days,
        closed_on=case.closed_on,
        closing=case.closing,
        closing_label=case.get_closing_display(),
        stage=case.stage,
        stage_label=case.get_stage_display(),
        owner_id=case.owner_id,
        owner_name="" if case.owner is None else str(case.owner),
        next_action=case.next_action,
        next_action_on=case.next_action_on,
        tasks=tuple(sorted(lines, key=lambda line: not line.is_open)),
    )


def latest_case() -> Subquery:
    """Return the key of a customer's open case, else of the latest one, else None: beside the customer, no query."""
    cases = Case.objects.filter(customer=OuterRef("pk")).order_by("-opened_on")
    return Subquery(cases.values("pk")[:1])


def cases_of_customer(user: Person, customer_id: int) -> tuple[CaseLine, ...]:
    """Return every overdue spell of the customer, the latest first. One query."""
    cases = Case.objects.filter(may_see(user), customer_id=customer_id).select_related("owner")
    return tuple(
        CaseLine(
            case_id=case.pk,
            number=case.number,
            customer_id=case.customer_id,
            stage=case.stage,
            stage_label=case.get_stage_display(),
            opened_on=case.opened_on,
            closed_on=case.closed_on,
            owner_name="" if case.owner is None else str(case.owner),
            next_action=case.next_action,
            next_action_on=case.next_action_on,
        )
        for case in cases.order_by("-opened_on")
    )


def _task(task: Task, as_of: date) -> TaskLine:
    return TaskLine(
        task_id=task.pk,
        kind=task.kind,
        kind_label=task.get_kind_display(),
        step_code=task.step_code,
        currency=task.currency,
        script=task.script,
        owner_id=task.owner_id,
        owner_name="" if task.owner is None else str(task.owner),
        due_on=task.due_on,
        is_late=task.done_at is None and task.cancelled_at is None and task.due_on < as_of,
        done_at=task.done_at,
        outcome=task.outcome,
        cancelled_at=task.cancelled_at,
        cancel_reason=task.cancel_reason,
        note=task.note,
    )


def customers_of_cases(numbers: Collection[str]) -> set[int]:
    """Return the customers of the cases with these numbers. One query."""
    return set(Case.objects.filter(number__in=numbers).values_list("customer_id", flat=True))
