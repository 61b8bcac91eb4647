"""`huikuan money`: what it books, what it asks, and what it says as JSON."""

import json

import pytest
from click.testing import CliRunner

from huikuan.cash.models import MoneyRequest
from huikuan.cli.money import money
from huikuan.receivables.models import Assignment, LimitationEvent, OpenItem, Receipt, SetOff, ThirdPartyPayment
from tests.modules.cash.test_closing import DUE, LATE
from tests.modules.runs.conftest import bill

__all__ = ["bill"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(monkeypatch):
    monkeypatch.setattr("huikuan.cli.money.ensure_home", lambda: None)


def say(*words, status=0):
    answer = CliRunner().invoke(money, [*words, "--entity", "MAIN", "--json"])
    if answer.exception and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    assert answer.exit_code == status, answer.output
    return json.loads(answer.output)


def test_money_comes_and_goes_back(bill, finance, tianhe):
    item = bill(tianhe, "INV-1", DUE, 100_000)
    came = say("receive", tianhe.code, "400.00", "--reference", "YH-1", "--on", LATE.isoformat())
    assert came["paid"] == [{"item": "INV-1", "amount": "400.00"}]
    assert say("receive", tianhe.code, "1", "--reference", "YH-1", status=1)["error"]["code"].startswith("receivables.")
    say("reverse", "YH-1", "--mistaken", "--reason", "typo")
    assert OpenItem.objects.get(pk=item.pk).open_minor == 100_000
    assert say("reverse", "YH-9", "--reason", "x", status=1)["error"]["code"] == "cli.receipt-unknown"


def test_others_decide_about_write_offs_and_refunds(bill, finance, tianhe):
    bill(tianhe, "INV-1", DUE, 100_000)
    say("receive", tianhe.code, "50", "--reference", "YH-1", "--on", LATE.isoformat(), "--on-account")
    assert say("refund", "YH-1", "20", "--reason", "too much", "--by", finance.username)["kind"] == "REFUND"
    asked = say("write-off", "INV-1", "10", "--reason", "old", "--by", finance.username)
    assert (asked["state"], asked["amount"]) == ("WAITING", "10.00")
    assert [row["about"] for row in say("request", "list")] == ["YH-1", "INV-1"]
    assert MoneyRequest.objects.count() == 2
    assert say("write-off", "INV-1", "--reason", "x", "--by", "nobody", status=1)["error"]["code"] == "cli.user-unknown"


def test_what_stands_beside_money(bill, finance, tianhe, tmp_path):
    item = bill(tianhe, "INV-1", DUE, 100_000)
    letter = tmp_path / "letter.txt"
    letter.write_text("抵销通知")
    say("set-off", tianhe.code, "100", "--number", "DX-1", "--against", "CG-7", "--on", LATE.isoformat(), "--file",
        str(letter))  # fmt: skip
    assert OpenItem.objects.get(pk=item.pk).open_minor == 90_000
    assert (SetOff.objects.get().against, SetOff.objects.get().credit_note.reason) == ("CG-7", "SET_OFF")
    say("receive", tianhe.code, "100", "--reference", "YH-2", "--paid-by", "滨海", "--ground", "代付函")
    assert ThirdPartyPayment.objects.get().receipt == Receipt.objects.get(reference="YH-2")
    assert not LimitationEvent.objects.exists()
    say("assign", tianhe.code, "INV-1", "--to", "长安保理", "--agreed", LATE.isoformat())
    assert list(Assignment.objects.get().items.all()) == [item]
    early = say("assign", tianhe.code, "INV-1", "--to", "x", "--agreed", LATE.isoformat(), "--notified",
                DUE.isoformat(), status=1)  # fmt: skip
    assert early["error"]["code"] == "receivables.notice-before-agreement"
    say("interrupt", tianhe.code, "INV-1", "--kind", "TIME_ASKED", "--on", LATE.isoformat(), "--evidence", "微信 7-10")
    assert LimitationEvent.objects.get().evidence == "微信 7-10"


def test_without_a_penalty_nothing_is_charged(bill, tianhe):
    bill(tianhe, "INV-1", DUE, 100_000)
    assert say("charge", tianhe.code, status=1)["error"]["code"] == "receivables.nothing-to-charge"
