"""Plans: drafted within the policy or approved by others, accepted, kept, broken, replaced."""

from datetime import date, timedelta

import pytest

from huikuan.arrangements.commands import approvals, planning
from huikuan.arrangements.commands.deciding import decide_approval
from huikuan.arrangements.commands.planning import accept_plan, call_off_plan, draft_plan, propose_plan
from huikuan.arrangements.commands.plans import judge_plans, judge_plans_due
from huikuan.arrangements.models import Approval, Plan, PlanChange
from huikuan.arrangements.queries.claim import claim_on
from huikuan.arrangements.rules.schedule import Kind, Shape
from huikuan.journal.models import Entry
from huikuan.outreach.models import Delivery
from huikuan.policy.models import Hold
from huikuan.receivables.commands.allocations import BY_THE_ORDER
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.receipts import book_receipt
from huikuan.receivables.commands.returns import return_receipt
from huikuan.receivables.models import PenaltyWaiver
from tests.modules.arrangements.conftest import instant
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db

START = date(2026, 7, 15)
"""A Wednesday; its grace ends on Monday 20 July."""
WITHIN = Shape(3, START, first_ppm=300_000)
PENALTY = 600_000 * 40 // 2000 + 400_000 * 10 // 2000
TOTAL = 1_000_000 + PENALTY


def drafted(customer, actor, shape=WITHIN, **fields):
    return draft_plan(
        customer_id=customer.pk, currency="CNY", shape=shape, as_of=TODAY, actor=actor, now=NOON, **fields
    )  # fmt: skip


def running(customer, actor, decider=None, **fields):
    plan = propose_plan(plan_id=drafted(customer, actor, **fields).pk, as_of=TODAY, actor=actor, now=NOON)
    for approval in Approval.objects.filter(about=f"plan:{plan.pk}"):
        decide_approval(approval_id=approval.pk, is_granted=True, note="", as_of=TODAY, actor=decider, now=NOON)
    return accepted(plan, actor)


def accepted(plan, actor, on=TODAY):
    return accept_plan(
        plan_id=plan.pk, how="SIGNATURE", evidence="agreement-signed.pdf", as_of=on, actor=actor, now=instant(on)
    )  # fmt: skip


def pay(customer, minor, on):
    receipt = book_receipt(
        customer_id=customer.pk, reference=f"R-{on}-{minor}", received_on=on, amount_minor=minor, actor=None,
        now=instant(on),
    )  # fmt: skip
    judge_plans(customer_id=customer.pk, as_of=on, now=instant(on))
    return receipt


def night(customer, on):
    return judge_plans_due(entity_id=customer.entity_id, as_of=on, now=instant(on))


def test_a_plan_is_the_claim_with_its_penalty_to_the_cent(owing, owner):
    plan = drafted(owing, owner)
    assert (plan.principal_minor, plan.penalty_minor, plan.total_minor) == (1_000_000, PENALTY, TOTAL)
    amounts = list(plan.installments.order_by("number").values_list("amount_minor", flat=True))
    assert amounts == [304_200, 354_900, 354_900]
    assert (sum(amounts), plan.outside, plan.number) == (TOTAL, [], "PLAN-MAIN-2026-000001")


def test_within_the_limits_nobody_is_asked(owing, owner):
    plan = running(owing, owner)
    assert not Approval.objects.exists()
    assert (plan.state, plan.agreed_on, plan.next_on) == ("RUNNING", TODAY, date(2026, 7, 20))
    holds = Hold.objects.filter(kind="PLAN")
    assert {hold.item.number for hold in holds} == {"INV-1", "INV-2"}
    assert {hold.ends_on for hold in holds} == {plan.ends_on}
    entry = Entry.objects.get(event="limitation.interrupted")
    assert (entry.facts["cause"], entry.facts["evidence"]) == ("PLAN_ACCEPTED", "agreement-signed.pdf")
    assert Delivery.objects.get().about == f"plan:{plan.pk}"


