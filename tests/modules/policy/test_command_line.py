"""`huikuan policy`."""

import json

import pytest
from click.testing import CliRunner

from huikuan.cli.policy import policy
from huikuan.policy.models import PolicyVersion
from huikuan.policy.queries import versions_of
from huikuan.policy.reading.policy import pack_text
from huikuan.runs.models import Run
from tests.people import NOON


@pytest.fixture
def run(monkeypatch):
    """Call `huikuan policy …` in this process, on the test database, which needs no preparing."""
    monkeypatch.setattr("huikuan.cli.policy.ensure_home", lambda: None)

    def call(*words: str):
        return CliRunner().invoke(policy, [str(word) for word in words])

    return call


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(pack_text().replace("high_risk_days: 30", "high_risk_days: 45"), encoding="utf-8")
    return path


def test_the_default_pack_is_printed_byte_for_byte(run):
    assert run("show", "--default").output == pack_text()


def test_a_right_file_is_told_so(run, file):
    answer = run("validate", file)
    assert answer.exit_code == 0
    assert "6 ladders" in answer.output
    assert json.loads(run("validate", file, "--json").output) == {"ok": True, "flaws": []}


def test_flaws_are_told_with_file_line_and_remedy(run, file):
    text = file.read_text(encoding="utf-8").replace("days_overdue: 20", "days_overdu: 20")
    file.write_text(text, encoding="utf-8")
    line = 1 + next(number for number, each in enumerate(text.splitlines()) if "days_overdu: 20" in each)
    answer = run("validate", file)
    assert answer.exit_code == 1
    assert f"{file}:{line}:16: ladders.standard.steps[10].when.days_overdu: " in answer.output
    assert "Did you mean “days_overdue”?" in answer.output
    told = json.loads(run("validate", file, "--json").output)
    assert [(flaw["line"], flaw["column"], flaw["code"]) for flaw in told["flaws"]] == [(line, 16, "field.unknown")]


def test_a_file_that_is_no_text(run, tmp_path):
    path = tmp_path / "policy.xlsx"
    path.write_bytes(b"PK\x03\x04\xff\xfe")
    answer = run("validate", path)
    assert answer.exit_code == 1
    assert "UTF-8" in answer.output


@pytest.mark.django_db
def test_upload_list_and_show(run, file, huatai):
    uploaded = json.loads(run("upload", file, "--from", "2026-08-01", "--note", "Slower", "--json").output)
    assert (uploaded["number"], uploaded["starts_on"], uploaded["note"]) == (1, "2026-08-01", "Slower")
    listed = json.loads(run("list", "--json").output)
    assert [(row["number"], row["note"]) for row in listed] == [(1, "Slower")]
    assert run("show", "--version", "1").output == file.read_text(encoding="utf-8")
    assert run("show", "--as-of", "2026-07-31").output.endswith(pack_text())
    assert json.loads(run("show", "--as-of", "2026-08-01", "--json").output)["source"] == file.read_text(
        encoding="utf-8"
    )


@pytest.mark.django_db
def test_no_version_reaches_into_days_that_were_run(run, file, huatai):
    run("upload", file, "--from", "2026-07-01")
    Run.objects.create(
        entity=huatai, as_of="2099-07-10", policy_version=PolicyVersion.objects.get(), state="DONE", started_at=NOON
    )
    file.write_text(file.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    refused = run("upload", file, "--from", "2099-07-10", "--json")
    assert (refused.exit_code, json.loads(refused.output)["error"]["code"]) == (1, "policy.back-dated")
    assert versions_of(huatai.pk).count() == 1
    assert json.loads(run("upload", file, "--json").output)["starts_on"] == "2099-07-11"


@pytest.mark.django_db
def test_what_does_not_exist_is_named_with_what_does(run, file, huatai, jinxiu):
    assert "MAIN, PROP" in run("list", "--entity", "NOWHERE").output
    run("upload", file)
    unknown = run("show", "--version", "7")
    assert unknown.exit_code == 1
    assert "Versions: 1" in unknown.output


def test_the_schema_is_json(run):
    assert json.loads(run("schema").output)["title"] == "huikuan policy"
    assert json.loads(run("schema", "--guard").output)["title"] == "huikuan contact guard pack"
