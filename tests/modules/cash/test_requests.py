"""Nobody writes off or pays back alone; the last yes books it, and the loop closes."""

import pytest

from huikuan.arrangements.commands.approvals import ApprovalOfOwn
from huikuan.arrangements.commands.deciding import decide_approval
from huikuan.arrangements.models import Approval
from huikuan.cases.models import Case
from huikuan.cash.commands.requests import RequestWaiting, request_payout, request_write_off
from huikuan.cash.commands.reverse import ReasonMissing
from huikuan.receivables.commands.allocations import AllocationExceedsItem, AllocationExceedsMoney
from huikuan.receivables.models import WriteOff
from huikuan.receivables.queries.verify import verify
from tests.modules.cash.test_closing import DUE, LATE, receive
from tests.modules.runs.conftest import bill, morning, policy, run

__all__ = ["bill", "policy", "receive", "run"]

pytestmark = pytest.mark.django_db
NOW = morning(LATE)


def decide(who, *, is_granted=True):
    waiting = Approval.objects.get(decided_at=None, withdrawn_at=None)
    return decide_approval(
        approval_id=waiting.pk, is_granted=is_granted, note="seen", as_of=LATE, actor=who, now=NOW
    )  # fmt: skip


def test_a_write_off_is_booked_by_somebody_elses_yes(run, bill, tianhe, finance, colleague):
    item = bill(tianhe, "INV-1", DUE, 50_000)
    run(LATE)
    asked = request_write_off(item_id=item.pk, amount_minor=50_000, reason="破产", actor=finance, now=NOW)
    with pytest.raises(RequestWaiting):
        request_write_off(item_id=item.pk, amount_minor=1, reason="破产", actor=finance, now=NOW)
    assert not WriteOff.objects.exists()
    with pytest.raises(ApprovalOfOwn):
        decide(finance)
    decide(colleague)
    asked.refresh_from_db()
    item.refresh_from_db()
    assert (item.open_minor, asked.write_off.amount_minor, asked.write_off.about) == (
        0, 50_000, f"money-request:{asked.pk}",
    )  # fmt: skip
    case = Case.objects.get()
    assert (case.closed_on, case.closing) == (LATE, "SETTLED")
    assert verify().is_right


def test_a_no_books_nothing(bill, tianhe, finance, colleague):
    item = bill(tianhe, "INV-1", DUE, 50_000)
    asked = request_write_off(item_id=item.pk, amount_minor=50_000, reason="破产", actor=finance, now=NOW)
    decide(colleague, is_granted=False)
    asked.refresh_from_db()
    assert asked.declined_at is not None
    assert not WriteOff.objects.exists()


@pytest.mark.parametrize("kind", ["REFUND", "INCOME"])
def test_money_on_account_leaves_by_a_debit_note(bill, receive, tianhe, finance, colleague, kind):
    bill(tianhe, "INV-1", DUE, 50_000)
    receipt = receive(60_000, LATE)
    asked = request_payout(
        receipt_id=receipt.pk, kind=kind, amount_minor=10_000, reason="多付", actor=finance, now=NOW
    )  # fmt: skip
    decide(colleague)
    for row in (receipt, asked):
        row.refresh_from_db()
    assert (receipt.unapplied_minor, asked.debit_note.amount_minor, asked.debit_note.open_minor) == (0, 10_000, 0)
    assert verify().is_right


def test_what_cannot_be_asked(bill, receive, tianhe, finance):
    item, receipt = bill(tianhe, "INV-1", DUE, 50_000), receive(60_000, LATE)
    item.refresh_from_db()
    with pytest.raises(AllocationExceedsItem):
        request_write_off(item_id=item.pk, amount_minor=1, reason="破产", actor=finance, now=NOW)
    for minor, reason, no in ((10_001, "多付", AllocationExceedsMoney), (1, " ", ReasonMissing)):
        with pytest.raises(no):
            request_payout(
                receipt_id=receipt.pk, kind="REFUND", amount_minor=minor, reason=reason, actor=finance, now=NOW
            )  # fmt: skip
