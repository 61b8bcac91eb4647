"""Account statements: exact against the ledger, frozen, answered once, differences followed to their end."""

from datetime import date, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huikuan.cases.models import Task
from huikuan.cash.commands.account_statements import (
    PeriodNotOver,
    StatementNotInState,
    make_statements,
    remind_statement,
    send_statement,
    withdraw_statement,
)
from huikuan.cash.commands.receive import receive_money
from huikuan.cash.commands.reverse import Why, reverse_money
from huikuan.cash.commands.statement_answers import (
    Answerer,
    Attachment,
    CreditNoteUnknown,
    Difference,
    DifferencesMissing,
    SlipMissing,
    confirm_statement,
    report_differences,
    resolve_difference,
)
from huikuan.cash.models import AccountStatement, StatementChange
from huikuan.cash.queries.account_statements import stated_accounts
from huikuan.journal.files import read_file
from huikuan.journal.models import Entry
from huikuan.kernel.refusal import Refusal
from huikuan.outreach.models import Delivery
from huikuan.parties.commands.links import LinkUsed, issue_link
from huikuan.receivables.commands.credit_notes import book_credit_note
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.write_offs import write_off
from huikuan.receivables.models import OpenItem, Receipt
from tests.modules.runs.conftest import morning
from tests.twins.statement import statement as twin

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2026, 9, 1), date(2026, 9, 30)
TODAY = date(2026, 10, 9)
NOW = morning(TODAY)
PDF = b"%PDF-1.7 signed"


@pytest.fixture
def book(tianhe, finance):
    """Book an item of Tianhe: book("INV-1", day, 10_000)."""

    def booked(number: str, day: date, minor: int, **fields) -> OpenItem:
        return book_item(
            customer_id=tianhe.pk, number=number, amount_minor=minor, issued_on=day,
            due_on=day + timedelta(days=10), actor=finance, now=NOW, **fields,
        )  # fmt: skip

    return booked


@pytest.fixture
def september(tianhe, finance, book):
    """Make Tianhe's statement of September over two invoices, money and a credit note."""
    book("INV-1", date(2026, 8, 20), 100_000)
    book("=INV-2", date(2026, 9, 5), 50_000)
    receive_money(
        entity_id=tianhe.entity_id, customer_id=tianhe.pk, reference="YH-1", received_on=date(2026, 9, 9),
        currency="CNY", amount_minor=30_000, actor=finance, now=NOW,
    )  # fmt: skip
    book_credit_note(
        customer_id=tianhe.pk, number="CN-1", amount_minor=5_000, issued_on=LAST, actor=finance, now=NOW,
        reason="short delivery",
    )  # fmt: skip
    return one(tianhe)


def one(customer, **said) -> AccountStatement:
    [made] = make(customer, **said)
    return made


def make(customer, **said) -> list[AccountStatement]:
    given = {"starts_on": FIRST, "ends_on": LAST, "as_of": TODAY, "now": NOW, "actor": None} | said
    return make_statements(entity_id=customer.entity_id, customer_ids=[customer.pk], **given)


def sent(statement: AccountStatement) -> tuple[AccountStatement, int]:
    """Send it; return it with the id of its link."""
    made = send_statement(statement_id=statement.pk, as_of=TODAY, now=NOW, actor=None)
    link = issue_link(
        customer_id=made.customer_id, purpose="STATEMENT", about=f"statement:{made.pk}",
        expires_at=NOW + timedelta(days=60), now=NOW,
    )  # fmt: skip
    return made, link.pk


def test_the_sums_are_those_of_the_ledger(september):
    assert (september.number, september.state) == ("STMT-MAIN-2026-000001", "MADE")
    assert (september.opening_minor, september.charged_minor) == (100_000, 50_000)
    assert (september.received_minor, september.credited_minor) == (30_000, 5_000)
    assert september.closing_minor == 115_000
    assert [line["balance_minor"] for line in september.data["lines"]] == [150_000, 120_000, 115_000]
    assert {item["number"]: item["days_overdue"] for item in september.data["open_items"]} == {
        "INV-1": 31, "=INV-2": 15,
    }  # fmt: skip


def test_files_are_kept_and_no_text_of_the_sheet_is_a_formula(september):
    assert read_file(september.pdf).startswith(b"%PDF-")
    with ZipFile(BytesIO(read_file(september.xlsx))) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        texts = book.read("xl/sharedStrings.xml").decode()
    assert len(sheets) == 3
    assert not any("<f>" in sheet for sheet in sheets)
    assert "'=INV-2</t>" in texts
    assert "<v>1150</v>" in sheets[0]


def test_twice_is_once_and_what_stands_still_is_stated(september, tianhe, binhai):
    assert make(tianhe) == []
    assert make(binhai) == []
    assert AccountStatement.objects.count() == 1
    october = one(tianhe, starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 8))
    assert (october.opening_minor, october.closing_minor, october.data["lines"]) == (115_000, 115_000, [])


