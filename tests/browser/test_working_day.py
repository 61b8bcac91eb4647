"""A morning at the desk: by keyboard, on a phone, and with script switched off."""

import re

from playwright.sync_api import expect

from huikuan.outreach import ports
from huikuan.outreach.models import Contact


class Guard:
    """Lets everything pass: a test at night would meet the quiet hours."""

    def ask(self, intent, person, now):
        return ports.Allow()


def test_the_worklist_is_worked_by_keyboard(sign_in, portfolio, owner, monkeypatch):
    monkeypatch.setattr(ports, "guard", Guard)
    page = sign_in(owner)
    page.goto("/worklist/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("tr[data-current]")).to_have_count(1)
    expect(page.locator("tr[data-current] a").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(portfolio.customer.name)
    page.keyboard.press("c")
    expect(page.get_by_label("Channel", exact=True)).to_be_focused()
    page.get_by_label("Outcome", exact=True).select_option("REACHED")
    page.get_by_label("What was said").fill("will ask the boss")
    page.get_by_role("button", name="Save and go to the next").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Saved, and the task is done.")
    expect(page.get_by_role("heading", level=1)).to_have_text(portfolio.customers[1].name)
    assert Contact.objects.latest("pk").summary == "will ask the boss"
    expect(page).to_have_url(re.compile(r"/cases/\d+/\?task=\d+"))
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("The task is open again.")


def test_the_search_narrows_the_list_as_one_types(sign_in, portfolio, owner):
    page = sign_in(owner)
    page.goto("/worklist/")
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("C004")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=C004"))
    page.get_by_role("link", name="Reset").click()
    expect(page.locator("tbody tr")).to_have_count(10)


def test_an_ill_filled_form_is_swapped_in_with_its_errors(sign_in, portfolio, owner, complaints):
    complaints.expect("422")
    page = sign_in(owner)
    page.goto(f"/cases/{portfolio.case.pk}/")
    page.get_by_label("Outcome", exact=True).select_option("PROMISED")
    expect(page.get_by_label("Promised amount")).to_be_visible()
    page.get_by_label("Promised amount").fill("12.345")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#contact .error").first).to_have_text("A promise needs a day.")
    expect(page.get_by_label("Promised amount")).to_have_value("12.345")
    expect(page.get_by_label("Promised amount")).to_be_visible()


def test_the_penalty_unfolds(sign_in, portfolio, owner):
    page = sign_in(owner)
    page.goto(f"/cases/{portfolio.case.pk}/")
    calculation = page.locator("tr.unfolded").first
    expect(calculation).to_be_hidden()
    page.locator("details.unfold summary").first.click()
    expect(calculation).to_be_visible()
    expect(calculation).to_contain_text("0.05%")


def test_theme_and_language_change_the_page(sign_in, portfolio, owner):
    page = sign_in(owner)
    page.goto("/worklist/")
    light = page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor") != light
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")


def test_a_phone_has_its_menu_below(sign_in, portfolio, owner):
    page = sign_in(owner, width=390, height=844)
    page.goto("/worklist/")
    expect(page.get_by_role("link", name="Policy")).to_be_hidden()
    page.get_by_role("button", name="More").click()
    page.get_by_text("Rules and control").click()
    page.get_by_role("link", name="Policy").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Policy")


def test_everything_works_without_script(sign_in, portfolio, owner, monkeypatch, complaints):
    complaints.expect("422")
    monkeypatch.setattr(ports, "guard", Guard)
    page = sign_in(owner, script=False)
    page.goto("/worklist/")
    page.get_by_label("Search").fill("C001")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Start calling").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(portfolio.customer.name)
    page.get_by_role("button", name="Save and go to the next").click()
    expect(page.locator("#contact .error").first).to_have_text("Choose what came of it.")
    page.get_by_label("Outcome", exact=True).select_option("PROMISED")
    page.get_by_label("Promised for").fill("2030-01-05")
    page.get_by_label("Promised amount").fill("1,000")
    page.get_by_role("button", name="Save and go to the next").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved, and the task is done.")
    assert Contact.objects.latest("pk").promised_minor == 100_000
    page.goto(f"/cases/{portfolio.case.pk}/")
    page.locator("summary", has_text="Place a hold").click()
    page.locator("#hold_reason").fill("agreed")
    page.get_by_role("button", name="Place the hold").click()
    expect(page.get_by_role("status").first).to_contain_text("On hold until")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_case_page_prints_without_the_frame(sign_in, portfolio, owner):
    page = sign_in(owner)
    page.goto(f"/cases/{portfolio.case.pk}/")
    page.emulate_media(media="print")
    expect(page.locator("nav.side")).to_be_hidden()
    expect(page.locator("#contact form")).to_be_hidden()
    expect(page.locator("tr.unfolded").first).to_be_visible()


def test_the_guard_answers_while_a_visit_is_logged(sign_in, portfolio, owner, monkeypatch):
    class TwoVisitors(Guard):
        def ask(self, intent, person, now):
            if intent.channel == "VISIT" and intent.visitor_count < 2:
                return ports.Refuse("visit_persons", "上门须 2 人以上同行")
            return ports.Allow()

    monkeypatch.setattr(ports, "guard", TwoVisitors)
    page = sign_in(owner)
    page.goto(f"/cases/{portfolio.case.pk}/")
    expect(page.locator("#guard")).to_have_text("A call is allowed now.")
    expect(page.get_by_label("Number of visitors")).to_be_hidden()
    page.get_by_label("Channel", exact=True).select_option("VISIT")
    expect(page.locator("#guard")).to_contain_text("Not allowed.")
    page.get_by_label("Number of visitors").fill("2")
    page.get_by_label("Number of visitors").blur()
    expect(page.locator("#guard")).to_have_text("A visit is allowed now.")
    page.get_by_label("Outcome", exact=True).select_option("REACHED")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Saved in the contact log.")
    assert Contact.objects.latest("pk").channel == "VISIT"


def test_a_case_is_postponed_and_taken_back_without_script(sign_in, portfolio, owner):
    page = sign_in(owner, script=False)
    page.goto(f"/cases/{portfolio.case.pk}/")
    page.get_by_text("Not before a day").click()
    page.locator("#next_reason").fill("pays at the end of the month")
    page.get_by_role("button", name="Postpone", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Nothing happens before")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("The case goes on as before.")
