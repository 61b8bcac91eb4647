"""Who has a case, and when it goes on."""

from datetime import date, datetime, timedelta

from django.db import transaction

from huikuan.cases.commands.task import member_of
from huikuan.cases.models import Case, Task
from huikuan.journal.commands import record
from huikuan.journal.models import Entry
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.commands.customers import assign_collector
from huikuan.parties.models import User
from huikuan.parties.queries import may_see
from huikuan.policy.commands import place_hold, release_hold
from huikuan.policy.models import Hold
from huikuan.policy.queries import standing_by_hand

POSTPONED = "cases.next-action-postponed"


class CaseUnknown(Refusal):
    """No such case, or one of a customer that the person may not see."""

    code = "cases.case-unknown"
    text = gettext_noop("There is no such case.")


class CaseClosed(Refusal):
    """A closed case has no owner to change."""

    code = "cases.case-closed"
    text = gettext_noop("Case {number} is closed.")


class NextActionInPast(Refusal):
    """What is to come comes after today."""

    code = "cases.next-action-in-past"
    text = gettext_noop("Choose a day after today: what is due today is done today.")


class NextActionNotSet(Refusal):
    """There is nothing to take back."""

    code = "cases.next-action-not-set"
    text = gettext_noop("The next action was not set by hand, or it has been taken back already.")


@transaction.atomic
def reassign_case(*, case_id: int, owner_id: int, actor: User, now: datetime) -> Case:
    """Give an open case, with the open tasks of its present owner, to another person of the entity.

    The customer's collector stays who he is: the next overdue spell is his again.

    Raises: CaseUnknown, CaseClosed, NotOfThisEntity.
    """
    case = _open_case(case_id, actor)
    owner = member_of(case.entity_id, owner_id, entity_code=case.entity.code)
    before = case.owner_id
    open_tasks = Task.objects.filter(case=case, owner_id=before, done_at=None, cancelled_at=None)
    moved = open_tasks.update(owner=owner)
    case.owner = owner
    case.save(update_fields=["owner"])
    record(
        "cases.case-reassigned",
        now=now,
        actor=actor,
        entity_id=case.entity_id,
        customer_id=case.customer_id,
        subject=case,
        owner_id=owner.pk,
        before_owner_id=before,
        tasks_moved=moved,
    )
    return case


@transaction.atomic
def hand_over_case(*, case_id: int, owner_id: int, actor: User, now: datetime) -> Case:
    """Give an open case and its customer to another collector: one collector per customer (product N1).

    Without the customer the new owner could not even see the case.

    Raises: what `reassign_case` raises.
    """
    case = reassign_case(case_id=case_id, owner_id=owner_id, actor=actor, now=now)
    assign_collector(
        customer_ids=[case.customer_id], collector=case.owner, entity=case.entity, actor=actor, now=now
    )  # fmt: skip
    return case


@transaction.atomic
def postpone_next_action(*, case_id: int, on: date, reason: str, today: date, actor: User, now: datetime) -> Case:
    """Let nothing happen in a case before a day: a hold by hand until the day before, which every run keeps to.

    It takes the place of an earlier pause by hand.

    Args:
        case_id: An open case of a customer the actor may see.
        on: The day on which dunning goes on; within the policy's limit for holds by hand.
        reason: In words.
        today: The entity's day.
        actor: Who.
        now: Instant.

    Raises: CaseUnknown, CaseClosed, NextActionInPast, and what `place_hold` raises.
    """
    case = _open_case(case_id, actor)
    if on <= today:
        raise NextActionInPast
    for earlier in standing_by_hand(case.customer_id, today, on - timedelta(days=1), item_id=None):
        release_hold(hold_id=earlier.pk, released_on=today, actor=actor, now=now)
    hold = place_hold(
        customer_id=case.customer_id, kind=Hold.Kind.MANUAL, starts_on=today, ends_on=on - timedelta(days=1),
        reason=reason, actor=actor, now=now,
    )  # fmt: skip
    before = case.next_action_on
    case.next_action_on = on
    case.save(update_fields=["next_action_on"])
    record(
        POSTPONED, now=now, actor=actor, entity_id=case.entity_id, customer_id=case.customer_id, subject=case,
        hold_id=hold.pk, next_action_on=on, before_on=before, reason=reason,
    )  # fmt: skip
    return case


@transaction.atomic
def resume_next_action(*, case_id: int, today: date, actor: User, now: datetime) -> Case:
    """Take the latest postponement back: its hold ends today, the day of the next action is the one before.

    Raises: CaseUnknown, CaseClosed, NextActionNotSet, HoldOver.
    """
    case = _open_case(case_id, actor)
    entry = Entry.objects.filter(event=POSTPONED, subject_id=case.pk).order_by("-pk").first()
    hold = None if entry is None else Hold.objects.filter(pk=entry.facts["hold_id"], released_at=None).first()
    if entry is None or hold is None:
        raise NextActionNotSet
    release_hold(hold_id=hold.pk, released_on=today, actor=actor, now=now)
    case.next_action_on = date.fromisoformat(entry.facts["before_on"])
    case.save(update_fields=["next_action_on"])
    record(
        "cases.next-action-resumed", now=now, actor=actor, entity_id=case.entity_id, customer_id=case.customer_id,
        subject=case, hold_id=hold.pk, next_action_on=case.next_action_on,
    )  # fmt: skip
    return case


def _open_case(case_id: int, actor: User) -> Case:
    """Lock an open case that the actor may see. Raises CaseUnknown, CaseClosed."""
    case = Case.objects.select_for_update().filter(may_see(actor), pk=case_id).first()
    if case is None:
        raise CaseUnknown
    if case.closed_on is not None:
        raise CaseClosed(number=case.number)
    return case
