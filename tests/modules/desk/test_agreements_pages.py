"""The pages of agreements, worked without script from the promise to the broken plan."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from huikuan.arrangements.models import Approval, Plan, Promise, Restructuring
from tests.modules.desk.agreed import make_agreements

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def seat(client, portfolio, owner):
    client.force_login(owner)
    return client


def place(portfolio, noun):
    return f"/customers/{portfolio.customer.pk}/{noun}/"


def calculated(portfolio, **changes):
    day = portfolio.run.as_of + timedelta(days=5)
    return {
        "parts": "3", "first_percent": "30", "kind": "EVEN", "cycle": "MONTHLY", "starts_on": day.isoformat(),
        "working_days": "on", "items": [str(portfolio.item.pk)], "currency": "CNY", **changes,
    }  # fmt: skip


def test_a_promise_is_made_shown_and_withdrawn(seat, portfolio):
    day = (portfolio.run.as_of + timedelta(days=3)).isoformat()
    short = seat.post(place(portfolio, "promises"), {"due_on_1": day, "amount_1": "", "currency": "CNY"})
    assert short.status_code == 422
    far = (portfolio.run.as_of + timedelta(days=99)).isoformat()
    past = (portfolio.run.as_of - timedelta(days=1)).isoformat()
    refused = seat.post(place(portfolio, "promises"), {"due_on_1": past, "amount_1": "5", "currency": "CNY"})
    assert (refused.status_code, "lies before the day of the promise" in refused.content.decode()) == (409, True)
    made = seat.post(
        place(portfolio, "promises"),
        {"due_on_1": day, "amount_1": "1,000.00", "due_on_2": far[:4] + day[4:], "currency": "CNY"},
    )
    assert made.status_code == 422, "a day without an amount is no part"
    made = seat.post(place(portfolio, "promises"), {"due_on_1": day, "amount_1": "1,000.00", "currency": "CNY"})
    assert made.status_code == 303
    page = seat.get(place(portfolio, "agreements")).content.decode()
    assert "¥1,000.00" in page
    promise = Promise.objects.get()
    seat.post(f"/promises/{promise.pk}/withdrawal/", {"reason": "听错了"})
    promise.refresh_from_db()
    assert promise.state == "WITHDRAWN"


def test_the_calculator_shows_without_storing_and_says_what_needs_approval(seat, portfolio):
    page = seat.get(place(portfolio, "plan"), calculated(portfolio)).content.decode()
    assert "Within the policy" in page
    assert "Draft this plan" in page
    longer = seat.get(place(portfolio, "plan"), calculated(portfolio, parts="9", first_percent="0")).content.decode()
    assert "it runs longer than the policy allows" in longer
    wrong = seat.get(place(portfolio, "plan"), calculated(portfolio, kind="CUSTOM", amounts="1 2")).content.decode()
    assert "The parts add up to 3.00" in wrong
    assert not Plan.objects.exists()


def test_a_plan_from_the_draft_to_the_signature_and_off(seat, portfolio):
    drafted = seat.post(place(portfolio, "plans"), calculated(portfolio))
    plan = Plan.objects.get()
    assert (drafted.status_code, drafted["Location"]) == (303, f"/plans/{plan.pk}/")
    seat.post(f"/plans/{plan.pk}/proposal/")
    assert seat.post(f"/plans/{plan.pk}/acceptance/", {}).status_code == 422
    bad = SimpleUploadedFile("a.exe", b"MZ\x00\x01", content_type="application/x-msdownload")
    assert seat.post(f"/plans/{plan.pk}/acceptance/", {"file": bad}).status_code == 409
    signed = SimpleUploadedFile("signed.pdf", PDF, content_type="application/pdf")
    assert seat.post(f"/plans/{plan.pk}/acceptance/", {"file": signed}).status_code == 303
    page = seat.get(f"/plans/{plan.pk}/").content.decode()
    assert "signed.pdf" in page
    assert "Renegotiate" in page
    assert seat.post(f"/plans/{plan.pk}/end/", {"reason": ""}).status_code == 409
    assert seat.post(f"/plans/{plan.pk}/end/", {"reason": "改一次付清"}).status_code == 303
    plan.refresh_from_db()
    assert plan.state == "WITHDRAWN"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_agreement_is_a_pdf_in_both_languages(seat, portfolio, owner, now, language):
    plan_id = make_agreements(portfolio, owner, now=now)["approved_plan"]
    answer = seat.get(f"/plans/{plan_id}/agreement.pdf?language={language}")
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")


def test_the_comparison_is_proposed_and_decided_by_another(seat, client, portfolio, owner, colleague):
    page = seat.get(place(portfolio, "restructuring")).content.decode()
    assert "worth most" in page
    changed = {
        "discount_percent": "6", "offer_percent": "0", "offer_days": "7", "plan_percent": "0", "parts_count": "3",
        "suit_percent": "100", "suit_days": "1", "suit_cost_percent": "0", "waived": "", "currency": "CNY",
    }  # fmt: skip
    text = seat.get(place(portfolio, "restructuring"), changed).content.decode()
    assert text.index("Suit") < text.index("worth most"), "the suit is worth most when nothing else comes"
    asked = {**changed, "kind": "PARTIAL_WAIVER", "waived_principal": "100", "reason": "搬迁"}
    assert seat.post(place(portfolio, "restructurings"), asked).status_code == 303
    approval = Approval.objects.get()
    assert seat.post(f"/approvals/{approval.pk}/decision/", {"decision": "yes"}).status_code == 403
    client.force_login(colleague)
    assert "partial waiver of principal" in client.get("/approvals/").content.decode()
    assert client.post(f"/approvals/{approval.pk}/decision/", {"decision": "no"}).status_code == 409
    assert client.post(f"/approvals/{approval.pk}/decision/", {"decision": "yes"}).status_code == 303
    made = Restructuring.objects.get()
    assert (made.state, made.credit_note.amount_minor, made.credit_note.unapplied_minor) == ("GRANTED", 10_000, 0)
    assert made.comparison["inputs"]["suit_percent"] == 100


def test_pages_stay_within_their_queries(seat, portfolio, owner, now, django_assert_max_num_queries):
    ids = make_agreements(portfolio, owner, now=now)
    for url in (place(portfolio, "agreements"), f"/plans/{ids['approved_plan']}/", place(portfolio, "plan")):
        with django_assert_max_num_queries(14):
            seat.get(url)
