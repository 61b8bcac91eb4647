"""The bill behind a signed link: the debtor's own account, nothing else, and no trace in caches."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from huikuan.journal.models import Entry
from huikuan.parties.commands.links import address_of_link, issue_link, revoke_link
from huikuan.receivables.commands.contracts import open_contract
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.rules.terms import Terms

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    """The portal reads the real clock."""
    return timezone.now()


@pytest.fixture
def bill(tianhe, binhai, finance, now):
    """Tianhe owes 100,000.00 for ten days at 0.05 % a day; Binhai owes something else."""
    today = now.date()
    contract = open_contract(customer_id=tianhe.pk, number="HT-1", clause="§ 8.2", actor=finance, now=now,
                             terms=Terms(kind="PER_DAY", rate_ppb=500_000, source="§ 8.2"))  # fmt: skip
    book_item(customer_id=tianhe.pk, number="FP-<1>", amount_minor=10_000_000, issued_on=today - timedelta(days=40),
              due_on=today - timedelta(days=10), contract_id=contract.pk, actor=finance, now=now)  # fmt: skip
    book_item(customer_id=binhai.pk, number="FP-SECRET", amount_minor=100, issued_on=today, actor=finance, now=now)
    link = issue_link(
        customer_id=tianhe.pk, purpose="BILL", about="delivery:1", expires_at=now + timedelta(days=30), now=now
    )
    return link, urlsplit(address_of_link(link)).path


def test_the_debtor_reads_his_own_account(client, bill, tianhe, django_assert_max_num_queries):
    link, path = bill
    with django_assert_max_num_queries(16):
        answer = client.get(path)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert tianhe.name in text
    assert "¥100,000.00" in text
    assert "FP-&lt;1&gt;" in text
    assert "FP-SECRET" not in text
    # In UTC and in Shanghai it may be different days: ten days or eleven.
    assert "¥500.00" in text or "¥550.00" in text
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert client.cookies == {}
    link.refresh_from_db()
    assert link.first_opened_at is not None


def test_the_page_speaks_both_languages(client, bill):
    _link, path = bill
    chinese, english = client.get(f"{path}?lang=zh-hans"), client.get(f"{path}?lang=en")
    assert 'lang="zh-hans"' in chinese.content.decode()
    assert "How to pay, whom to ask" in english.content.decode()
    assert "Penalty" in english.content.decode()
    assert client.get(f"{path}?lang=xx").status_code == 200


def test_a_look_without_reading_is_no_evidence(client, bill):
    _link, path = bill
    assert client.head(path).status_code == 200
    assert not Entry.objects.filter(event="parties.link-opened").exists()


def test_a_link_gives_nothing_once_it_is_over(client, bill, now):
    link, path = bill
    revoke_link(link_id=link.pk, actor=None, now=now)
    answer = client.get(path)
    assert answer.status_code == 410
    assert "100,000" not in answer.content.decode()
    forged = path.replace(f"/{link.pk}.", f"/{link.pk + 1}.")
    assert client.get(forged).status_code == 404


def test_a_bill_takes_no_orders(client, bill):
    _link, path = bill
    for method in (client.post, client.put, client.delete):
        assert method(path).status_code == 405
