"""When the scheduler starts the day: from the hour on, on the entity's clock, once, and again if it was left lying."""

from datetime import UTC, date, datetime, timedelta

import pytest

from huikuan.policy.commands import install_default
from huikuan.runs.jobs import ABANDONED_AFTER, due_entities, run_due
from huikuan.runs.models import Run
from tests.people import NOON

pytestmark = pytest.mark.django_db

SIX_IN_SHANGHAI = datetime(2026, 7, 9, 22, 0, tzinfo=UTC)


@pytest.fixture
def policy(huatai):
    return install_default(entity_id=huatai.pk, starts_on=date(2020, 1, 1), now=NOON)


def test_the_day_is_due_from_the_hour_on_the_entitys_clock(huatai, policy):
    assert due_entities(now=SIX_IN_SHANGHAI - timedelta(seconds=1), from_hour=6) == []
    assert due_entities(now=SIX_IN_SHANGHAI, from_hour=6) == [huatai]
    huatai.time_zone = "Europe/Berlin"
    huatai.save()
    assert due_entities(now=SIX_IN_SHANGHAI, from_hour=6) == []


def test_an_entity_without_a_policy_is_left_alone(huatai):
    assert due_entities(now=NOON, from_hour=6) == []


def test_the_day_is_run_once(huatai, policy):
    (run,) = run_due(now=SIX_IN_SHANGHAI, from_hour=6)
    assert (run.as_of, run.state) == (date(2026, 7, 10), "DONE")
    assert run_due(now=NOON, from_hour=6) == []
    assert run_due(now=NOON + timedelta(days=1), from_hour=6)[0].as_of == date(2026, 7, 11)


def test_a_run_that_was_left_lying_is_taken_up_again(huatai, policy):
    (run,) = run_due(now=SIX_IN_SHANGHAI, from_hour=6)
    Run.objects.filter(pk=run.pk).update(state="RUNNING", ended_at=None)
    assert due_entities(now=SIX_IN_SHANGHAI + ABANDONED_AFTER, from_hour=6) == []
    later = SIX_IN_SHANGHAI + ABANDONED_AFTER + timedelta(seconds=1)
    assert due_entities(now=later, from_hour=6) == [huatai]
    (again,) = run_due(now=later, from_hour=6)
    assert (again.pk, again.state) == (run.pk, "DONE")


def test_a_later_day_already_run_by_hand_is_left_alone(huatai, policy):
    run_due(now=NOON + timedelta(days=1), from_hour=6)
    assert run_due(now=NOON, from_hour=6) == []
