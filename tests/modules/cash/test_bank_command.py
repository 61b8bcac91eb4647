"""`huikuan bank import` books and matches what it brought; `--no-match` leaves it."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from huikuan.cash.commands.accounts import add_account
from huikuan.cash.commands.matching import MatchingBusy
from huikuan.cli.main import huikuan
from huikuan.receivables.commands.items import book_item
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home_is_there(monkeypatch):
    monkeypatch.setattr("huikuan.cli.bank.ensure_home", lambda: None)


@pytest.fixture
def owed(huatai, tianhe):
    add_account(entity_id=huatai.pk, number="110012340022", currency="CNY", actor=None, now=NOON)
    return book_item(
        customer_id=tianhe.pk, number="INV-2026-0001", amount_minor=500_000, issued_on=TODAY - timedelta(days=60),
        due_on=TODAY - timedelta(days=10), actor=None, now=NOON,
    )  # fmt: skip


@pytest.fixture
def bring(huatai, tmp_path):
    path = tmp_path / "流水.csv"
    path.write_text(
        "记账日期,货币,交易金额,联机余额,交易摘要,对手信息,客户摘要\n"
        f"{TODAY},CNY,5000.00,5000.00,转账,天河电子有限公司,INV-2026-0001\n{TODAY},CNY,41.37,5041.37,结息,,利息\n",
        encoding="utf-8",
    )
    words = ("bank", "import", str(path), "--entity", huatai.code, "--account", "110012340022")
    return lambda *more: CliRunner().invoke(huikuan, [*words, *more])


def open_minor(item):
    item.refresh_from_db()
    return item.open_minor


def test_an_import_matches_what_it_brought_and_says_so(bring, owed):
    answer = json.loads(bring("--json").output)
    assert answer["matched"] == {
        "lines": 2, "collected": 0, "automatic": 1, "proposed": 0, "unanswered": 1, "refused": [],
    }  # fmt: skip
    assert (answer["recognized"], open_minor(owed)) == (0, 0)
    again = bring()
    assert "imported before" in again.output
    assert "matched" not in again.output


def test_without_matching_the_lines_wait(bring, owed):
    answer = json.loads(bring("--no-match", "--json").output)
    assert (answer["matched"], answer["accounts"][0]["booked"], open_minor(owed)) == (None, 2, 500_000)


def test_in_words_and_when_another_matching_is_under_way(bring, owed, monkeypatch, huatai):
    assert "Checked; nothing was written." in bring("--dry-run").output
    assert open_minor(owed) == 500_000

    def busy(**_asked):
        raise MatchingBusy(entity=huatai.name)

    monkeypatch.setattr("huikuan.cli.bank.match_lines", busy)
    answer = bring()
    assert answer.exit_code == 0
    assert "2 new lines" in answer.output
    assert "being matched right now" in answer.output
