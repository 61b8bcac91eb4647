"""What a user chooses for himself, and what happens when things go wrong."""

import pytest
from django.db import DatabaseError, connections
from django.test import Client

from huikuan.desk.views import errors


def test_the_language_is_kept_with_the_user(client, owner, portfolio):
    client.force_login(owner)
    answer = client.post("/language/", {"language": "zh-hans", "next": "/customers/"})
    owner.refresh_from_db()
    assert answer["Location"] == "/customers/"
    assert owner.language == "zh-hans"
    assert '<html lang="zh-hans"' in client.get("/worklist/").content.decode()


def test_a_language_that_is_not_offered_changes_nothing(client, owner, portfolio):
    client.force_login(owner)
    client.post("/language/", {"language": "xx"})
    owner.refresh_from_db()
    assert owner.language == "en"


def test_a_visitor_keeps_the_language_in_a_cookie(client, db):
    client.post("/language/", {"language": "zh-hans", "next": "/login/"})
    assert '<html lang="zh-hans"' in client.get("/login/").content.decode()


@pytest.mark.parametrize(("chosen", "shown"), [("dark", 'data-theme="dark"'), ("light", 'data-theme="light"')])
def test_the_theme_needs_no_script(client, owner, portfolio, chosen, shown):
    client.force_login(owner)
    client.post("/theme/", {"theme": chosen})
    assert shown in client.get("/manual/").content.decode()
    client.post("/theme/", {"theme": "auto"})
    assert "data-theme" not in client.get("/manual/").content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_choice_never_leads_elsewhere(client, owner, portfolio, target):
    client.force_login(owner)
    assert client.post("/theme/", {"theme": "dark", "next": target})["Location"] == "/"


def test_signing_in_with_a_wrong_password_is_ill_filled(client, owner):
    answer = client.post("/login/", {"username": owner.username, "password": "wrong"})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_after_signing_in_one_gets_where_one_wanted(client, owner, portfolio):
    owner.set_password("correct horse battery")
    owner.save()
    answer = client.get("/aging/?by=item")
    assert answer["Location"] == "/login/?next=%2Faging%2F%3Fby%3Ditem"
    data = {"username": owner.username, "password": "correct horse battery", "next": "/aging/?by=item"}
    assert client.post("/login/", data)["Location"] == "/aging/?by=item"


def test_pages_are_guarded_by_a_strict_policy(client, owner, portfolio):
    client.force_login(owner)
    answer = client.get("/worklist/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Frame-Options"] == "DENY"


def test_no_page_has_script_or_style_of_its_own(client, colleague, portfolio):
    client.force_login(colleague)
    places = [
        "/worklist/",
        f"/cases/{portfolio.case.pk}/",
        f"/customers/{portfolio.customer.pk}/",
        "/aging/",
        "/policy/",
    ]
    for place in [*places, "/dashboard/", "/runs/", "/deliveries/", "/manual/"]:
        text = client.get(place).content.decode()
        assert " style=" not in text, place
        assert " onclick=" not in text, place
        assert "<style" not in text, place
        assert text.count("<script") == text.count("<script src="), place


def test_the_database_is_part_of_health(client, db, monkeypatch):
    assert client.get("/healthz").json() == {"status": "ok"}

    def broken(*_args, **_kwargs):
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(connections["default"], "cursor", broken)
        assert Client().get("/healthz").status_code == 503


def test_an_error_page_says_what_to_do(client, owner, portfolio, rf):
    client.force_login(owner)
    answer = client.get("/cases/999999/")
    assert answer.status_code == 404
    assert "start from the worklist" in answer.content.decode()
    assert "administrator" in errors.broken(rf.get("/")).content.decode()


def test_a_stranger_gets_an_error_page_without_a_menu(client, db):
    answer = client.get("/no/such/page/")
    assert answer.status_code == 404
    assert "/customers/" not in answer.content.decode()
