"""The worklist: whose tasks, in which order, page by page."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from huikuan.cases.models import Task
from huikuan.cases.queries.worklist import (
    SORTS,
    WorklistFilter,
    WorklistPlaceUnknown,
    kinds_and_steps,
    neighbors,
    worklist,
)
from huikuan.parties.models import Entity, User
from tests.people import NOON, TODAY, a_customer

pytestmark = pytest.mark.django_db


def a_task(customer, number, **fields):
    values = {
        "key": f"task/{customer.pk}/{number}", "entity_id": customer.entity_id, "customer": customer, "kind": "CALL",
        "step_code": "first_call", "currency": "CNY", "overdue_minor": 100 * number, "due_on": TODAY,
        "priority": number, "created_at": NOON, "owner_id": customer.collector_id,
    }  # fmt: skip
    return Task.objects.create(**values | fields)


def shown(user, **wanted):
    return [row.task_id for row in worklist(user, WorklistFilter(**wanted), as_of=TODAY).rows]


def test_each_sees_the_tasks_of_his_customers_only(owner, colleague, outsider, finance, tianhe, binhai, yunfeng):
    mine, nobodys, others = a_task(tianhe, 1), a_task(binhai, 2), a_task(yunfeng, 3)
    assert shown(owner) == [mine.pk]
    assert shown(colleague) == [nobodys.pk, mine.pk]
    assert shown(finance) == [nobodys.pk, mine.pk]
    assert shown(outsider) == [others.pk]


def test_a_row_says_what_is_needed_to_choose(owner, tianhe):
    a_task(tianhe, 7, oldest_due_on=TODAY - timedelta(days=9), due_on=TODAY - timedelta(days=1))
    (row,) = worklist(owner, WorklistFilter(), as_of=TODAY).rows
    assert (row.customer_name, row.owner_name, row.days_overdue, row.is_late) == (tianhe.name, "陈立", 9, True)
    assert (row.overdue_minor, row.currency, row.grade) == (700, "CNY", "")


def test_filters_narrow_the_list(finance, owner, tianhe, binhai):
    call = a_task(tianhe, 1)
    review = a_task(binhai, 2, kind="REVIEW", step_code="high_risk", currency="USD", due_on=TODAY + timedelta(days=3))
    done = a_task(tianhe, 3, done_at=NOON, outcome="REACHED")
    gone = a_task(tianhe, 4, cancelled_at=NOON, cancel_reason="SETTLED")
    assert shown(finance, kind="CALL") == [call.pk]
    assert shown(finance, step_code="high_risk") == [review.pk]
    assert shown(finance, currency="USD") == [review.pk]
    assert shown(finance, due_by=TODAY) == [call.pk]
    assert shown(finance, owner_id=owner.pk) == [call.pk]
    assert shown(finance, without_owner=True) == [review.pk]
    assert shown(finance, state="done") == [done.pk]
    assert shown(finance, state="cancelled") == [gone.pk]
    assert shown(finance, search="天河") == [call.pk]
    assert shown(finance, search="binh") == [review.pk]
    assert shown(finance, search="nobody") == []
    assert kinds_and_steps(finance) == (("CALL", "first_call", 1), ("REVIEW", "high_risk", 1))


def test_a_place_that_nobody_can_read_is_refused(owner, tianhe):
    with pytest.raises(WorklistPlaceUnknown):
        worklist(owner, WorklistFilter(), as_of=TODAY, after="rubbish")


def test_a_page_costs_few_queries_however_long_the_list(owner, tianhe, django_assert_max_num_queries):
    for number in range(60):
        a_task(tianhe, number)
    with django_assert_max_num_queries(5):
        page = worklist(owner, WorklistFilter(), as_of=TODAY)
    assert (len(page.rows), page.count, page.is_count_capped) == (50, 60, False)


class Pages(TestCase):
    """Whatever the order, pages forwards and backwards show every task once."""

    @settings(max_examples=25)
    @given(
        rows=st.lists(st.tuples(st.integers(0, 3), st.none() | st.integers(0, 3), st.integers(0, 2)), max_size=12),
        sort=st.sampled_from(sorted(SORTS)),
        size=st.integers(1, 5),
    )
    def test_paging_neither_loses_nor_repeats(self, rows, sort, size):
        entity = Entity.objects.create(code="MAIN", name="华泰", created_at=NOON)
        boss = User.objects.create(username="boss", is_superuser=True)
        people = [a_customer(entity, f"C{n}", f"客户{n}") for n in range(3)]
        for number, (priority, late, whose) in enumerate(rows):
            oldest = None if late is None else TODAY - timedelta(days=late)
            a_task(people[whose], number, priority=priority, overdue_minor=priority, oldest_due_on=oldest)
        wanted = WorklistFilter(sort=sort)
        whole = [row.task_id for row in worklist(boss, wanted, as_of=TODAY, size=100).rows]
        assert len(whole) == len(rows)
        forwards, page = [], worklist(boss, wanted, as_of=TODAY, size=size)
        forwards += [row.task_id for row in page.rows]
        while page.after:
            page = worklist(boss, wanted, as_of=TODAY, size=size, after=page.after)
            forwards += [row.task_id for row in page.rows]
        assert forwards == whole
        backwards = [row.task_id for row in page.rows]
        while page.before:
            page = worklist(boss, wanted, as_of=TODAY, size=size, before=page.before)
            backwards = [row.task_id for row in page.rows] + backwards
        assert backwards == whole
        for position, task_id in enumerate(whole):
            earlier = whole[position - 1] if position else None
            later = whole[position + 1] if position + 1 < len(whole) else None
            assert neighbors(boss, wanted, task_id=task_id) == (earlier, later)


def test_neighbors_of_a_task_one_may_not_see_are_none(owner, yunfeng):
    hidden = a_task(yunfeng, 1)
    assert neighbors(owner, WorklistFilter(), task_id=hidden.pk) == (None, None)


def test_days_overdue_are_never_negative(owner, tianhe):
    a_task(tianhe, 1, oldest_due_on=date(2030, 1, 1))
    assert worklist(owner, WorklistFilter(), as_of=TODAY).rows[0].days_overdue == 0
