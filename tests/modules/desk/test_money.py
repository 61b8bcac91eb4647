"""The money of a customer on the desk: finance books, previews, allocates by hand and takes back."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from huikuan.arrangements.models import Approval
from huikuan.cash.models import MoneyRequest
from huikuan.receivables.models import Charge, OpenItem, Receipt

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, finance):
    client.force_login(finance)
    return client


def at(name, pk):
    return reverse(f"desk:{name}", args=[pk])


def book(desk, portfolio, **said):
    today = portfolio.run.as_of.isoformat()
    return desk.post(at("receive", portfolio.customer.pk), {
        "amount": "1,000.00", "received_on": today, "reference": "YH-1", "allocate": "NONE", **said,
    })  # fmt: skip


def test_money_is_booked_and_shown_with_what_it_paid(desk, portfolio):
    assert book(desk, portfolio, designation=portfolio.item.number).status_code == 303
    shown = desk.get(at("money", portfolio.customer.pk)).content.decode()
    assert "YH-1" in shown
    assert f"named {portfolio.item.number}" in shown
    assert "Named by the payer" in shown


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        ({"amount": "ten"}, 422, "This is not an amount in CNY."),
        ({"amount": "0"}, 422, "The amount must be greater than zero."),
        ({"designation": "NOBODYS"}, 409, "has no item NOBODYS"),
    ],
)
def test_what_cannot_be_booked_says_why(desk, portfolio, said, status, words):
    answer = book(desk, portfolio, **said)
    assert answer.status_code == status
    assert words in answer.content.decode()


def test_the_order_is_previewed_and_amounts_by_hand_stay_within_the_money(desk, portfolio):
    book(desk, portfolio)
    receipt = Receipt.objects.get(reference="YH-1")
    page = at("allocation", receipt.pk)
    shown = desk.get(page).content.decode()
    assert "Statutory order" in shown or "By contract" in shown
    items = list(OpenItem.objects.filter(customer=portfolio.customer, settled_on=None).order_by("due_on"))
    too_much = desk.post(page, {f"item_{items[-1].pk}": "1000.01", "hand": "1"})
    assert (too_much.status_code, Receipt.objects.get(pk=receipt.pk).unapplied_minor) == (409, 100_000)
    assert desk.post(page, {f"item_{items[-1].pk}": "400", "hand": "1"}).status_code == 303
    assert dict(receipt.allocations.values_list("item_id", "amount_minor")) == {items[-1].pk: 40_000}
    assert desk.post(page, {"order": "1"}).status_code == 303
    receipt.refresh_from_db()
    assert receipt.unapplied_minor == 0


def test_an_allocation_and_a_receipt_are_taken_back(desk, portfolio):
    book(desk, portfolio, allocate="ORDER")
    receipt = Receipt.objects.get(reference="YH-1")
    first = receipt.allocations.first()
    assert desk.post(at("allocation-reversal", first.pk), {"reason": "wrong item"}).status_code == 303
    receipt.refresh_from_db()
    assert receipt.unapplied_minor == first.amount_minor
    reversal = {"why": "BOUNCED", "reason": "退票"}
    assert desk.post(at("receipt-reversal", receipt.pk), reversal).status_code == 303
    assert desk.post(at("receipt-reversal", receipt.pk), reversal).status_code == 409
    assert "Taken back" in desk.get(at("money", portfolio.customer.pk)).content.decode()


def test_write_offs_refunds_and_charges_are_asked_and_shown(desk, portfolio):
    book(desk, portfolio)
    receipt, money = Receipt.objects.get(reference="YH-1"), at("money", portfolio.customer.pk)
    asked = desk.post(at("payout", receipt.pk), {"kind": "REFUND", "amount": "100", "reason": "多付"})
    assert asked.status_code == 303
    off = desk.post(at("write-off", portfolio.customer.pk), {"item": portfolio.item.pk, "reason": "破产"})
    assert off.status_code == 303
    assert MoneyRequest.objects.count() == 2
    assert Approval.objects.filter(decided_at=None).exists()
    day = {"through_on": portfolio.run.as_of.isoformat()}
    assert desk.post(at("charge", portfolio.customer.pk), day).status_code == 303
    charge = Charge.objects.order_by("pk").first()
    shown = desk.get(money).content.decode()
    assert "Waits for approval" in shown
    assert charge.booked_as.number in shown
    assert desk.post(at("charge-withdrawal", charge.pk), {"reason": "agreed"}).status_code == 303
    assert desk.post(at("charge-withdrawal", charge.pk), {"reason": "agreed"}).status_code == 409


def test_forms_of_a_row_say_what_is_missing_beside_the_field(desk, portfolio):
    book(desk, portfolio, allocate="ORDER")
    receipt = Receipt.objects.get(reference="YH-1")
    refused = [
        desk.post(at("receipt-reversal", receipt.pk), {"why": "BOUNCED", "reason": ""}),
        desk.post(at("payout", receipt.pk), {"kind": "REFUND", "amount": "-1", "reason": "x"}),
        desk.post(at("allocation-reversal", receipt.allocations.first().pk), {"reason": ""}),
    ]
    assert [each.status_code for each in refused] == [422, 422, 422]
    said = [each.content.decode() for each in refused]
    assert "This field is required." in said[0]
    assert "The amount must be greater than zero." in said[1]
    assert f'action="{at("payout", receipt.pk)}"' in said[1]
    assert "This field is required." in said[2]


def test_who_else_paid_what_was_set_off_and_what_passed_to_others_is_shown(desk, portfolio):
    customer, today = portfolio.customer, portfolio.run.as_of.isoformat()
    assert book(desk, portfolio, paid_by="滨海贸易").status_code == 409
    assert book(desk, portfolio, paid_by="滨海贸易", ground="代付函").status_code == 303
    said = {"amount": "12.34", "declared_on": today, "against": "CG-7", "number": "DX-1"}
    assert desk.post(at("set-off", customer.pk), said).status_code == 422
    letter = SimpleUploadedFile("letter.txt", "抵销通知".encode(), "text/plain")
    assert desk.post(at("set-off", customer.pk), said | {"file": letter}).status_code == 303
    passed = {"kind": "CLAIM", "party": "长安保理", "items": [portfolio.item.pk], "agreed_on": today}
    assert desk.post(at("assignment", customer.pk), passed | {"items": []}).status_code == 422
    assert desk.post(at("assignment", customer.pk), passed).status_code == 303
    shown = desk.get(at("money", customer.pk)).content.decode()
    for words in ("滨海贸易 · 代付函", "against CG-7", "letter.txt", "长安保理", "not told yet"):
        assert words in shown


def test_the_tab_costs_few_queries(desk, portfolio, django_assert_max_num_queries):
    book(desk, portfolio, allocate="ORDER")
    with django_assert_max_num_queries(14):
        desk.get(at("money", portfolio.customer.pk))
