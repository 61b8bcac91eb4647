"""The post and the ladder: reminders of letters nobody posts, and several messages to one mailbox."""

from datetime import date, timedelta

import pytest

from huikuan.cases.commands.task import complete_task
from huikuan.cases.models import Task
from huikuan.outreach.models import Delivery
from huikuan.runs.commands.unposted import remind_of_letters
from tests.modules.runs.conftest import morning

pytestmark = pytest.mark.django_db

ASKED_ON = date(2026, 7, 7)  # a Tuesday


@pytest.fixture
def letter_task(tianhe, owner):
    return Task.objects.create(
        key="task/letter", entity=tianhe.entity, customer=tianhe, kind="LETTER", step_code="demand", currency="CNY",
        owner=owner, due_on=ASKED_ON, created_at=morning(ASKED_ON),
    )  # fmt: skip


def remind(tianhe, day):
    return remind_of_letters(entity_id=tianhe.entity_id, as_of=day, now=morning(day))


def test_whoever_has_not_posted_a_letter_is_reminded_once(policy, tianhe, owner, letter_task):
    assert remind(tianhe, ASKED_ON + timedelta(days=2)) == 0
    assert remind(tianhe, ASKED_ON + timedelta(days=3)) == 1
    reminder = Task.objects.get(step_code="letter_late")
    assert (reminder.owner, reminder.step_code, reminder.kind) == (owner, "letter_late", "REVIEW")
    assert remind(tianhe, ASKED_ON + timedelta(days=4)) == 0


def test_days_off_do_not_count_until_the_reminder(policy, tianhe, letter_task):
    Task.objects.update(due_on=date(2026, 7, 9))  # a Thursday: Friday, Monday and Tuesday are three working days
    assert remind(tianhe, date(2026, 7, 13)) == 0
    assert remind(tianhe, date(2026, 7, 14)) == 1


def test_the_reminder_ends_when_the_letter_is_on_its_way(policy, tianhe, owner, letter_task):
    remind(tianhe, ASKED_ON + timedelta(days=3))
    complete_task(task_id=letter_task.pk, outcome="DONE", actor=owner, now=morning(ASKED_ON + timedelta(days=4)))
    remind(tianhe, ASKED_ON + timedelta(days=5))
    reminder = Task.objects.get(step_code="letter_late")
    assert reminder.cancelled_at is not None
    assert reminder.cancel_reason == "POSTED"


def test_messages_to_one_mailbox_leave_one_after_another(policy, run, bill, huatai, tianhe, binhai):
    """Two customers share an accountant's mailbox, and one of them owes in two currencies: nine, and five minutes."""
    binhai.email = "Accounts@tianhe.example"
    binhai.save()
    due = date(2026, 7, 6)
    bill(tianhe, "INV-1", due, 1_000_000)
    bill(tianhe, "INV-2", due, 1_000_000, currency="USD")
    bill(binhai, "INV-3", due, 1_000_000)
    run(due + timedelta(days=1))
    leaving = sorted(Delivery.objects.filter(channel="EMAIL").values_list("not_before", flat=True))
    nine = morning(due + timedelta(days=1)) + timedelta(hours=1)
    assert leaving == [nine, nine + timedelta(minutes=5), nine + timedelta(minutes=10)]
