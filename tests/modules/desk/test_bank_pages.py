"""The bank pages: bring a file, look, book, withdraw; and receipts by hand."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from huikuan.cash.commands.accounts import add_account
from huikuan.cash.models import BankAccount, StatementFile, StatementLine
from huikuan.receivables.models import Receipt
from tests.people import NOON

pytestmark = pytest.mark.django_db

FILES = Path(__file__).resolve().parents[2] / "data" / "bank"


@pytest.fixture
def account(huatai) -> BankAccount:
    return add_account(
        entity_id=huatai.pk, number="110012340022", currency="CNY", bank="建设银行", actor=None, now=NOON
    )


@pytest.fixture
def desk(client, finance, account):
    client.force_login(finance)
    return client


def bring(client, name: str, **more):
    file = SimpleUploadedFile(name, (FILES / name).read_bytes())
    return client.post("/bank/uploads/", {"file": file, "account": "", "profile": "", **more})


def test_a_file_is_looked_at_before_it_is_booked_and_can_be_withdrawn(desk):
    taken = bring(desk, "ccb.xlsx")
    assert taken.status_code == 303
    seen = desk.get(taken["Location"])
    assert seen.status_code == 200
    text = seen.content.decode()
    assert "Book 2 lines" in text
    assert "北京天河贸易有限公司" in text
    assert not StatementLine.objects.exists()
    booked = desk.post("/bank/imports/", {"file": seen.context["token"]})
    file = StatementFile.objects.get()
    assert (booked.status_code, booked["Location"]) == (303, f"/bank/files/{file.pk}/")
    page = desk.get(f"/bank/files/{file.pk}/").content.decode()
    assert "手续费" in page
    again = desk.get(bring(desk, "ccb.xlsx")["Location"]).content.decode()
    assert "it would book nothing" in again
    unsure = desk.post(f"/bank/files/{file.pk}/withdrawal/")
    assert unsure.status_code == 303
    assert StatementLine.objects.count() == 2
    desk.post(f"/bank/files/{file.pk}/withdrawal/", {"sure": "yes"})
    assert not StatementLine.objects.exists()
    assert "withdrawn" in desk.get("/bank/").content.decode()


def test_a_file_that_does_not_add_up_says_why_and_offers_nothing(desk):
    answer = desk.get(bring(desk, "cut_row.csv")["Location"])
    assert answer.status_code == 409
    assert "the file was cut" in answer.content.decode()
    assert b"/bank/imports/" not in answer.content


def test_an_upload_of_somebody_else_or_a_forged_one_is_not_there(desk, client, administrator):
    place = bring(desk, "ccb.xlsx")["Location"]
    assert desk.get(place + "x").status_code == 404
    client.force_login(administrator)
    assert client.get(place).status_code == 404


def test_the_lines_are_filtered_by_what_became_of_them(desk, account):
    desk.post("/bank/imports/", {"file": desk.get(bring(desk, "ccb.xlsx")["Location"]).context["token"]})
    shown = {show: desk.get(f"/bank/lines/?show={show}").context["listed"].rows for show in ("open", "out", "all")}
    assert [len(rows) for rows in shown.values()] == [1, 1, 2]
    assert shown["open"][0].state == "open"
    assert len(desk.get(f"/bank/lines/?show=all&account={account.pk}").context["listed"].rows) == 2


def test_a_collector_is_told_that_statements_are_not_for_him(client, owner, account):
    client.force_login(owner)
    page = client.get("/bank/").content.decode()
    assert "Only for those who see the whole entity" in page
    assert account.number not in page
    assert bring(client, "ccb.xlsx").status_code == 403


def test_an_account_is_entered_once(desk, huatai):
    said = {"number": "DE89 3704 0044 0532 0130 00", "bank": "Commerzbank", "currency": "EUR"}
    assert desk.post("/bank/accounts/", said).status_code == 303
    assert BankAccount.objects.filter(entity=huatai, number="DE89370400440532013000").exists()
    assert desk.post("/bank/accounts/", said).status_code == 409
    assert desk.post("/bank/accounts/", {**said, "number": "62**22"}).status_code == 409


RECEIPT = {
    "customer": "", "amount": "1,200.50", "currency": "CNY", "received_on": "2026-07-01", "reference": "CASH-1",
    "payer_name": "", "designation": "", "allocate": "ORDER",
}  # fmt: skip


def test_a_receipt_by_hand_is_booked_for_the_customer_that_the_words_mean(client, finance, tianhe):
    client.force_login(finance)
    answer = client.post("/receipts/new/", {**RECEIPT, "customer": tianhe.code})
    assert answer.status_code == 303
    receipt = Receipt.objects.get(reference="CASH-1")
    assert (receipt.customer_id, receipt.amount_minor, receipt.received_on.isoformat()) == (
        tianhe.pk, 120_050, "2026-07-01",
    )  # fmt: skip
    again = client.post("/receipts/new/", {**RECEIPT, "customer": tianhe.code})
    assert again.status_code == 409
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amount": "12.345"}, "decimals"),
        ({"received_on": "2999-01-01"}, "has not come yet"),
        ({"customer": "nobody of this name"}, "No customer of yours"),
        ({"currency": "XXY"}, "XXY"),
    ],
)
def test_an_ill_filled_receipt_says_what_to_correct_and_keeps_what_was_typed(client, finance, tianhe, wrong, said):
    client.force_login(finance)
    answer = client.post("/receipts/new/", {**RECEIPT, "customer": tianhe.code, **wrong})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert 'value="CASH-1"' in answer.content.decode()
    assert not Receipt.objects.exists()


def test_several_customers_of_a_name_are_offered_not_guessed(client, finance, tianhe, binhai):
    client.force_login(finance)
    common = next(iter(set(tianhe.name) & set(binhai.name)), None)
    assert common is not None
    answer = client.post("/receipts/new/", {**RECEIPT, "customer": common})
    assert answer.status_code == 422
    assert answer.content.decode().count('name="customer_id"') == 2
    picked = client.post("/receipts/new/", {**RECEIPT, "customer": common, "customer_id": str(binhai.pk)})
    assert picked.status_code == 303
    assert Receipt.objects.get().customer_id == binhai.pk
