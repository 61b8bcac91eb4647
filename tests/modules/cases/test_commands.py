"""What people do with tasks and cases, and what they may not."""

from datetime import timedelta

import pytest

from huikuan.cases.commands.case import CaseClosed, CaseUnknown, reassign_case
from huikuan.cases.commands.task import (
    NotOfThisEntity,
    OutcomeUnknown,
    ReasonMissing,
    TaskNotOpen,
    TaskOpen,
    TaskUnknown,
    cancel_task,
    complete_task,
    reassign_task,
    reopen_task,
)
from huikuan.cases.models import Case, CaseBalance, Task
from huikuan.cases.queries.case import case_head, cases_of_customer, latest_case
from huikuan.journal.models import Entry
from huikuan.parties.models import Customer
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(tianhe, owner):
    made = Case.objects.create(
        entity=tianhe.entity, customer=tianhe, number="CASE-MAIN-2026-000001", opened_on=TODAY - timedelta(days=5),
        owner=owner, next_action="first_call", next_action_on=TODAY,
    )  # fmt: skip
    CaseBalance.objects.create(
        case=made,
        currency="CNY",
        overdue_minor=500,
        open_minor=900,
        item_count=2,
        oldest_due_on=TODAY - timedelta(days=6),
    )
    return made


@pytest.fixture
def task(case, owner):
    return Task.objects.create(
        key="task/1", entity=case.entity, customer=case.customer, case=case, kind="CALL", step_code="first_call",
        currency="CNY", owner=owner, due_on=TODAY, created_at=NOON,
    )  # fmt: skip


def journal():
    return list(Entry.objects.order_by("pk").values_list("event", flat=True))


def test_a_task_is_finished_taken_back_and_finished_again(task, owner):
    complete_task(task_id=task.pk, outcome="NO_ANSWER", actor=owner, now=NOON, note="无人接听")
    task.refresh_from_db()
    assert (task.done_at, task.done_by, task.outcome) == (NOON, owner, "NO_ANSWER")
    reopen_task(task_id=task.pk, actor=owner, now=NOON)
    task.refresh_from_db()
    assert (task.done_at, task.done_by, task.outcome) == (None, None, "")
    complete_task(task_id=task.pk, outcome="REACHED", actor=owner, now=NOON)
    assert journal() == ["cases.task-completed", "cases.task-reopened", "cases.task-completed"]


def test_finishing_twice_is_refused_and_changes_nothing(task, owner):
    complete_task(task_id=task.pk, outcome="REACHED", actor=owner, now=NOON)
    with pytest.raises(TaskNotOpen):
        complete_task(task_id=task.pk, outcome="REFUSES", actor=owner, now=NOON)
    task.refresh_from_db()
    assert task.outcome == "REACHED"
    assert journal() == ["cases.task-completed"]


def test_what_is_refused(task, owner, outsider):
    with pytest.raises(OutcomeUnknown):
        complete_task(task_id=task.pk, outcome="MAYBE", actor=owner, now=NOON)
    with pytest.raises(TaskOpen):
        reopen_task(task_id=task.pk, actor=owner, now=NOON)
    with pytest.raises(ReasonMissing):
        cancel_task(task_id=task.pk, reason=" ", actor=owner, now=NOON)
    with pytest.raises(NotOfThisEntity, match=r"zhao\.outsider"):
        reassign_task(task_id=task.pk, owner_id=outsider.pk, actor=owner, now=NOON)
    assert journal() == []


def test_an_outsider_does_not_even_learn_that_it_exists(task, case, outsider):
    acts = [
        lambda: complete_task(task_id=task.pk, outcome="DONE", actor=outsider, now=NOON),
        lambda: reopen_task(task_id=task.pk, actor=outsider, now=NOON),
        lambda: cancel_task(task_id=task.pk, reason="x", actor=outsider, now=NOON),
        lambda: reassign_task(task_id=task.pk, owner_id=outsider.pk, actor=outsider, now=NOON),
    ]
    for act in acts:
        with pytest.raises(TaskUnknown):
            act()
    with pytest.raises(CaseUnknown):
        reassign_case(case_id=case.pk, owner_id=outsider.pk, actor=outsider, now=NOON)
    assert case_head(outsider, case.pk, as_of=TODAY) is None
    assert cases_of_customer(outsider, case.customer_id) == ()
    assert journal() == []


def test_a_task_is_called_off_with_a_reason(task, owner):
    cancel_task(task_id=task.pk, reason="客户已来函", actor=owner, now=NOON)
    task.refresh_from_db()
    assert (task.cancelled_at, task.cancel_reason) == (NOON, "客户已来函")


def test_a_case_changes_hands_with_the_open_tasks_of_its_owner(case, task, owner, colleague):
    for_manager = Task.objects.create(
        key="task/2", entity=case.entity, customer=case.customer, case=case, kind="REVIEW", step_code="high_risk",
        currency="CNY", owner=colleague, due_on=TODAY, created_at=NOON,
    )  # fmt: skip
    reassign_case(case_id=case.pk, owner_id=colleague.pk, actor=colleague, now=NOON)
    case.refresh_from_db()
    task.refresh_from_db()
    for_manager.refresh_from_db()
    assert (case.owner, task.owner, for_manager.owner) == (colleague, colleague, colleague)
    case.customer.refresh_from_db()
    assert case.customer.collector == owner
    assert Entry.objects.get().facts["tasks_moved"] == 1


def test_a_closed_case_has_no_owner_to_change(case, colleague):
    case.closed_on, case.closing = TODAY, "PAID"
    case.save()
    with pytest.raises(CaseClosed):
        reassign_case(case_id=case.pk, owner_id=colleague.pk, actor=colleague, now=NOON)


def test_the_head_of_a_case_page(case, task, owner, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        head = case_head(owner, case.pk, as_of=TODAY)
    assert (head.number, head.owner_name, head.days_open, head.next_action) == (case.number, "陈立", 5, "first_call")
    assert [(line.step_code, line.is_open) for line in head.tasks] == [("first_call", True)]
    assert Customer.objects.annotate(latest=latest_case()).get(pk=case.customer_id).latest == case.pk
    assert [line.number for line in cases_of_customer(owner, case.customer_id)] == [case.number]
