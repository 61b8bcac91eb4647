"""What a run kept: of the entity for who sees all of it; of each collector while no customer changes hands."""

from datetime import timedelta

import pytest

from huikuan.desk.queries import aging_first
from huikuan.runs.commands.run import run_day
from huikuan.runs.models import Run

pytestmark = pytest.mark.django_db

TREND = "What was overdue on the days of the runs"

FIGURES = {
    "items": 77, "total": 99_900_00, "buckets": [90_000_00, 5_000_00, 3_000_00, 1_900_00, 0, 0, 0],
    "over_30": 4_900_00, "due_soon": 1_234_00, "on_account": 55_00,
}  # fmt: skip


@pytest.fixture
def kept(portfolio):
    """The day's run kept figures that the ledger of the fixtures does not have."""
    aging = {"edges": [30, 60, 90, 180, 365], "currencies": {"CNY": FIGURES}}
    Run.objects.filter(pk=portfolio.run.pk).update(aging=aging)
    return aging


def _text(client, path):
    return client.get(path).content.decode()


def test_the_dashboard_shows_what_the_run_kept_and_says_of_which_day(client, auditor, portfolio, kept):
    client.force_login(auditor)
    text = _text(client, "/dashboard/")
    assert "¥99,900.00" in text
    assert "¥9,900.00" in text, "overdue"
    assert "¥1,234.00" in text, "due soon"
    assert f"as of the run of {portfolio.run.as_of}" in text
    assert TREND not in text, "one run is no trend"


def test_the_runs_of_the_past_are_drawn_as_a_line(client, auditor, portfolio, kept):
    run = portfolio.run
    for back, overdue in ((1, 4_950_00), (3, 19_800_00)):
        past = {**FIGURES, "buckets": [0, overdue, 0, 0, 0, 0, 0], "total": overdue}
        Run.objects.create(
            entity=run.entity, as_of=run.as_of - timedelta(days=back), policy_version=run.policy_version, state="DONE",
            started_at=run.started_at, aging={**kept, "currencies": {"CNY": past}},
        )  # fmt: skip
    client.force_login(auditor)
    text = _text(client, "/dashboard/")
    assert 'points="0,0 667,75 1000,50"' in text
    assert "¥19,800.00" in text


def test_a_collector_sees_his_own_customers_as_they_stand(client, owner, portfolio, kept):
    client.force_login(owner)
    for path in ("/dashboard/", "/aging/"):
        text = _text(client, path)
        assert "¥99,900.00" not in text
        assert "as of the run of" not in text
        assert TREND not in text


def test_a_small_ledger_is_all_on_the_first_page(client, auditor, kept):
    client.force_login(auditor)
    text = _text(client, "/aging/")
    assert text.count("<tr data-row>") == 6
    assert "¥99,900.00" not in text, "the rows are everything, so they are added up"
    assert "?all=1" not in text


@pytest.fixture
def two_at_first(monkeypatch):
    monkeypatch.setattr(aging_first, "FIRST", 2)


@pytest.mark.usefixtures("two_at_first", "kept")
def test_the_first_page_has_the_customers_most_overdue_and_the_totals_of_the_run(client, auditor, portfolio):
    client.force_login(auditor)
    text = _text(client, "/aging/")
    assert text.count("<tr data-row>") == 2
    assert [f"MAIN-C00{number}" in text for number in range(1, 7)] == [False, False, False, False, True, True]
    assert "¥99,900.00" in text
    assert f"Totals as the run of {portfolio.run.as_of} kept them" in text
    assert "all=1" in text
    everything = _text(client, "/aging/?all=1")
    assert everything.count("<tr data-row>") == 6
    assert "¥99,900.00" not in everything


@pytest.mark.usefixtures("two_at_first", "kept")
@pytest.mark.parametrize("query", ["buckets=15,45", "industry=%E7%89%A9%E4%B8%9A"])
def test_totals_that_no_run_kept_are_added_up_and_the_page_says_so(query, client, auditor):
    client.force_login(auditor)
    text = _text(client, f"/aging/?{query}")
    assert "¥99,900.00" not in text
    assert "Totals added up over the whole ledger just now" in text


@pytest.mark.usefixtures("two_at_first", "kept")
def test_the_first_page_of_a_collector_has_only_his_customers(client, owner, portfolio):
    client.force_login(owner)
    text = _text(client, "/aging/")
    assert [f"MAIN-C00{number}" in text for number in range(1, 7)] == [False, False, False, True, True, False]
    assert "Totals added up" in text


@pytest.mark.usefixtures("two_at_first", "kept")
@pytest.mark.parametrize(("days_ago", "is_kept"), [(1, True), (4, True), (5, False)])
def test_before_the_days_run_the_totals_are_those_of_the_last_one(days_ago, is_kept, client, auditor, portfolio):
    day = portfolio.run.as_of - timedelta(days=days_ago)
    Run.objects.filter(pk=portfolio.run.pk).update(as_of=day, previous_on=None)
    client.force_login(auditor)
    text = _text(client, "/aging/")
    assert (f"Totals as the run of {day} kept them" in text) == is_kept
    assert ("¥99,900.00" in text) == is_kept


OWN = "open and overdue as of the run of"


def _figures(client, user) -> list:
    """Return what the dashboard says of a user's customers."""
    client.force_login(user)
    return client.get("/dashboard/").context["board"].figures


@pytest.mark.parametrize("who", ["owner", "colleague"])
def test_what_a_run_kept_of_a_collector_or_a_team_is_what_the_ledger_says(who, client, portfolio, now, request):
    user = request.getfixturevalue(who)
    added_up = _figures(client, user)
    assert OWN not in _text(client, "/dashboard/")
    run_day(entity_id=portfolio.entity.pk, as_of=portfolio.run.as_of, now=now)
    assert OWN in _text(client, "/dashboard/")
    assert _figures(client, user) == added_up


def _give(customer, collector) -> None:
    customer.collector = collector
    customer.save()


def test_whose_customers_changed_since_the_run_gets_figures_added_up_now(client, owner, portfolio, now):
    run_day(entity_id=portfolio.entity.pk, as_of=portfolio.run.as_of, now=now)
    mine, nobodys = portfolio.customers[3], portfolio.customers[5]
    before = _figures(client, owner)[0].open_minor
    _give(mine, None)
    without = _figures(client, owner)[0].open_minor
    assert OWN not in _text(client, "/dashboard/")
    assert before - without == sum(mine.items.filter(settled_on=None).values_list("open_minor", flat=True)) > 0
    _give(nobodys, owner)
    assert OWN not in _text(client, "/dashboard/"), "as many as before, and others"
    _give(nobodys, None)
    _give(mine, owner)
    assert OWN in _text(client, "/dashboard/")


@pytest.mark.usefixtures("two_at_first")
def test_the_totals_of_the_aging_page_of_a_collector_are_those_of_the_run(client, owner, colleague, portfolio, now):
    client.force_login(owner)
    added_up = client.get("/aging/").context["report"].totals
    run_day(entity_id=portfolio.entity.pk, as_of=portfolio.run.as_of, now=now)
    for user, path in ((owner, "/aging/"), (colleague, f"/aging/?collector={owner.pk}")):
        client.force_login(user)
        report = client.get(path).context["report"]
        assert (report.kept_on, report.totals) == (portfolio.run.as_of, added_up)
