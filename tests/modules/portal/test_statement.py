"""The account statement behind its link: read, confirmed once, or its differences said; another link opens nothing."""

from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from huikuan.cash.commands.account_statements import make_statements, send_statement, withdraw_statement
from huikuan.cash.models import StatementDifference
from huikuan.journal.models import Entry
from huikuan.parties.commands.links import address_of_link, issue_link
from huikuan.receivables.commands.items import book_item

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2026, 5, 1), date(2026, 5, 31)


@pytest.fixture
def statement(tianhe, finance):
    """Tianhe's statement of May, sent."""
    now = timezone.now()
    book_item(customer_id=tianhe.pk, number="FP-<1>", amount_minor=123_456, issued_on=FIRST, actor=finance, now=now)
    [made] = make_statements(
        entity_id=tianhe.entity_id, customer_ids=[tianhe.pk], starts_on=FIRST, ends_on=LAST, as_of=now.date(), now=now,
        actor=None,
    )  # fmt: skip
    return send_statement(statement_id=made.pk, as_of=now.date(), now=now, actor=None)


def path_of(customer, about: str, purpose: str = "STATEMENT") -> str:
    now = timezone.now()
    link = issue_link(
        customer_id=customer.pk, purpose=purpose, about=about, expires_at=now + timedelta(days=30), now=now
    )
    return urlsplit(address_of_link(link)).path


@pytest.fixture
def path(statement, tianhe):
    """Where the link leads."""
    return path_of(tianhe, f"statement:{statement.pk}")


def test_it_is_read_with_both_files(client, path, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        answer = client.get(path)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "FP-&lt;1&gt;" in text
    assert "¥1,234.56" in text
    assert client.get(f"{path}statement.pdf").content.startswith(b"%PDF-")
    assert client.get(f"{path}statement.xlsx").content.startswith(b"PK")


def test_it_is_confirmed_once_with_name_and_tick(client, path, statement):
    assert client.post(f"{path}confirmation/", {"name": "李会计"}).status_code == 409
    assert client.post(f"{path}confirmation/", {"name": " ", "agreed": "on"}).status_code == 409
    assert not Entry.objects.filter(event="limitation.interrupted").exists()
    answer = client.post(f"{path}confirmation/", {"name": "李会计", "agreed": "on"})
    assert answer.status_code == 303
    statement.refresh_from_db()
    assert (statement.state, statement.answered_by) == ("CONFIRMED", "李会计")
    assert Entry.objects.filter(event="limitation.interrupted").count() == 1
    again = client.get(path)
    assert "李会计" in again.content.decode()
    assert "confirmation/" not in again.content.decode()
    assert client.post(f"{path}confirmation/", {"name": "李会计", "agreed": "on"}).status_code == 409


def test_differences_come_line_by_line_with_a_file(client, path, statement):
    said = {"other": "李会计", "number_1": "FP-<1>", "amount_1": "1,000", "reason_1": "two boxes short",
            "number_3": "HK-7", "reason_3": "paid on 3 May"}  # fmt: skip
    assert client.post(f"{path}differences/", said | {"amount_1": "a lot"}).status_code == 409
    file = SimpleUploadedFile("delivery.pdf", b"%PDF-1.7 delivery", content_type="application/pdf")
    assert client.post(f"{path}differences/", said | {"file": file}).status_code == 303
    first, second = StatementDifference.objects.order_by("pk")
    assert (first.number, first.ours_minor, first.theirs_minor) == ("FP-<1>", 123_456, 100_000)
    assert (second.ours_minor, second.theirs_minor) == (None, None)
    assert first.file.name == "delivery.pdf"
    assert "two boxes short" in client.get(path).content.decode()


def test_no_other_link_opens_it(client, statement, binhai, tianhe, finance):
    about = f"statement:{statement.pk}"
    assert client.get(path_of(tianhe, about, "BILL") + "statement.pdf").status_code == 404
    withdraw_statement(statement_id=statement.pk, reason="wrong", now=timezone.now(), actor=finance)
    assert client.get(path_of(tianhe, about)).status_code == 404


def test_a_link_of_another_customer_opens_nothing(client, statement, binhai):
    assert client.get(path_of(binhai, f"statement:{statement.pk}")).status_code == 404
