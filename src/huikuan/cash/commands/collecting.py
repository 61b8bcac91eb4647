"""A bank line that collects a bill of exchange: the bill is paid; no receipt, for its items were paid when it came."""

from datetime import datetime

from django.db import transaction

from huikuan.cash.commands.bills import move_bill
from huikuan.cash.commands.setting_aside import LineNotOpen
from huikuan.cash.models import SetAside, StatementLine
from huikuan.kernel.money import format_decimal
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import User
from huikuan.receivables.commands.account import today_of
from huikuan.receivables.models import Bill
from huikuan.receivables.models.bill import BillState


class LineIsNotTheBill(Refusal):
    """A bill is paid whole, to whom it belongs."""

    code = "bill.line-is-not-the-bill"
    text = gettext_noop("The line is not bill {number}: entity, currency and amount must be the same.")


@transaction.atomic
def collect_bill(*, line_id: int, bill_id: int, actor: User | None, now: datetime) -> Bill:
    """Write down that a line is the payment of a bill: the bill is paid, the line waits no more (`take_up` undoes it).

    Raises: LineNotOpen, LineIsNotTheBill, and those of `move_bill`.
    """
    line = StatementLine.objects.select_for_update(of=("self",)).select_related("account__entity").get(pk=line_id)
    entity = line.account.entity
    if line.receipt_id is not None or line.set_asides.filter(ended_at=None).exists():
        raise LineNotOpen(day=line.booked_on, amount=format_decimal(line.amount_minor, line.currency))
    bill = Bill.objects.get(pk=bill_id)
    if (bill.entity_id, bill.currency, bill.amount_minor) != (entity.pk, line.currency, line.amount_minor):
        raise LineIsNotTheBill(number=bill.number)
    SetAside.objects.create(
        line=line, why=SetAside.Why.BILL, bill=bill, reason=bill.number, placed_at=now, placed_by=actor
    )
    return move_bill(
        bill_id=bill_id, state=BillState.PAID, on=max(line.value_on or line.booked_on, bill.moved_on),
        as_of=today_of(entity, now), actor=actor, now=now, note=line.bank_reference,
    )  # fmt: skip
