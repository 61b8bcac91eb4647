"""Who has a case."""

from datetime import datetime

from django.db import transaction

from huikuan.cases.commands.task import member_of
from huikuan.cases.models import Case, Task
from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import User
from huikuan.parties.queries import visible_to


class CaseUnknown(Refusal):
    """No such case, or one of a customer that the person may not see."""

    code = "cases.case-unknown"
    text = gettext_noop("There is no such case.")


class CaseClosed(Refusal):
    """A closed case has no owner to change."""

    code = "cases.case-closed"
    text = gettext_noop("Case {number} is closed.")


@transaction.atomic
def reassign_case(*, case_id: int, owner_id: int, actor: User, now: datetime) -> Case:
    """Give an open case, with the open tasks of its present owner, to another person of the entity.

    The customer's collector stays who he is: the next overdue spell is his again.

    Raises: CaseUnknown, CaseClosed, NotOfThisEntity.
    """
    case = Case.objects.select_for_update().filter(pk=case_id, customer__in=visible_to(actor)).first()
    if case is None:
        raise CaseUnknown
    if case.closed_on is not None:
        raise CaseClosed(number=case.number)
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
