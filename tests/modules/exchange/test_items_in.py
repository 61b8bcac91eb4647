"""Import items: what is booked, what is refused and why, and that the same file twice changes nothing."""

from datetime import UTC, date, datetime

import pytest

from huikuan.exchange.commands import OnError
from huikuan.journal.models import Entry
from huikuan.receivables.models import CreditNote, CustomerHistory, OpenItem
from tests.modules.exchange.conftest import codes, counts, remarks

HEAD = "number,customer_code,contract_number,kind,issued_on,due_on,amount,currency\n"
LATER = datetime(2026, 7, 11, 4, 0, tzinfo=UTC)


def test_every_column_arrives(importing, tianhe):
    outcome = importing("items", HEAD + "INV-1,TIANHE,,rent,2026-01-10,2026-02-09,1234.50,USD\n")
    item = OpenItem.objects.get()
    assert counts(outcome) == (1, 0, 0, 0)
    assert (item.number, item.customer, item.kind, item.issued_on, item.due_on, item.amount_minor, item.currency) == (
        "INV-1", tianhe, "RENT", date(2026, 1, 10), date(2026, 2, 9), 1234_50, "USD",
    )  # fmt: skip
    assert item.open_minor == item.amount_minor
    assert CustomerHistory.objects.get().item_count == 1


def test_what_is_left_out_has_its_stated_default(importing, tianhe):
    importing("items", "number,customer_code,due_on,amount\nINV-1,TIANHE,2026-02-09,5\n")
    item = OpenItem.objects.get()
    assert (item.kind, item.currency, item.issued_on, item.contract) == ("INVOICE", "CNY", date(2026, 2, 9), None)


def test_the_same_file_twice_changes_nothing(importing, tianhe):
    text = HEAD + "INV-1,TIANHE,,,2026-01-10,2026-02-09,1234.50,\nCN-1,TIANHE,,credit_note,,2026-02-09,10,\n"
    importing("items", text)
    before = list(OpenItem.objects.values()) + list(CreditNote.objects.values())
    again = importing("items", text, now=LATER)
    assert counts(again) == (0, 0, 2, 0)
    assert list(OpenItem.objects.values()) + list(CreditNote.objects.values()) == before


def test_a_credit_note_is_taken_without_its_sign(importing, tianhe):
    outcome = importing("items", HEAD + "CN-1,TIANHE,,credit_note,2026-01-10,2026-01-10,-50.00,\n")
    note = CreditNote.objects.get()
    assert (counts(outcome), note.amount_minor, note.unapplied_minor) == ((1, 0, 0, 0), 50_00, 50_00)
    assert not OpenItem.objects.exists()


