"""`huikuan pay` and `huikuan plan link`, as a program reads them."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from huikuan.cli.main import huikuan

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home_is_there(monkeypatch):
    for module in ("pay", "plan"):
        monkeypatch.setattr(f"huikuan.cli.{module}.ensure_home", lambda: None)


def run(*words):
    return CliRunner().invoke(huikuan, list(words))


def test_the_link_of_a_customer_opens_his_bill(client, payer):
    answer = json.loads(run("pay", "link", "tianhe", "--json").output)
    assert (answer["customer"], answer["gateways"]) == ("TIANHE", ["sandbox"])
    page = client.get(answer["address"].split("8000")[1] + "?lang=en")
    assert "FP-1" in page.content.decode()


def test_an_unknown_customer_is_refused(payer):
    answer = run("pay", "link", "nobody")
    assert answer.exit_code == 1
    assert "There is no customer nobody" in answer.output


def test_payments_are_listed_and_asked_about(payer):
    payment = payer.begin()
    listed = json.loads(run("pay", "list", "--json").output)["payments"]
    assert [(row["number"], row["state"], row["amount"]) for row in listed] == [(payment.number, "PENDING", "1250.00")]
    assert json.loads(run("pay", "list", "--state", "PAID", "--json").output) == {"payments": []}
    assert json.loads(run("pay", "check", "--json").output) == {"checked": 1, "ended": 1, "refunds": 0}


def test_a_plan_nobody_knows_has_no_link(payer):
    assert run("plan", "link", "FQ-404").exit_code == 1


@pytest.mark.parametrize(
    ("gateways", "complaint"),
    [("alipay", "without HUIKUAN_ALIPAY_APP, HUIKUAN_ALIPAY_KEY_FILE"), ("paypal", "HUIKUAN_GATEWAYS names paypal")],
)
def test_a_gateway_without_its_settings_stops_the_start(tmp_path, gateways, complaint):
    started = subprocess.run(
        [sys.executable, "-c", "from huikuan.project import settings"],
        env=os.environ | {"HUIKUAN_GATEWAYS": gateways, "HUIKUAN_HOME": str(tmp_path)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert started.returncode == 1
    assert complaint in started.stderr
