"""`huikuan run` and `huikuan why` as a person types them."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

from huikuan.cli.run import run as run_command
from huikuan.cli.run import why as why_command
from huikuan.policy.models import PolicyVersion
from huikuan.runs.models import Decision, Run

pytestmark = pytest.mark.django_db


@pytest.fixture
def typed(huatai):
    def go(command, *words):
        return CliRunner().invoke(command, words)

    return go


def test_the_run_answers_in_json(typed, policy, bill, tianhe):
    bill(tianhe, "INV-1", date(2026, 7, 6), 1_000_000)
    answer = typed(run_command, "--as-of", "2026-07-07", "--json")
    assert answer.exit_code == 0, answer.output
    (done,) = json.loads(answer.stdout)["runs"]
    assert (done["entity"], done["as_of"], done["state"], done["dry_run"]) == ("MAIN", "2026-07-07", "DONE", False)
    assert done["counts"]["deliveries"] == 1
    assert done["new"]["deliveries"] == 1
    (again,) = json.loads(typed(run_command, "--as-of", "2026-07-07", "--json").stdout)["runs"]
    assert (again["counts"], again["new"]) == (done["counts"], {})


def test_a_dry_run_lists_decisions_and_leaves_no_run(typed, policy, bill, tianhe):
    bill(tianhe, "INV-1", date(2026, 7, 6), 1_000_000)
    (seen,) = json.loads(typed(run_command, "--as-of", "2026-07-07", "--dry-run", "--json").stdout)["runs"]
    assert seen["dry_run"]
    assert [row["step_code"] for row in seen["decisions"]] == ["friendly"]
    table = typed(run_command, "--as-of", "2026-07-07", "--dry-run")
    assert "friendly" in table.output
    assert not Run.objects.exists()


def test_an_entity_without_policy_gets_the_shipped_one_and_hears_of_it(typed, bill, tianhe):
    bill(tianhe, "INV-1", date(2026, 7, 6), 1_000_000)
    answer = typed(run_command, "--as-of", "2026-07-07")
    assert answer.exit_code == 0, answer.output
    assert "cn-default" in answer.stderr
    assert PolicyVersion.objects.count() == 1
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--as-of", "2026-13-01"], "2026-13-01"),
        (["--as-of", "2199-01-01"], "2199-01-01"),
        (["--entity", "NOPE"], "MAIN"),
    ],
)
def test_bad_input_is_answered_in_a_sentence(typed, policy, words, said):
    answer = typed(run_command, *words)
    assert answer.exit_code == 1
    assert said in answer.stderr
    assert "Traceback" not in answer.output
    told = json.loads(typed(run_command, *words, "--json").stdout)
    assert set(told["error"]) == {"code", "message", "facts"}


def test_why_speaks_and_answers_in_json(typed, policy, bill, tianhe):
    bill(tianhe, "INV-1", date(2026, 7, 6), 1_000_000)
    typed(run_command, "--as-of", "2026-07-07")
    spoken = typed(why_command, "TIANHE", "--as-of", "2026-07-07")
    assert spoken.exit_code == 0, spoken.output
    assert "friendly" in spoken.output
    assert "10000.00" in spoken.output
    told = json.loads(typed(why_command, "TIANHE", "--as-of", "2026-07-07", "--json").stdout)
    assert told["positions"][0]["reason"] == "DUE"
    assert typed(why_command, "NOBODY").exit_code == 1
