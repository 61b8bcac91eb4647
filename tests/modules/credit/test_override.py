"""A grade set by hand has a reason and an end, replaces the one before, and leaves its trace."""

from datetime import UTC, date, datetime, timedelta

import pytest

from huikuan.credit.commands import NoOverride, OverrideEndsBadly, OverrideNeedsReason, override_grade, release_grade
from huikuan.credit.models import Grade
from huikuan.credit.queries import grade_panel
from huikuan.journal.models import Entry
from huikuan.parties.models import Customer, Entity, User

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)
TODAY = date(2026, 11, 21)


@pytest.fixture
def manager():
    return User.objects.create_user(username="wang")


@pytest.fixture
def customer():
    entity = Entity.objects.create(code="MAIN", name="鼎合物业", created_at=NOON)
    return Customer.objects.create(entity=entity, code="K1", name="天河商贸", created_at=NOON)


def set_b(customer, manager, **changes):
    words = {"letter": "B", "reason": "新股东注资", "starts_on": TODAY, "ends_on": TODAY + timedelta(days=90)}
    return override_grade(customer_id=customer.pk, actor=manager, now=NOON, **words | changes)


def test_an_override_holds_from_its_first_to_its_last_day(customer, manager):
    set_b(customer, manager)
    assert grade_panel(customer.pk, as_of=TODAY).override.letter == "B"
    assert grade_panel(customer.pk, as_of=TODAY + timedelta(days=90)).override.letter == "B"
    assert grade_panel(customer.pk, as_of=TODAY + timedelta(days=91)).override is None
    assert Entry.objects.get().event == "credit.grade-overridden"


def test_a_second_override_replaces_the_first(customer, manager):
    set_b(customer, manager)
    set_b(customer, manager, letter="A")
    assert [o.letter for o in customer.grade_overrides.filter(ended_at=None)] == ["A"]
    assert customer.grade_overrides.count() == 2


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"reason": "  "}, OverrideNeedsReason),
        ({"ends_on": TODAY - timedelta(days=1)}, OverrideEndsBadly),
        ({"ends_on": TODAY + timedelta(days=367)}, OverrideEndsBadly),
    ],
)
def test_a_bad_override_is_refused_and_changes_nothing(customer, manager, changes, refusal):
    with pytest.raises(refusal, match="天河商贸"):
        set_b(customer, manager, **changes)
    assert not customer.grade_overrides.exists()
    assert not Entry.objects.exists()


def test_releasing_ends_it_once(customer, manager):
    set_b(customer, manager)
    release_grade(customer_id=customer.pk, actor=manager, now=NOON)
    assert grade_panel(customer.pk, as_of=TODAY).override is None
    with pytest.raises(NoOverride):
        release_grade(customer_id=customer.pk, actor=manager, now=NOON)


def test_the_panel_shows_the_grade_of_the_day_with_its_points(customer):
    said = {
        "score": 70,
        "knocked_out_by": "",
        "points": {"late_share": 30, "size_class": 8},
        "weights": {"late_share": 30, "size_class": 15},
        "facts": {"settled_count": 4},
    }
    Grade.objects.create(
        customer=customer, letter="B", score=70, begun_on=date(2026, 1, 1), ended_on=date(2026, 6, 1), explanation=said
    )
    Grade.objects.create(customer=customer, letter="A", score=85, begun_on=date(2026, 6, 1), explanation=said)
    assert grade_panel(customer.pk, as_of=date(2026, 5, 1)).letter == "B"
    panel = grade_panel(customer.pk, as_of=TODAY)
    assert (panel.letter, panel.score) == ("A", 85)
    assert panel.points == (("late_share", 30, 30), ("size_class", 8, 15))
    assert grade_panel(customer.pk, as_of=date(2025, 1, 1)).letter == ""