def test_outside_the_limits_others_decide(owing, owner, colleague, finance):
    plan = drafted(owing, owner, shape=Shape(9, START), waived_minor=5_000)
    assert plan.outside == ["FIRST_TOO_SMALL", "TOO_LONG", "TOO_MUCH_WAIVED"]
    propose_plan(plan_id=plan.pk, as_of=TODAY, actor=owner, now=NOON)
    approval = Approval.objects.get()
    assert (approval.role, approval.amount_minor, approval.about) == ("MANAGER", TOTAL, f"plan:{plan.pk}")
    ask = {"approval_id": approval.pk, "is_granted": True, "note": "", "as_of": TODAY, "now": NOON}
    with pytest.raises(approvals.ApprovalOfOwn):
        decide_approval(**ask, actor=owner)
    with pytest.raises(approvals.ApprovalByOtherRole):
        decide_approval(**ask, actor=finance)
    with pytest.raises(approvals.ApprovalReasonMissing):
        decide_approval(**{**ask, "is_granted": False}, actor=colleague)
    with pytest.raises(planning.PlanNotInState):
        accepted(plan, owner)
    decide_approval(**ask, actor=colleague)
    assert accepted(plan, owner).state == "RUNNING"
    with pytest.raises(approvals.ApprovalDecided):
        decide_approval(**ask, actor=colleague)


def test_large_amounts_need_two_people_and_one_no_is_enough(owing, owner, colleague, finance, outsider):
    book_item(
        customer_id=owing.pk, number="BIG", amount_minor=20_000_000, issued_on=TODAY - timedelta(days=50),
        due_on=TODAY - timedelta(days=5), actor=None, now=NOON,
    )  # fmt: skip
    plan = propose_plan(
        plan_id=drafted(owing, owner, shape=Shape(9, START)).pk, as_of=TODAY, actor=owner, now=NOON
    )  # fmt: skip
    asked = {each.role: each.pk for each in Approval.objects.all()}
    assert set(asked) == {"MANAGER", "FINANCE"}
    with pytest.raises(approvals.ApprovalUnknown):
        decide_approval(approval_id=asked["FINANCE"], is_granted=True, note="", as_of=TODAY, actor=outsider, now=NOON)
    decide_approval(approval_id=asked["MANAGER"], is_granted=True, note="", as_of=TODAY, actor=colleague, now=NOON)
    plan.refresh_from_db()
    assert plan.state == "PROPOSED"
    decide_approval(
        approval_id=asked["FINANCE"], is_granted=False, note="期限太长", as_of=TODAY, actor=finance, now=NOON
    )
    plan.refresh_from_db()
    assert plan.state == "DRAFTED"
    assert PlanChange.objects.filter(plan=plan).latest("pk").reason == "期限太长"


def test_a_kept_plan_is_fulfilled_and_what_accrued_meanwhile_is_forgiven(owing, owner, colleague):
    plan = running(owing, owner, colleague, waived_minor=4_000)
    assert plan.total_minor == TOTAL - 4_000
    pay(owing, plan.installments.get(number=1).amount_minor, START)
    rest = plan.total_minor - plan.installments.get(number=1).amount_minor
    pay(owing, rest, date(2026, 8, 3))
    plan.refresh_from_db()
    assert (plan.state, plan.paid_minor, plan.ended_on) == ("FULFILLED", plan.total_minor, date(2026, 8, 3))
    assert not Hold.objects.filter(released_on=None, ends_on__gte=date(2026, 8, 3)).exists()
    forgiven = Entry.objects.get(event="arrangements.plan-fulfilled").facts["forgiven_minor"]
    assert forgiven > 0
    waived = sum(PenaltyWaiver.objects.values_list("amount_minor", flat=True))
    assert waived == 4_000 + forgiven


def test_a_missed_part_breaks_the_plan_and_revives_the_penalty(owing, owner, colleague):
    plan = running(owing, owner, colleague, waived_minor=PENALTY)
    assert claim_on(owing, "CNY", as_of=TODAY).penalty_minor == 0
    assert night(owing, date(2026, 7, 20)) == []
    changed = night(owing, date(2026, 7, 21))
    assert [each.pk for each in changed] == [plan.pk]
    plan.refresh_from_db()
    assert (plan.state, plan.ended_on, plan.next_on) == ("BROKEN", date(2026, 7, 21), None)
    facts = Entry.objects.get(event="arrangements.plan-broken").facts
    accrued = PENALTY + 11 * 500
    assert (facts["missed"], facts["rest_minor"], facts["revived_minor"]) == (1, 1_000_000, PENALTY)
    assert facts["penalty_minor"] == accrued
    assert claim_on(owing, "CNY", as_of=date(2026, 7, 21)).penalty_minor == accrued
    assert not Hold.objects.filter(released_on=None).exists()