def test_a_statement_is_frozen(september):
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountStatement.objects.filter(pk=september.pk).update(closing_minor=1, opening_minor=-13_999)
    with pytest.raises(IntegrityError), transaction.atomic():
        StatementChange.objects.update(said="never")


def test_what_is_booked_later_for_an_earlier_period_is_said(september, tianhe, book):
    book("INV-LATE", date(2026, 9, 20), 7_000)
    october = one(tianhe, starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 8))
    assert october.opening_minor == 122_000
    assert october.data["earlier"] == {"number": september.number, "amount_minor": 7_000}


def test_a_period_that_is_not_over_is_refused(tianhe):
    with pytest.raises(PeriodNotOver):
        make(tianhe, ends_on=TODAY)


def test_confirming_by_link_interrupts_the_limitation_once(september):
    statement, link_id = sent(september)
    assert Delivery.objects.get(template="statement").about == f"statement:{statement.pk}"
    assert statement.answer_by == date(2026, 10, 19)
    confirm_statement(statement_id=statement.pk, by=Answerer("李会计", link_id=link_id), as_of=TODAY, now=NOW)
    statement.refresh_from_db()
    assert (statement.state, statement.answered_via, statement.answered_by) == ("CONFIRMED", "LINK", "李会计")
    entry = Entry.objects.get(event="limitation.interrupted", facts__cause="STATEMENT_CONFIRMED")
    assert sorted(entry.facts["item_ids"]) == sorted(
        OpenItem.objects.filter(open_minor__gt=0).values_list("pk", flat=True)
    )
    assert entry.facts["cause"] == "STATEMENT_CONFIRMED"
    with pytest.raises(StatementNotInState):
        confirm_statement(statement_id=statement.pk, by=Answerer("李会计", link_id=link_id), as_of=TODAY, now=NOW)
    assert Entry.objects.filter(event="limitation.interrupted", facts__cause="STATEMENT_CONFIRMED").count() == 1


def test_a_used_link_answers_nothing_more(september):
    statement, link_id = sent(september)
    [difference] = report_differences(
        statement_id=statement.pk, differences=[Difference("=INV-2", 45_000, "two boxes missing")],
        by=Answerer("李会计", link_id=link_id), now=NOW,
    )  # fmt: skip
    assert difference.ours_minor == 50_000
    AccountStatement.objects.filter(pk=statement.pk).update(state="SENT")
    with pytest.raises(LinkUsed):
        confirm_statement(statement_id=statement.pk, by=Answerer("李会计", link_id=link_id), as_of=TODAY, now=NOW)


def test_on_paper_the_slip_is_the_proof(september, finance):
    with pytest.raises(SlipMissing):
        confirm_statement(statement_id=september.pk, by=Answerer("李会计", actor=finance), as_of=TODAY, now=NOW)
    slip = Attachment(PDF, "回执.pdf", "application/pdf")
    by = Answerer("李会计", actor=finance, attachment=slip)
    confirm_statement(statement_id=september.pk, by=by, as_of=TODAY, now=NOW)
    assert (
        "SHA-256"
        in Entry.objects.get(event="limitation.interrupted", facts__cause="STATEMENT_CONFIRMED").facts["evidence"]
    )


def test_differences_are_followed_to_the_last_and_then_it_is_sent_again(september, tianhe, finance):
    statement, link_id = sent(september)
    with pytest.raises(DifferencesMissing):
        report_differences(
            statement_id=statement.pk, differences=[Difference("INV-1", None, " ")], by=Answerer("李", link_id), now=NOW
        )
    first, second = report_differences(
        statement_id=statement.pk, by=Answerer("李", link_id), now=NOW,
        differences=[Difference("=INV-2", 45_000, "short"), Difference("HK-9", 3_000, "our payment is missing")],
    )  # fmt: skip
    assert second.ours_minor is None
    task = Task.objects.get()
    assert (task.step_code, task.owner, task.case) == ("statement_differs", tianhe.collector, None)
    assert task.note == "=INV-2: short · HK-9: our payment is missing"
    receive_money(
        entity_id=tianhe.entity_id, customer_id=tianhe.pk, reference="ALL", received_on=TODAY, currency="CNY",
        amount_minor=100_000_000, actor=None, now=NOW,
    )  # fmt: skip
    assert not OpenItem.objects.filter(customer=tianhe, open_minor__gt=0).exists()
    task.refresh_from_db()
    assert task.cancelled_at is None, "no money resolves what he objects to"
    done = {"now": NOW, "actor": finance}
    with pytest.raises(CreditNoteUnknown):
        resolve_difference(
            difference_id=first.pk, resolution="CREDIT_NOTE", explanation="credited", credit_note_number="CN-2", **done
        )
    resolve_difference(
        difference_id=first.pk, resolution="CREDIT_NOTE", explanation="credited", credit_note_number="CN-1", **done
    )
    statement.refresh_from_db()
    task.refresh_from_db()
    assert (statement.state, task.cancelled_at) == ("DIFFERS", None)
    resolve_difference(difference_id=second.pk, resolution="EXPLAINED", explanation="it bounced", **done)
    task.refresh_from_db()
    assert (task.cancelled_at, task.cancel_reason) == (NOW, "SETTLED")
    statement.refresh_from_db()
    assert statement.state == "SETTLED"
    again, new_link = sent(statement)
    assert (again.state, again.sent_count) == ("SENT", 2)
    assert new_link != link_id
    states = list(StatementChange.objects.filter(statement=statement).order_by("pk").values_list("state", flat=True))
    assert states == ["MADE", "SENT", "DIFFERS", "DIFFERS", "SETTLED", "SENT"]


