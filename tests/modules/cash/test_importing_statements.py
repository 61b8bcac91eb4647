"""A statement is booked once: whole files, overlapping periods, other formats, equal lines of one day."""

from pathlib import Path

import pytest

from huikuan.cash.commands.accounts import add_account
from huikuan.cash.commands.matching import assign_line
from huikuan.cash.commands.setting_aside import LineNotOpen, set_aside, take_up
from huikuan.cash.commands.statements import (
    StatementMatched,
    StatementRepeatedLater,
    StatementWithdrawn,
    import_statement,
    preview_statement,
    withdraw_statement,
)
from huikuan.cash.models import BankAccount, StatementFile, StatementLine
from huikuan.cash.ports import open_statement
from huikuan.cash.queries.accounts import AccountDiffers, AccountUnclear, AccountUnknown, AccountUnnamed
from huikuan.cash.queries.lines import open_lines
from huikuan.cash.queries.returned import returns_among
from huikuan.cash.rules.judging import BalanceWrong
from huikuan.journal.models import Entry, StoredFile
from huikuan.receivables.commands.receipts import book_receipt
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db

FILES = Path(__file__).resolve().parents[2] / "data" / "bank"
HEADINGS = "记账日期,货币,交易金额,联机余额,交易摘要,对手信息,客户摘要"


@pytest.fixture
def account(huatai) -> BankAccount:
    return add_account(entity_id=huatai.pk, number="110012340022", currency="CNY", actor=None, now=NOON)


@pytest.fixture
def bring(huatai, account, tmp_path):
    """Import rows ("day amount words") as a file of the account."""

    def brought(name: str, *rows: str, opening: int = 0):
        path, balance, written = tmp_path / name, opening, [HEADINGS]
        for row in rows:
            day, amount, words = row.split(maxsplit=2)
            balance += int(amount)
            written.append(f"2026-07-{day},CNY,{amount}.00,{balance}.00,转账,天河电子有限公司,{words}")
        path.write_text("\n".join(written), encoding="utf-8")
        return import_statement(
            entity_id=huatai.pk, source=open_statement(path), path=path, actor=None, now=NOON, chosen=account
        ).accounts[0]

    return brought


def test_the_same_file_twice_books_nothing_twice(bring):
    first = bring("a.csv", "01 100 INV-1", "02 200 INV-2")
    again = bring("a.csv", "01 100 INV-1", "02 200 INV-2")
    assert (first.booked_count, again.booked_count, again.repeated_count) == (2, 0, 2)
    assert again.earlier == first.file
    assert StatementLine.objects.count() == 2
    assert StatementFile.objects.count() == 1


def test_an_overlapping_period_brings_only_what_is_new(bring):
    bring("a.csv", "01 100 INV-1", "02 200 INV-2")
    brought = bring("b.csv", "02 200 INV-2", "03 300 INV-3", opening=100)
    assert (brought.booked_count, brought.repeated_count) == (1, 1)
    assert [line.amount_minor for line in StatementLine.objects.order_by("booked_on")] == [10_000, 20_000, 30_000]


def test_equal_payments_of_one_day_are_as_many_lines_as_the_bank_has(bring):
    bring("morning.csv", "01 100 rent", "01 50 x", "01 100 rent")
    brought = bring("whole-day.csv", "01 100 rent", "01 50 x", "01 100 rent", "01 70 y", "01 100 rent")
    assert (brought.booked_count, brought.repeated_count) == (2, 3)
    assert StatementLine.objects.filter(amount_minor=10_000).count() == 3
    assert sorted(StatementLine.objects.filter(amount_minor=10_000).values_list("occurrence", flat=True)) == [0, 1, 2]


def test_an_intraday_report_and_the_statement_after_it_book_each_line_once(huatai, tmp_path):
    add_account(entity_id=huatai.pk, number="123456", currency="EUR", actor=None, now=NOON)
    line = ":61:2607020702C10,01NTRFNONREF//MB{}\n:86:{}\n"
    intraday, day = tmp_path / "i.sta", tmp_path / "d.sta"
    start = ":20:S\n:25:123456\n:28C:1\n"
    intraday.write_text(start + ":34F:EUR0\n" + line.format(1, "invoice 1, short") + ":90C:1EUR10,01\n-\n")
    day.write_text(
        start + ":60F:C260701EUR0,00\n" + line.format(1, "invoice 1, all words") + line.format(2, "invoice 2")
        + ":62F:C260702EUR20,02\n-\n"
    )  # fmt: skip
    counts = []
    for path in (intraday, day, day):
        source = open_statement(path)
        done = import_statement(entity_id=huatai.pk, source=source, path=path, actor=None, now=NOON)
        counts.append((done.accounts[0].booked_count, done.accounts[0].repeated_count))
    assert counts == [(1, 0), (1, 1), (0, 2)]
    assert StatementLine.objects.count() == 2


