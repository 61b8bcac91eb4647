"""The pages of the texts: library, editor with check and preview on a real case, four eyes, differences; the talk."""

import json

import pytest
from click.testing import CliRunner
from django.urls import reverse

from huikuan.cli.template import template
from huikuan.outreach.models import TemplateVersion
from huikuan.outreach.templates import shipped
from huikuan.runs.queries.texts import talk
from tests.modules.desk.wordings import BODY, TEXT, make_texts

pytestmark = pytest.mark.django_db
EDIT = reverse("desk:text-edit", args=["friendly", "EMAIL", "zh-hans"])


def words(**changes):
    return {"subject": TEXT.subject, "body": BODY, "tone": "FRIENDLY", "industry": "", "grade": "", **changes}


@pytest.fixture
def manager(client, colleague):
    client.force_login(colleague)
    return client


def test_the_library_shows_every_kind_in_both_languages(manager, portfolio):
    page = manager.get(reverse("desk:texts")).content.decode()
    for word in ("Friendly reminder", "Thank-you for a payment", "Account statement", "1 variant", "Shipped"):
        assert word in page
    assert "First call" in manager.get(reverse("desk:texts"), {"channel": "PHONE"}).content.decode()


def test_the_preview_shows_a_real_case_in_the_words_of_the_draft(manager, portfolio):
    code = portfolio.customer.code
    answer = manager.post(EDIT, words(act="preview", customer=code))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "打扰了" in page
    assert portfolio.item.number in page
    assert "The text is right" in page
    assert not TemplateVersion.objects.exists()


def test_the_preview_never_shows_a_case_of_another_entity(manager, portfolio, foreign):
    page = manager.post(EDIT, words(act="preview", customer=foreign.customer.code)).content.decode()
    assert foreign.item.number not in page
    assert "Name the code of a customer of yours" in page


def test_flaws_are_listed_with_their_place_and_nothing_is_stored(manager, portfolio):
    answer = manager.post(EDIT, words(act="store", body=BODY.replace("{clause}", "{claws}")))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Line 10" in page
    assert "No placeholder is called {claws}" in page
    assert not TemplateVersion.objects.exists()


def test_ones_own_draft_cannot_be_approved_on_the_page_either(manager, portfolio):
    assert manager.post(EDIT, words(act="store", note="softer")).status_code == 303
    version = TemplateVersion.objects.get()
    page = manager.get(reverse("desk:text-version", args=[version.pk])).content.decode()
    assert "Approve and use" not in page
    assert "<ins>您好，打扰了！感谢贵司一直以来的支持与合作。</ins>" in page
    assert manager.post(reverse("desk:text-approve", args=[version.pk])).status_code == 409
    assert manager.get(reverse("desk:texts")).content.decode().count("Waiting for approval") == 1


def test_older_versions_can_be_taken_up_again(manager, portfolio, colleague, now):
    rows = make_texts(portfolio.customer.entity, colleague, now=now)
    assert manager.post(reverse("desk:text-use", args=[rows["older_text"]])).status_code == 303
    page = manager.get(reverse("desk:text", args=["friendly", "EMAIL", "zh-hans"])).content.decode()
    assert "version 1 in use" in page
    assert manager.post(reverse("desk:text-shipped", args=[rows["slot"]])).status_code == 303
    page = manager.get(reverse("desk:text", args=["friendly", "EMAIL", "zh-hans"])).content.decode()
    assert "shipped text in use" in page


def test_hostile_words_are_escaped_on_the_page(manager, portfolio):
    customer = portfolio.customer
    customer.name = "<script>alert(1)</script>"
    customer.save()
    page = manager.post(EDIT, words(act="preview", customer=customer.code)).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_pages_start_few_queries(manager, portfolio, colleague, now, django_assert_max_num_queries):
    rows = make_texts(portfolio.customer.entity, colleague, now=now)
    with django_assert_max_num_queries(10):
        manager.get(reverse("desk:texts"))
    with django_assert_max_num_queries(10):
        manager.get(reverse("desk:text", args=["friendly", "EMAIL", "zh-hans"]))
    with django_assert_max_num_queries(10):
        manager.get(reverse("desk:text-version", args=[rows["draft_text"]]))


def test_the_scripts_page_shows_scripts_and_playbook_in_the_language_asked_for(manager, portfolio):
    page = manager.get(reverse("desk:scripts"), {"language": "zh-hans"}).content.decode()
    assert "资金周转困难" in page
    assert "请问是{person_name}吗？" in page
    assert "Short of cash" in manager.get(reverse("desk:scripts"), {"language": "en"}).content.decode()


def test_a_talk_states_the_claim_and_two_working_days(portfolio, owner, now):
    customer = portfolio.customer
    sheet = talk(
        customer=customer, currency="CNY", script="first_call", caller=owner, person_name="刘会计", language="zh-hans",
        now=now,
    )  # fmt: skip
    said = "\n".join(line for lines in sheet.parts.values() for line in lines)
    assert "陈立" in said
    assert "请问是刘会计吗？" in said
    assert portfolio.item.number in said
    assert "{" not in said
    assert all("{" not in each.question for each in sheet.objections)


def test_texts_travel_as_a_file_and_come_back_as_drafts(portfolio, colleague, owner, tmp_path, monkeypatch):
    monkeypatch.setattr("huikuan.cli.template.ensure_home", lambda: None)
    run = CliRunner()
    file = tmp_path / "texts.json"
    entity = portfolio.customer.entity.code
    assert run.invoke(template, ["export", "--out", str(file), "--entity", entity]).exit_code == 0
    document = json.loads(file.read_text("utf-8"))
    assert run.invoke(template, ["check", str(file), "--entity", entity]).exit_code == 0
    row = next(each for each in document["texts"] if each["body"] == shipped("friendly", "EMAIL", "en")[0].body)
    row["body"] = row["body"].replace("Thank you for your business.", "Thank you for your custom.")
    file.write_text(json.dumps(document), "utf-8")
    refused = run.invoke(template, ["import", str(file), "--user", owner.username, "--entity", entity])
    assert (refused.exit_code, TemplateVersion.objects.count()) == (1, 0)
    brought = run.invoke(template, ["import", str(file), "--user", colleague.username, "--entity", entity, "--json"])
    assert json.loads(brought.output) == {
        "drafted": [{"kind": "friendly", "channel": "EMAIL", "language": "en", "version": 1}]
    }
    row["body"] = row["body"].replace("{clause}", "{claws}")
    file.write_text(json.dumps(document), "utf-8")
    checked = run.invoke(template, ["check", str(file), "--entity", entity, "--json"])
    assert checked.exit_code == 1
    assert "{claws}" in json.loads(checked.output)["flaws"][0]["message"]
    broken = run.invoke(template, ["import", str(file), "--user", colleague.username, "--entity", entity])
    assert (broken.exit_code, TemplateVersion.objects.count()) == (1, 1)
    shown = run.invoke(template, ["show", "friendly", "--language", "en", "--entity", entity])
    assert "Thank you for your business." in shown.output
    assert "friendly/EMAIL/en/FRIENDLY/long-term" in run.invoke(template, ["list", "--entity", entity]).output