def test_money_in_time_that_is_booked_late_mends_a_broken_plan(owing, owner):
    plan = running(owing, owner)
    night(owing, date(2026, 7, 21))
    book_receipt(
        customer_id=owing.pk, reference="LATE-FILE", received_on=date(2026, 7, 17), amount_minor=304_200, actor=None,
        now=instant(date(2026, 7, 22)),
    )  # fmt: skip
    judge_plans(customer_id=owing.pk, as_of=date(2026, 7, 22), now=instant(date(2026, 7, 22)))
    plan.refresh_from_db()
    assert (plan.state, plan.ended_on, plan.paid_minor) == ("RUNNING", None, 304_200)
    assert Hold.objects.filter(released_on=None, kind="PLAN").count() == 2


def test_a_bounced_payment_takes_a_fulfilled_plan_up_again(owing, owner, colleague):
    plan = running(owing, owner, colleague, waived_minor=4_000)
    receipt = pay(owing, plan.total_minor, date(2026, 7, 13))
    plan.refresh_from_db()
    assert plan.state == "FULFILLED"
    day = date(2026, 7, 14)
    return_receipt(receipt_id=receipt.pk, actor=owner, now=instant(day), reason="退票", returned_on=day)
    judge_plans(customer_id=owing.pk, as_of=day, now=instant(day))
    plan.refresh_from_db()
    assert (plan.state, plan.paid_minor) == ("RUNNING", 0)
    assert sum(PenaltyWaiver.objects.values_list("amount_minor", flat=True)) == 4_000


def test_a_renegotiated_plan_gives_way_to_the_new_one(owing, owner):
    old = running(owing, owner)
    with pytest.raises(planning.PlanAlreadyRunning):
        accepted(propose_plan(plan_id=drafted(owing, owner).pk, as_of=TODAY, actor=owner, now=NOON), owner)
    new = running(owing, owner, shape=Shape(2, START, first_ppm=400_000), replaces_id=old.pk)
    old.refresh_from_db()
    assert (old.state, new.state, list(old.replaced_by.all())) == ("RENEGOTIATED", "RUNNING", [new])
    assert Hold.objects.filter(released_on=None).count() == 2


def test_what_changed_since_the_draft_cannot_be_accepted(owing, owner):
    stale = propose_plan(plan_id=drafted(owing, owner).pk, as_of=TODAY, actor=owner, now=NOON)
    with pytest.raises(planning.PlanStartPassed):
        accepted(stale, owner, on=date(2026, 7, 16))
    with pytest.raises(planning.PlanEvidenceMissing):
        accept_plan(plan_id=stale.pk, how="SIGNATURE", evidence="", as_of=TODAY, actor=owner, now=NOON)
    book_receipt(
        customer_id=owing.pk, reference="R", received_on=TODAY, amount_minor=100, actor=None, now=NOON,
        wish=BY_THE_ORDER,
    )  # fmt: skip
    with pytest.raises(planning.PlanOutOfDate):
        accepted(stale, owner)


def test_a_plan_is_called_off_at_any_stage(owing, owner, colleague):
    proposed = propose_plan(
        plan_id=drafted(owing, owner, shape=Shape(1, START)).pk, as_of=TODAY, actor=owner, now=NOON
    )  # fmt: skip
    live = running(owing, owner)
    for plan in (proposed, live):
        call_off_plan(plan_id=plan.pk, reason="客户改变主意", as_of=TODAY, actor=owner, now=NOON)
    assert set(Plan.objects.values_list("state", flat=True)) == {"WITHDRAWN"}
    assert Approval.objects.get().withdrawn_at == NOON
    assert not Hold.objects.filter(released_on=None).exists()
    with pytest.raises(planning.PlanNotInState):
        call_off_plan(plan_id=live.pk, reason="again", as_of=TODAY, actor=owner, now=NOON)


def test_a_long_plan_renews_its_holds(owing, owner, colleague):
    plan = running(owing, owner, colleague, shape=Shape(12, START, kind=Kind.CUSTOM, amounts=(TOTAL - 11, *[1] * 11)))
    first_end = Hold.objects.filter(kind="PLAN").first().ends_on
    assert first_end == TODAY + timedelta(days=189)
    pay(owing, TOTAL - 5, START)
    night(owing, first_end)
    assert Hold.objects.filter(kind="PLAN").count() == 2
    night(owing, first_end + timedelta(days=1))
    renewed = Hold.objects.filter(kind="PLAN", starts_on=first_end + timedelta(days=1))
    plan.refresh_from_db()
    assert plan.state == "RUNNING"
    assert {hold.ends_on for hold in renewed} == {plan.ends_on}