TRAPS = [
    # what it is, the row, the refused field, the code
    ("unknown customer", "X,NOBODY,,,,2026-02-09,5,", "customer_code", "customer-unknown"),
    ("unknown contract", "X,TIANHE,HT-9,,,2026-02-09,5,", "contract_number", "contract-unknown"),
    ("too many decimals", "X,TIANHE,,,,2026-02-09,1.005,", "amount", "amount-too-precise"),
    ("decimals of yen", "X,TIANHE,,,,2026-02-09,1.5,JPY", "amount", "amount-too-precise"),
    ("negative", "X,TIANHE,,,,2026-02-09,-5,", "amount", "amount-not-positive"),
    ("zero", "X,TIANHE,,,,2026-02-09,0.00,", "amount", "amount-not-positive"),
    ("huge", "X,TIANHE,,,,2026-02-09,99999999999999999999,", "amount", "amount-out-of-range"),
    ("a word as amount", "X,TIANHE,,,,2026-02-09,abc,", "amount", "amount-unreadable"),
    ("exponent as amount", "X,TIANHE,,,,2026-02-09,1.2E+05,", "amount", "amount-in-exponent-form"),
    ("number shortened by Excel", "1.3E+17,TIANHE,,,,2026-02-09,5,", "number", "number-in-exponent-form"),
    ("formula as number", "=A1&B1,TIANHE,,,,2026-02-09,5,", "number", "cell-is-formula"),
    ("full-width formula", "\uff1dA1,TIANHE,,,,2026-02-09,5,", "number", "cell-is-formula"),
    ("day in another order", "X,TIANHE,,,,09/02/2026,5,", "due_on", "unreadable"),
    ("day that is none", "X,TIANHE,,,,2026-02-30,5,", "due_on", "unreadable"),
    ("year mistyped", "X,TIANHE,,,,2206-02-09,5,", "due_on", "out-of-range"),
    ("no due day", "X,TIANHE,,,,,5,", "due_on", "value-missing"),
    ("no amount", "X,TIANHE,,,,2026-02-09,,", "amount", "value-missing"),
    ("no number", ",TIANHE,,,,2026-02-09,5,", "number", "value-missing"),
    ("unknown currency", "X,TIANHE,,,,2026-02-09,5,XQQ", "currency", "currency-unknown"),
    ("unknown kind", "X,TIANHE,,loan,,2026-02-09,5,", "kind", "choice-unknown"),
    ("control character", "X\x07,TIANHE,,,,2026-02-09,5,", "number", "text-has-control"),
    ("NUL", "X\x00Y,TIANHE,,,,2026-02-09,5,", "number", "text-has-control"),
    ("text turned around", "X\u202e1,TIANHE,,,,2026-02-09,5,", "number", "text-has-control"),
    ("number too long", "X" * 61 + ",TIANHE,,,,2026-02-09,5,", "number", "text-too-long"),
    ("200,000 characters", "X" * 200_000 + ",TIANHE,,,,2026-02-09,5,", "number", "text-too-long"),
    ("comma in an unquoted amount", "X,TIANHE,,,,2026-02-09,1,234.50,", "", "row-too-wide"),
    ("the same before an empty cell", "X,TIANHE,,,,2026-02-09,1,234,", "", "row-too-wide"),
]


@pytest.mark.parametrize(("row", "field", "code"), [trap[1:] for trap in TRAPS], ids=[trap[0] for trap in TRAPS])
def test_a_bad_row_is_named_and_the_good_ones_are_kept(importing, tianhe, row, field, code):
    outcome = importing("items", HEAD + f"GOOD-1,TIANHE,,,,2026-02-09,5,\n{row}\nGOOD-2,TIANHE,,,,2026-02-09,5,\n")
    assert codes(outcome)[0] == (3, field, code)
    assert counts(outcome) == (2, 0, 0, 1)
    assert sorted(OpenItem.objects.values_list("number", flat=True)) == ["GOOD-1", "GOOD-2"]
    said = outcome.as_json(str)["errors"][0]
    assert said["message"]
    assert said["remedy"]
    assert len(said["value"]) <= 80


ODD_BUT_RIGHT = [
    # what it is, the row, the amount in minor units, due on
    ("thousands", 'X,TIANHE,,,,2026-02-09,"1,234.50",', 123450, date(2026, 2, 9)),
    ("full width", "Ｘ,ＴＩＡＮＨＥ,,,,２０２６－０２－０９,１２３４.５０,", 123450, date(2026, 2, 9)),
    ("with its sign", "X,TIANHE,,,,2026-02-09,￥1234.50,", 123450, date(2026, 2, 9)),
    ("Chinese day", "X,TIANHE,,,,2026年2月9日,1234.5,", 123450, date(2026, 2, 9)),
    ("compact day", "X,TIANHE,,,,20260209,1234.5,", 123450, date(2026, 2, 9)),
    ("day with time", "X,TIANHE,,,,2026-02-09 14:17:33,1234.5,", 123450, date(2026, 2, 9)),
    ("serial day", "X,TIANHE,,,,46062,1234.5,", 123450, date(2026, 2, 9)),
    ("text formula of digits", '"=""X""",TIANHE,,,,2026-02-09,1234.5,', 123450, date(2026, 2, 9)),
    ("blanks around", " X , TIANHE ,,,, 2026-02-09 , 1234.50 ,", 123450, date(2026, 2, 9)),
]


@pytest.mark.parametrize(
    ("row", "amount_minor", "due_on"), [case[1:] for case in ODD_BUT_RIGHT], ids=[case[0] for case in ODD_BUT_RIGHT]
)
def test_other_ways_to_write_it(importing, tianhe, row, amount_minor, due_on):
    outcome = importing("items", HEAD + row + "\n")
    assert codes(outcome) == []
    item = OpenItem.objects.get()
    assert (item.number, item.amount_minor, item.due_on) == ("X", amount_minor, due_on)


