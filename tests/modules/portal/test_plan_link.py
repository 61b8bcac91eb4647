"""A plan behind its link: read, accepted once with a name, or declined once with a reason."""

from datetime import timedelta

import pytest

from huikuan.arrangements.commands.linking import issue_plan_link
from huikuan.arrangements.commands.planning import PlanNotInState, draft_plan, propose_plan
from huikuan.arrangements.models import Plan
from huikuan.arrangements.rules.schedule import Shape
from huikuan.cases.models import Case, Task
from huikuan.cash.commands.receive import receive_money
from huikuan.journal.files import read_file
from huikuan.journal.models import Entry, StoredFile
from huikuan.parties.commands.links import revoke_link
from huikuan.parties.models import SignedLink
from tests.modules.portal.conftest import another_link, path_of

pytestmark = pytest.mark.django_db

YES = {"name": "  王  丽 ", "agreed": "on"}


@pytest.fixture
def plan(debtor, owner, now, today, settings, tmp_path) -> Plan:
    """An approved plan over what Tianhe owes late, in three parts."""
    settings.MEDIA_ROOT = tmp_path
    drafted = draft_plan(
        customer_id=debtor.customer.pk, currency="CNY", shape=Shape(3, today + timedelta(days=3), first_ppm=300_000),
        as_of=today, actor=owner, now=now,
    )  # fmt: skip
    return propose_plan(plan_id=drafted.pk, as_of=today, actor=owner, now=now)


@pytest.fixture
def link(plan, now) -> SignedLink:
    return issue_plan_link(plan_id=plan.pk, now=now)


def text_of(answer) -> str:
    return answer.content.decode()


def state_of(plan):
    plan.refresh_from_db()
    return plan.state


def test_the_customer_reads_what_he_accepts(client, plan, link):
    page = text_of(client.get(f"{path_of(link)}?lang=en"))
    assert plan.number in page
    for part in plan.installments.all():
        assert part.due_on.isoformat() in page
    assert "everything unpaid is due at once" in page
    assert client.get(f"{path_of(link)}agreement.pdf?lang=en").content.startswith(b"%PDF")
    assert 'lang="zh-hans"' in text_of(client.get(f"{path_of(link)}?lang=zh-hans"))


def test_he_accepts_once_and_the_plan_runs(client, plan, link):
    answer = client.post(f"{path_of(link)}acceptance/?lang=en", YES)
    assert answer.status_code == 303
    assert state_of(plan) == "RUNNING"
    assert (plan.accepted_how, plan.evidence.startswith("王 丽 · ")) == ("LINK", True)
    kept = StoredFile.objects.get(subject_id=plan.pk)
    assert kept.sha256 in plan.evidence
    assert read_file(kept).startswith(b"%PDF")
    assert Entry.objects.filter(event="limitation.interrupted").exists()
    after = text_of(client.get(answer["Location"]))
    assert "Accepted on" in after
    assert "acceptance/" not in after
    again = client.post(f"{path_of(link)}acceptance/?lang=en", YES)
    assert (again.status_code, Entry.objects.filter(event="arrangements.plan-accepted").count()) == (409, 1)
    assert client.post(f"{path_of(link)}refusal/?lang=en", {"reason": "no"}).status_code == 409
    assert state_of(plan) == "RUNNING"


@pytest.mark.parametrize("said", [{"name": "王丽"}, {"agreed": "on"}, {"name": "  ", "agreed": "on"}])
def test_without_name_and_tick_nothing_is_accepted(client, plan, link, said):
    answer = client.post(f"{path_of(link)}acceptance/?lang=en", said)
    assert answer.status_code == 409
    assert "Type your name" in text_of(answer)
    link.refresh_from_db()
    assert (state_of(plan), link.used_at) == ("APPROVED", None)


def test_he_declines_with_a_reason(client, plan, link):
    assert client.post(f"{path_of(link)}refusal/?lang=en", {"reason": " "}).status_code == 409
    answer = client.post(f"{path_of(link)}refusal/?lang=en", {"reason": "only from October"})
    assert answer.status_code == 303
    assert state_of(plan) == "WITHDRAWN"
    assert "only from October" in plan.changes.order_by("-pk").first().reason
    assert "no longer offered" in text_of(client.get(answer["Location"]))


def test_what_he_declines_is_a_task_for_the_owner_of_the_case_once(client, plan, link, colleague, today, now):
    case = Case.objects.create(
        entity=plan.entity, customer=plan.customer, number="AJ-1", opened_on=today, owner=colleague,
        next_action="CALL", next_action_on=today,
    )  # fmt: skip
    for _ in range(2):
        client.post(f"{path_of(link)}refusal/?lang=en", {"reason": "only  from October"})
    task = Task.objects.get()
    assert (task.step_code, task.kind, task.note) == ("plan_declined", "REVIEW", "only from October")
    assert (task.case, task.owner, task.due_on, task.overdue_minor) == (case, colleague, today, plan.total_minor)
    client.force_login(colleague)
    assert "only from October" in text_of(client.get("/worklist/"))
    assert "only from October" in text_of(client.get(f"/cases/{case.pk}/?task={task.pk}"))


def test_without_a_case_the_collector_is_asked_and_a_refusal_without_reason_asks_nobody(client, plan, link, owner):
    client.post(f"{path_of(link)}refusal/", {"reason": " "})
    assert not Task.objects.exists()
    client.post(f"{path_of(link)}refusal/", {"reason": "no"})
    assert Task.objects.get().owner == owner


def test_a_plan_that_money_has_overtaken_is_not_accepted_and_the_link_not_used(client, plan, link, debtor, now, today):
    receive_money(
        entity_id=plan.entity_id, customer_id=plan.customer_id, reference="B1", received_on=today, currency="CNY",
        amount_minor=50_000, allocate=[(debtor.late.pk, 50_000)], actor=None, now=now,
    )  # fmt: skip
    answer = client.post(f"{path_of(link)}acceptance/?lang=en", YES)
    link.refresh_from_db()
    assert (answer.status_code, state_of(plan), link.used_at) == (409, "APPROVED", None)
    assert not StoredFile.objects.exists()


PLACES = (("get", ""), ("get", "agreement.pdf"), ("post", "acceptance/"), ("post", "refusal/"))


def statuses(client, link, places=PLACES):
    base = path_of(link) if isinstance(link, SignedLink) else link
    return {getattr(client, method)(f"{base}{place}", YES | {"reason": "x"}).status_code for method, place in places}


def test_nobody_else_gets_anything(client, plan, link, binhai, debtor, now):
    assert statuses(client, path_of(link).replace(f"/{link.pk}.", f"/{link.pk + 1}.")) == {404}
    assert statuses(client, debtor.link, PLACES[1:]) == {404}
    revoke_link(link_id=link.pk, actor=None, now=now)
    foreign = another_link(binhai, SignedLink.Purpose.PLAN, now=now, about=f"plan:{plan.pk}")
    assert statuses(client, foreign) == {404}
    assert statuses(client, link) == {410}
    assert state_of(plan) == "APPROVED"


def test_only_an_approved_plan_has_a_link(plan, link, client, now):
    client.post(f"{path_of(link)}refusal/", {"reason": "no"})
    with pytest.raises(PlanNotInState):
        issue_plan_link(plan_id=plan.pk, now=now)