def test_two_reminders_and_no_more(september):
    statement, _ = sent(september)
    assert remind_statement(statement_id=statement.pk, as_of=date(2026, 10, 19), now=NOW) is None
    for day in (date(2026, 10, 20), date(2026, 10, 27)):
        assert remind_statement(statement_id=statement.pk, as_of=day, now=morning(day)) is not None
        assert remind_statement(statement_id=statement.pk, as_of=day, now=morning(day)) is None
    assert remind_statement(statement_id=statement.pk, as_of=date(2026, 12, 1), now=NOW) is None
    assert Delivery.objects.filter(template="statement_reminder").count() == 2


def test_a_withdrawn_statement_makes_room_for_another(september, tianhe, finance):
    statement, link_id = sent(september)
    withdraw_statement(statement_id=statement.pk, reason="wrong period", now=NOW, actor=finance)
    again = one(tianhe)
    assert again.number == "STMT-MAIN-2026-000002"
    with pytest.raises(StatementNotInState):
        confirm_statement(statement_id=statement.pk, by=Answerer("李", link_id), as_of=TODAY, now=NOW)


DAYS = st.integers(0, 89).map(lambda offset: date(2026, 7, 1) + timedelta(days=offset))
ACTS = st.lists(
    st.tuples(st.sampled_from(["item", "item", "money", "credit", "write-off", "back"]), DAYS, st.integers(1, 500)),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(ACTS, DAYS, st.integers(0, 60))
def test_whatever_was_booked_the_statement_adds_up(tianhe, finance, acts, starts_on, length):
    with transaction.atomic():
        for number, (act, day, minor) in enumerate(acts):
            try:
                with transaction.atomic():
                    _do(act, number, day, minor, tianhe, finance)
            except Refusal:  # what the ledger does not allow has not happened
                continue
        ends_on = starts_on + timedelta(days=length)
        stated = stated_accounts(
            entity_id=tianhe.entity_id, customer_ids=[tianhe.pk], starts_on=starts_on, ends_on=ends_on
        )
        opening, lines, closing = twin(_documents(tianhe), starts_on, ends_on)
        if stated:
            assert (stated[0].sums["opening_minor"], stated[0].sums["closing_minor"]) == (opening, closing)
            assert [line["balance_minor"] for line in stated[0].lines] == [line[4] for line in lines]
        else:
            assert (opening, lines, closing) == (0, [], 0)
        transaction.set_rollback(True)


def _do(act, number, day, minor, customer, finance):
    common = {"customer_id": customer.pk, "actor": finance, "now": NOW}
    if act == "item":
        book_item(number=f"I{number}", amount_minor=minor, issued_on=day, **common)
    elif act == "money":
        receive_money(
            entity_id=customer.entity_id, reference=f"R{number}", received_on=day, currency="CNY", amount_minor=minor,
            **common,
        )  # fmt: skip
    elif act == "credit":
        book_credit_note(number=f"C{number}", amount_minor=minor, issued_on=day, reason="less", **common)
    elif act == "write-off":
        item = OpenItem.objects.filter(customer=customer, open_minor__gt=0).order_by("pk").first()
        if item is not None:
            write_off(
                item_id=item.pk, amount_minor=min(minor, item.open_minor), kind="BAD_DEBT", reason="gone",
                written_off_on=max(day, item.issued_on), actor=finance, now=NOW,
            )  # fmt: skip
    elif (receipt := Receipt.objects.filter(customer=customer).order_by("pk").first()) is not None:
        reverse_money(receipt_id=receipt.pk, why=Why.MISTAKEN, reason="twice", actor=finance, now=NOW)


def _documents(customer):
    found = [(i.issued_on, "ITEM", i.number, i.amount_minor) for i in OpenItem.objects.filter(customer=customer)]
    found += [(r.received_on, "RECEIPT", r.reference, -r.amount_minor) for r in customer.receipts.all()]
    found += [(c.issued_on, "CREDIT_NOTE", c.number, -c.amount_minor) for c in customer.credit_notes.all()]
    written = [a for w in customer.write_offs.all() for a in w.allocations.select_related("item")]
    return found + [(a.effective_on, "WRITE_OFF", a.item.number, -a.amount_minor) for a in written]