@pytest.mark.parametrize(("order", "text"), [("dmy", "09/02/2026"), ("mdy", "02/09/2026"), ("ymd", "2026/02/09")])
def test_the_declared_order_of_days(importing, tianhe, order, text):
    importing("items", HEAD + f"X,TIANHE,,,,{text},5,\n", order=order)
    assert OpenItem.objects.get().due_on == date(2026, 2, 9)


def test_due_before_issue_is_accepted_with_a_warning(importing, tianhe):
    outcome = importing("items", HEAD + "X,TIANHE,,,2026-03-01,2026-02-09,5,\n")
    assert (counts(outcome), remarks(outcome)) == ((1, 0, 0, 0), [(2, "due_on", "due-before-issue")])


def test_a_number_twice_in_one_file_is_refused_the_second_time(importing, tianhe):
    outcome = importing(
        "items", HEAD + "X,TIANHE,,,,2026-02-09,5,\nY,TIANHE,,,,2026-02-09,5,\nＸ,TIANHE,,,,2026-02-09,5,\n"
    )
    assert codes(outcome) == [(4, "number", "row-repeated")]
    assert outcome.errors[0].refusal.facts["first_row"] == 2


def test_a_number_that_is_booked_with_another_amount_is_refused_and_stays(importing, tianhe):
    importing("items", HEAD + "X,TIANHE,,,,2026-02-09,5,\n")
    outcome = importing("items", HEAD + "X,TIANHE,,,,2026-02-09,6,\n")
    assert codes(outcome) == [(2, "amount", "booked-otherwise")]
    assert "5.00" in str(outcome.errors[0].refusal)
    assert OpenItem.objects.get().amount_minor == 500


@pytest.mark.parametrize(
    "change", ["BINHAI,,,,2026-02-09,5,", "TIANHE,,,,2026-02-10,5,", "TIANHE,,rent,,2026-02-09,5,"]
)
def test_nothing_of_a_booked_item_is_overwritten(importing, tianhe, binhai, change):
    importing("items", HEAD + "X,TIANHE,,,,2026-02-09,5,\n")
    assert counts(importing("items", HEAD + f"X,{change}\n")) == (0, 0, 0, 1)


def test_all_are_refused_when_one_is_bad_and_that_was_asked(importing, tianhe):
    text = HEAD + "GOOD,TIANHE,,,,2026-02-09,5,\nBAD,NOBODY,,,,2026-02-09,5,\n"
    outcome = importing("items", text, on_error=OnError.REFUSE)
    assert outcome.is_refused_whole
    assert (outcome.created, outcome.refused) == (0, 2)
    assert not OpenItem.objects.exists()
    assert not Entry.objects.exists()


def test_a_dry_run_judges_and_writes_nothing(importing, tianhe):
    outcome = importing("items", HEAD + "GOOD,TIANHE,,,,2026-02-09,5,\nBAD,NOBODY,,,,2026-02-09,5,\n", dry_run=True)
    assert (counts(outcome), outcome.dry_run) == ((1, 0, 0, 1), True)
    assert not OpenItem.objects.exists()
    assert not Entry.objects.exists()


def test_rows_of_another_entity_are_refused(importing, tianhe):
    outcome = importing("items", "entity,number,customer_code,due_on,amount\nPROP,X,TIANHE,2026-02-09,5\n")
    assert codes(outcome) == [(2, "entity", "entity-differs")]


def test_customers_of_another_entity_are_unknown(importing, yunfeng):
    outcome = importing("items", HEAD + "X,YUNFENG,,,,2026-02-09,5,\n")
    assert codes(outcome) == [(2, "customer_code", "customer-unknown")]


def test_what_was_done_is_in_the_journal_with_the_hash_of_the_file(importing, tianhe):
    importing("items", HEAD + "X,TIANHE,,,,2026-02-09,5,\n")
    entry = Entry.objects.get(event="exchange.file-imported")
    assert (entry.facts["created"], len(entry.facts["sha256"])) == (1, 64)
