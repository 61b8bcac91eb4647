"""A call by keyboard, a visit on a phone, a message as it is written: and axe finds nothing on their pages."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from huikuan.outreach import ports
from huikuan.outreach.models import Attempt, Contact, Delivery, VisitArrival
from tests.browser.test_every_page import violations
from tests.modules.desk.fieldwork import make_fieldwork, plan

NO_TELEPHONE = "addEventListener('click', (e) => e.target.closest('a[href^=\"tel:\"]') && e.preventDefault())"
"""A browser without a telephone waits for ever for one that takes the number."""


class Guard:
    """Lets everything pass: a test at night would meet the quiet hours."""

    def ask(self, intent, person, now):
        return ports.Allow()

    def foresee(self, *, customer, persons, channels, now, **known):
        return {(person.pk, channel): ports.Allow() for person in persons for channel in channels}


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture(autouse=True)
def _allowed(monkeypatch):
    monkeypatch.setattr(ports, "guard", Guard)
    monkeypatch.setattr("huikuan.desk.queries.guard.foresee_contacts", Guard().foresee)


def test_a_call_is_made_by_keyboard(sign_in, portfolio, owner):
    page = sign_in(owner)
    page.add_init_script(NO_TELEPHONE)
    page.goto(f"/customers/{portfolio.customer.pk}/call/?task={portfolio.task.pk}")
    expect(page.locator("#playbook details").first).to_be_attached()
    page.keyboard.press("/")
    page.keyboard.type("老板")
    expect(page.locator("#playbook details[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    expect(page.locator("a[data-dials]")).to_have_attribute("href", "tel:+8613900139001")
    expect(page.locator("a[data-dials]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Hung up")).to_be_visible()
    page.keyboard.press("h")
    expect(page.get_by_label("Duration").last).to_have_value(re.compile(r"0:0\d"))
    expect(page.get_by_label("Outcome", exact=True)).to_be_focused()
    page.get_by_label("Outcome", exact=True).select_option("REACHED")
    page.get_by_label("What was said").fill("will ask the boss")
    assert violations(page) == []
    page.get_by_role("button", name="Save and go to the next").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Saved, and the task is done.")
    contact = Contact.objects.get(attempt=Attempt.objects.get())
    assert (contact.summary, contact.duration_seconds is not None) == ("will ask the boss", True)


def test_a_message_is_checked_as_it_is_written(sign_in, portfolio, owner):
    page = sign_in(owner)
    page.goto(f"/customers/{portfolio.customer.pk}/compose/")
    page.get_by_label("Subject").fill("对账")
    page.locator("#compose_body").fill("再不付款就起诉")
    expect(page.locator("#composed")).to_contain_text("announces a consequence")
    page.locator("#compose_body").fill("贵司逾期 {amount}，请核对。")
    expect(page.locator("#composed .mail")).to_contain_text("请核对")
    assert violations(page) == []
    assert not Delivery.objects.filter(template="text").exists()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status").first).to_contain_text("leaves in 2 minutes")
    page.get_by_role("button", name="Withdraw", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("withdrawn")
    assert Delivery.objects.get(template="text").state == "CANCELLED"


def test_a_visit_is_begun_on_a_phone_with_the_position_by_consent(sign_in, portfolio, owner, colleague, now):
    visit = plan(portfolio, owner, colleague, at=now, now=now - timedelta(minutes=1))
    page = sign_in(owner, width=390)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 23.12911, "longitude": 113.264385, "accuracy": 8})
    page.goto(f"/visits/{visit.pk}/")
    page.get_by_label("I agree that my position").check()
    expect(page.locator("[data-position-said]")).to_contain_text("±8 m")
    page.get_by_role("button", name="Check in").click()
    expect(page.get_by_role("status").first).to_contain_text("Checked in")
    assert (VisitArrival.objects.get().latitude_micro, VisitArrival.objects.get().accuracy_m) == (23_129_110, 8)
    assert violations(page) == []


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("zh-hans", "dark", 1280), ("zh-hans", "light", 390)]
)  # fmt: skip
def test_the_pages_are_accessible_and_quiet(
    sign_in, portfolio, owner, colleague, now, settings, tmp_path, language, theme, width
):
    settings.MEDIA_ROOT = tmp_path
    made = make_fieldwork(portfolio, owner, colleague, now=now)
    page = sign_in(owner, language=language, theme=theme, width=width)
    customer = portfolio.customer.pk
    for place in (
        f"/customers/{customer}/call/?task={portfolio.task.pk}",
        f"/customers/{customer}/compose/?template=friendly",
        f"/customers/{customer}/visits/",
        f"/customers/{customer}/contact-log/",
        f"/visits/{made['visit']}/",
        f"/visits/{made['visit_under_way']}/",
        "/visits/",
    ):
        page.goto(place, wait_until="networkidle")
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
        assert violations(page) == [], place
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{place} is {overflow} px too wide"
