"""Reconciliation in the demo: statements of last month with every kind of answer, and bills of exchange."""

from datetime import date, datetime, timedelta
from typing import Final

from huikuan.cash.commands.account_statements import make_statements, send_statement
from huikuan.cash.commands.bills import Paper, move_bill, receive_bill
from huikuan.cash.commands.statement_answers import Answerer, Difference, confirm_statement, report_differences
from huikuan.cash.models import AccountStatement
from huikuan.kernel.days import add_days, month_start
from huikuan.parties.commands.links import issue_link
from huikuan.parties.models import SignedLink
from huikuan.receivables.models import OpenItem

ENTITY: Final = "MAIN"
CUSTOMERS: Final = 8
AT_MOST_MINOR: Final = 200_000_00
ACCEPTORS: Final = ("中国建设银行广州天河支行", "招商银行深圳分行")


def reconcile(*, as_of: date, now: datetime) -> list[AccountStatement]:
    """State last month to a few customers: one confirms, one objects, others are silent; two give a bill."""
    items = OpenItem.objects.filter(
        entity__code=ENTITY, settled_on=None, currency="CNY", open_minor__lte=AT_MOST_MINOR, due_on__lt=as_of
    )
    owing = {item.customer_id: item for item in items.order_by("-due_on", "-pk")[:200]}
    chosen = sorted(owing)[:CUSTOMERS]
    if not chosen:
        return []
    last_on = add_days(month_start(as_of), -1)
    made = make_statements(
        entity_id=owing[chosen[0]].entity_id, customer_ids=chosen, starts_on=month_start(last_on), ends_on=last_on,
        as_of=as_of, now=now, actor=None,
    )  # fmt: skip
    for statement in made[1:]:
        send_statement(statement_id=statement.pk, as_of=as_of, now=now, actor=None)
    if len(made) > 1:
        confirm_statement(statement_id=made[1].pk, by=_by(made[1], now), as_of=as_of, now=now)
    if len(made) > 2:  # noqa: PLR2004  the third
        number = owing[made[2].customer_id].number
        said = Difference(number, made[2].closing_minor // 100 * 90, "到货少两箱，已在送货单上注明。")
        report_differences(statement_id=made[2].pk, differences=[said], by=_by(made[2], now), now=now)
    for place, customer_id in enumerate(chosen[-2:]):
        _bill(owing[customer_id], place, as_of=as_of, now=now)
    return made


def _by(statement: AccountStatement, now: datetime) -> Answerer:
    link = issue_link(
        customer_id=statement.customer_id, purpose=SignedLink.Purpose.STATEMENT, about=f"statement:{statement.pk}",
        expires_at=now + timedelta(days=60), now=now,
    )  # fmt: skip
    return Answerer("李会计", link_id=link.pk)


def _bill(item: OpenItem, place: int, *, as_of: date, now: datetime) -> None:
    """Let a customer pay an item by a bill: the first matures soon, the second was endorsed onward with recourse."""
    payee = item.entity.name
    paper = Paper(
        number=f"1{104_000 + place:012d}{as_of:%Y%m%d}{item.pk:08d}{place}", kind="BANK", drawer=item.customer.name,
        acceptor=ACCEPTORS[place], payee=payee, amount_minor=item.open_minor, issued_on=as_of - timedelta(days=90),
        matures_on=as_of + timedelta(days=5 + 60 * place), endorsements=[(item.customer.name, payee)],
    )  # fmt: skip
    bill = receive_bill(
        customer_id=item.customer_id, paper=paper, received_on=as_of, actor=None, now=now,
        allocate=[(item.pk, item.open_minor)],
    )  # fmt: skip
    if place:
        move_bill(
            bill_id=bill.pk, state="ENDORSED", on=as_of, as_of=as_of, actor=None, now=now, holder="宝丰钢材有限公司",
            is_with_recourse=True,
        )  # fmt: skip