def test_a_file_that_does_not_add_up_writes_nothing(huatai, tmp_path):
    add_account(entity_id=huatai.pk, number="0194774600", currency="EUR", actor=None, now=NOON)
    path = tmp_path / "s.mt940"
    path.write_bytes((FILES / "statement.mt940").read_bytes().replace(b"CR300,NTRFNONREF//REF001", b"CR301,NTRF"))
    with pytest.raises(BalanceWrong, match=r"1551\.00.*1550\.00"):
        import_statement(entity_id=huatai.pk, source=open_statement(path), path=path, actor=None, now=NOON)
    assert not StatementFile.objects.exists()
    assert not StoredFile.objects.exists()


def test_what_was_booked_is_kept_and_in_the_journal(huatai, account, finance):
    path = FILES / "ccb.xlsx"
    done = import_statement(entity_id=huatai.pk, source=open_statement(path), path=path, actor=finance, now=NOON)
    file = done.accounts[0].file
    assert (file.opening_minor, file.closing_minor, file.line_count) == (100_000, 105_000, 2)
    kept = StoredFile.objects.get()
    assert (kept.sha256, kept.subject_id, kept.kind) == (file.sha256, file.pk, "STATEMENT")
    entry = Entry.objects.get(event="cash.statement-imported")
    assert entry.facts["accounts"][0]["booked"] == 2
    assert [line.counterparty_name for line in open_lines(entity_id=huatai.pk)] == ["北京天河贸易有限公司"]


def test_a_preview_counts_and_writes_nothing(huatai, account):
    seen = preview_statement(entity_id=huatai.pk, source=open_statement(FILES / "ccb.xlsx"))
    assert [(each.booked_count, each.repeated_count) for each in seen.accounts] == [(2, 0)]
    assert [known.line.amount_minor for known in seen.accounts[0].shown] == [6710, -1710]
    assert not StatementFile.objects.exists()


def test_which_account_is_meant_is_never_guessed(huatai, account):
    def look(name, chosen=None):
        return preview_statement(entity_id=huatai.pk, source=open_statement(FILES / name), chosen=chosen)

    with pytest.raises(AccountUnknown, match="DE89370400440532013000"):
        look("statement.camt053.xml")
    with pytest.raises(AccountUnnamed):
        look("abc_signed.csv")
    with pytest.raises(AccountDiffers):
        look("icbc_gb18030.csv", chosen=account)
    add_account(entity_id=huatai.pk, number="110099990022", currency="CNY", actor=None, now=NOON)
    with pytest.raises(AccountUnclear):
        look("ccb.xlsx")
    assert look("ccb.xlsx", chosen=account).accounts[0].account == account


def test_an_import_can_be_withdrawn_until_something_of_it_is_matched(bring, tianhe):
    first = bring("a.csv", "01 100 INV-1", "02 200 INV-2").file
    second = bring("b.csv", "02 200 INV-2", "03 300 INV-3", opening=100).file
    with pytest.raises(StatementRepeatedLater, match=r"b\.csv"):
        withdraw_statement(file_id=first.pk, actor=None, now=NOON)
    withdraw_statement(file_id=second.pk, actor=None, now=NOON)
    line = StatementLine.objects.get(amount_minor=10_000)
    line.receipt = book_receipt(
        customer_id=tianhe.pk, reference="B-1", received_on=TODAY, amount_minor=10_000, actor=None, now=NOON
    )
    line.save(update_fields=["receipt"])
    with pytest.raises(StatementMatched, match="1 lines"):
        withdraw_statement(file_id=first.pk, actor=None, now=NOON)
    StatementLine.objects.filter(pk=line.pk).update(receipt=None)
    withdraw_statement(file_id=first.pk, actor=None, now=NOON)
    with pytest.raises(StatementWithdrawn):
        withdraw_statement(file_id=first.pk, actor=None, now=NOON)
    assert not StatementLine.objects.exists()
    assert bring("a.csv", "01 100 INV-1", "02 200 INV-2").booked_count == 2


def test_a_debit_that_undoes_a_payment_points_to_its_receipt_once(bring, huatai, tianhe):
    bring("a.csv", "01 100 INV-1", "02 200 INV-2", "05 -100 退票", "06 -33 fee")
    paid = StatementLine.objects.get(amount_minor=10_000)
    assign_line(line_id=paid.pk, customer_id=tianhe.pk, parts=(), actor=None, now=NOON)
    paid.refresh_from_db()
    debits = list(StatementLine.objects.filter(amount_minor__lt=0))
    back = returns_among(debits)
    assert [each.receipt_id for each in back.values()] == [paid.receipt_id]
    assert next(iter(back)) == StatementLine.objects.get(amount_minor=-10_000).pk


def test_a_line_set_aside_is_no_longer_open_until_it_is_taken_up(bring, huatai):
    bring("a.csv", "01 3 interest")
    line = open_lines(entity_id=huatai.pk).get()
    set_aside(line_id=line.pk, reason="interest", actor=None, now=NOON)
    assert not open_lines(entity_id=huatai.pk).exists()
    with pytest.raises(LineNotOpen):
        set_aside(line_id=line.pk, reason="again", actor=None, now=NOON)
    take_up(line_id=line.pk, actor=None, now=NOON)
    assert open_lines(entity_id=huatai.pk).exists()
