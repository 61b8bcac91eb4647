"""What pages show, and what they cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huikuan.outreach import ports
from tests.modules.desk.guards import Guard

FRAME = 3
"""Every page reads the session, the user and his roles."""

# Where a person can be called, the guard is asked: what stands and what was said, in two; the policy comes along.
QUERIES = {
    "/worklist/": 4,
    "/worklist/?q=C00&bucket=31-60&grade=C&sort=oldest": 4,
    "/worklist/?state=done": 4,
    "/cases/{case}/": 10,
    "/cases/{case}/?task={task}": 10,
    "/customers/": 3,
    "/customers/{customer}/": 9,
    "/customers/{customer}/contracts/": 10,
    "/customers/{customer}/contact-log/": 8,
    "/aging/": 5,
    "/aging/?all=1": 3,
    "/aging/?by=item&customer={customer}": 3,
    "/dashboard/": 8,
    "/runs/": 1,
    "/runs/{run}/": 3,
    "/policy/": 4,
    "/policy/{version}/": 5,
    "/deliveries/": 5,
    "/deliveries/{sent}/": 3,
    "/manual/": 0,
}


@pytest.fixture
def keys(portfolio):
    return {
        "case": portfolio.case.pk, "task": portfolio.task.pk, "customer": portfolio.customer.pk,
        "run": portfolio.run.pk, "version": portfolio.version.pk, "sent": portfolio.deliveries["SENT"].pk,
    }  # fmt: skip


@pytest.mark.parametrize("place", QUERIES)
def test_a_page_costs_a_handful_of_queries(place, client, colleague, keys):
    client.force_login(colleague)
    client.get(place.format(**keys))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(place.format(**keys)).status_code == 200
    content = len(queries) - FRAME
    assert content <= QUERIES[place], "\n".join(each["sql"][:160] for each in queries)


def test_the_number_of_queries_does_not_grow_with_the_rows(client, colleague, portfolio):
    client.force_login(colleague)
    counts = []
    for search in ("C001", "C00"):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/customers/?q={search}")
            client.get(f"/worklist/?q={search}")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_case_page_unfolds_the_penalty(client, owner, portfolio):
    client.force_login(owner)
    text = client.get(f"/cases/{portfolio.case.pk}/").content.decode()
    # 4,000.00 due 47 days ago, 3 days of grace, 0.05 % a day; 1,000.00 arrived two days ago:
    # 42 days on 4,000.00 and 2 days on 3,000.00.
    assert "¥84.00" in text
    assert "¥3.00" in text
    assert "¥87.00" in text
    assert "0.05% a day · 3 days of grace" in text
    assert "0.05%" in text


def test_money_on_account_stands_beside_the_debt(client, owner, portfolio):
    client.force_login(owner)
    text = client.get(f"/cases/{portfolio.case.pk}/").content.decode()
    assert "¥7,000.01" in text  # 3,000.00 and 4,000.01 are overdue
    assert "−¥500.00" in text
    assert "¥6,500.01" in text


def test_a_blocked_person_has_no_link_to_call(client, owner, portfolio, monkeypatch):
    monkeypatch.setattr(ports, "guard", Guard)
    monkeypatch.setattr("huikuan.desk.queries.guard.foresee_contacts", Guard().foresee)
    client.force_login(owner)
    text = client.get(f"/cases/{portfolio.case.pk}/").content.decode()
    assert '">+8613900139001</a>' in text
    assert "+8613700137000" in text
    assert '">+8613700137000</a>' not in text


def test_an_auditor_reads_without_forms(client, auditor, portfolio):
    client.force_login(auditor)
    text = client.get(f"/cases/{portfolio.case.pk}/").content.decode()
    assert "昌雅盛达" in text
    assert "/contacts/" not in text
    assert "/holds/" not in text


def test_the_grade_is_explained(client, colleague, portfolio):
    client.force_login(colleague)
    text = client.get(f"/customers/{portfolio.customer.pk}/").content.decode()
    for words in ("C: often late", "69 of 100 points", "3 of 14 settled items", "20 / 30", "an item has been overdue"):
        assert words in text


def test_a_grade_by_hand_is_set_and_taken_back(client, colleague, portfolio):
    client.force_login(colleague)
    page = f"/customers/{portfolio.customer.pk}/"
    ends_on = portfolio.hold.ends_on.isoformat()
    answer = client.post(f"{page}grade/", {"letter": "A", "ends_on": ends_on, "reason": "guarantee"}, follow=True)
    assert "guarantee" in answer.content.decode()
    assert client.post(f"{page}grade/", {"letter": "A", "ends_on": "2199-01-01", "reason": "x"}).status_code == 409
    assert client.post(f"{page}grade/", {"letter": "X", "ends_on": ends_on, "reason": "x"}).status_code == 422
    assert client.post(f"{page}grade/release/").status_code == 303
    assert client.post(f"{page}grade/release/").status_code == 409


def test_aging_shows_buckets_red_beyond_thirty_days(client, colleague, portfolio):
    client.force_login(colleague)
    text = client.get("/aging/").content.decode()
    assert '<td class="money wide late">¥3,000.00</td>' in text
    assert '<td class="money wide">¥4,000.01</td>' in text


def test_aging_of_a_past_day_does_not_know_later_money(client, colleague, portfolio):
    client.force_login(colleague)
    before = portfolio.run.as_of.replace(day=1)
    text = client.get(f"/aging/?by=item&customer={portfolio.customer.pk}&as_of={before.isoformat()}").content.decode()
    assert "¥4,000.00" in text


@pytest.mark.parametrize("query", ["as_of=yesterday", "buckets=90,30"])
def test_aging_says_what_it_could_not_read(query, client, colleague, portfolio):
    client.force_login(colleague)
    answer = client.get(f"/aging/?{query}")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_nonsense_in_an_address_is_not_an_error(client, colleague, portfolio):
    client.force_login(colleague)
    nonsense = "q=%00%27&kind=X&grade=Z&collector=zzz&bucket=9&sort=evil&task=abc&state=gone&by=moon&step=1&after=x"
    nonsense += "&industry=%00"
    for place in ("/worklist/", "/customers/", "/deliveries/", "/aging/", "/worklist/next/", "/runs/1/"):
        answer = client.get(f"{place}?{nonsense}")
        assert answer.status_code in {200, 302, 404}, place
    assert client.get(f"/cases/{portfolio.case.pk}/?task=99999999999999999999").status_code == 200


def test_exports_hold_the_users_rows_and_are_recorded(client, owner, portfolio):
    from huikuan.journal.models import Entry  # noqa: PLC0415

    client.force_login(owner)
    answer = client.get("/exports/items/csv/")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert answer["Content-Disposition"].startswith('attachment; filename="MAIN-items-')
    assert "MAIN-INV-001-0" in text
    assert "MAIN-INV-006-0" not in text, "nobody's customer is not the collector's to see"
    assert Entry.objects.get(event="exchange.list-exported").facts == {"list": "items", "format": "csv"}
    assert client.get("/exports/users/csv/").status_code == 404
    assert client.get("/exports/items/exe/").status_code == 404
