"""A wallet's statement beside the gateway: whichever comes first, the money is booked once, and a person may differ."""

import pytest

from huikuan.cash.commands.accounts import add_account
from huikuan.cash.commands.matching import assign_line, match_lines
from huikuan.cash.commands.setting_aside import take_up
from huikuan.cash.commands.statements import import_statement
from huikuan.cash.models import Match, SetAside, StatementLine
from huikuan.cash.ports import open_statement
from huikuan.cash.queries.lines import open_lines
from huikuan.cash.rules.payment import Verdict
from huikuan.journal.models import Entry
from huikuan.receivables.models import Receipt
from tests.payments import press
from tests.people import NOON

pytestmark = pytest.mark.django_db

HEADINGS = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),备注,业务凭证号"


@pytest.fixture
def wallet(huatai, tmp_path):
    """Import the fund bill of a merchant: (kind, yuan, our number or other words)."""
    account = add_account(entity_id=huatai.pk, number="1900000109", currency="CNY", actor=None, now=NOON)

    def brought(*told: tuple[str, str, str]):
        path, balance, written = tmp_path / "资金账单.csv", 0, [HEADINGS]
        for at, (kind, yuan, number) in enumerate(told):
            minor = round(float(yuan) * 100)
            balance += minor
            way = "收入" if minor > 0 else "支出"
            written.append(
                f"2026-07-12 09:0{at}:00,4200{at},F{at},{kind},{kind},{way},{abs(minor) / 100:.2f},{balance / 100:.2f},"
                f",{number}"
            )
        path.write_text("\n".join(written), encoding="utf-8")
        return import_statement(
            entity_id=huatai.pk, source=open_statement(path, profile="wechat_merchant"), path=path, actor=None,
            now=NOON, chosen=account,
        )  # fmt: skip

    return brought


def asides():
    return list(SetAside.objects.filter(ended_at=None).order_by("line__row").values_list("why", "payment", "reason"))


def money():
    return sum(Receipt.objects.values_list("amount_minor", flat=True))


def test_the_statement_comes_after_the_news(payer, sandbox, wallet, huatai):
    payment = payer.begin()
    press(sandbox, payment, "pay")
    payment.refresh_from_db()
    imported = wallet(
        ("交易", "1250.00", payment.number), ("扣除交易手续费", "-7.50", payment.number), ("提现", "-100", "W")
    )
    name = payment.receipt.reference
    assert imported.recognized_count == 2
    assert asides() == [("GATEWAY_PAYMENT", payment.pk, name), ("GATEWAY_FEE", payment.pk, name)]
    assert match_lines(entity_id=huatai.pk, now=NOON).lines == 0
    assert money() == 125_000
    assert Entry.objects.filter(event="cash.gateway-lines-recognized").count() == 1


def test_the_statement_comes_before_the_news_and_waits(payer, sandbox, wallet):
    payment = payer.begin()
    wallet(("交易", "1250.00", payment.number), ("扣除交易手续费", "-7.50", payment.number))
    assert asides() == []
    assert press(sandbox, payment, "pay") == [Verdict.BOOKED]
    assert [why for why, _, _ in asides()] == ["GATEWAY_PAYMENT", "GATEWAY_FEE"]
    assert money() == 125_000


@pytest.mark.parametrize("whose", ["his", "another's", "nobody's"])
def test_the_statement_was_booked_before_the_news_and_nothing_is_booked_twice(
    payer, sandbox, wallet, huatai, binhai, finance, whose
):
    payment = payer.begin(payer.fresh)
    wallet(("交易", "250.00", payment.number))
    line = StatementLine.objects.get()
    taken_for = payer.customer if whose == "his" else binhai
    assign_line(line_id=line.pk, customer_id=taken_for.pk, parts=[], actor=finance, now=NOON)
    if whose == "nobody's":
        Receipt.objects.update(customer=None)
        Match.objects.update(undone_at=NOON)
    assert press(sandbox, payment, "pay") == [Verdict.BOOKED]
    payment.refresh_from_db()
    line.refresh_from_db()
    assert (payment.state, payment.receipt, money()) == ("PAID", line.receipt, 25_000)
    assert payment.receipt.customer == payer.customer
    payer.fresh.refresh_from_db()
    assert payer.fresh.open_minor == (25_000 if whose == "his" else 0), "what a person decided for him stands"
    assert Match.objects.filter(undone_at=None).exists() == (whose == "his")
    assert press(sandbox, payment, "pay") == [Verdict.REPEATED]
    assert money() == 25_000


def test_booked_before_with_another_amount_a_person_looks(payer, sandbox, wallet, finance):
    payment = payer.begin(payer.fresh)
    wallet(("交易", "249.00", payment.number))
    assign_line(
        line_id=StatementLine.objects.get().pk, customer_id=payer.customer.pk, parts=[], actor=finance, now=NOON
    )
    assert press(sandbox, payment, "pay") == [Verdict.AMOUNT_DIFFERS]
    assert money() == 24_900


def test_what_a_person_puts_back_is_his_to_decide(payer, sandbox, wallet, huatai, finance):
    payment = payer.begin()
    press(sandbox, payment, "pay")
    wallet(("交易", "1250.00", payment.number))
    line = StatementLine.objects.get()
    take_up(line_id=line.pk, actor=finance, now=NOON)
    assert open_lines(entity_id=huatai.pk).get() == line
    done = match_lines(entity_id=huatai.pk, now=NOON)
    assert (done.lines, done.automatic) == (1, 0)
    assert money() == 125_000
    assert asides() == []


def test_a_second_payment_with_our_number_stays_open(payer, sandbox, wallet, huatai):
    payment = payer.begin()
    press(sandbox, payment, "pay")
    wallet(("交易", "1250.00", payment.number), ("交易", "1250.00", payment.number))
    assert [why for why, _, _ in asides()] == ["GATEWAY_PAYMENT"]
    assert open_lines(entity_id=huatai.pk).count() == 1
