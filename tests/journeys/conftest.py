"""Acceptance cases from a file (`--cases FILE`, else our own), and what came of them, area by area."""

import json
from collections import Counter
from pathlib import Path

import pytest

OWN = Path(__file__).with_name("data") / "cases.json"
OUTCOMES = pytest.StashKey[dict[str, Counter[str]]]()
UNSUPPORTED = "unsupported: "


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count."""
    config.stash[OUTCOMES] = {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every case of the file a test of its own."""
    if "acceptance_case" in metafunc.fixturenames:
        path = Path(metafunc.config.getoption("--cases") or OWN)
        cases = json.loads(path.read_text(encoding="utf-8"))["cases"]
        names = [str(case.get("id", number)) for number, case in enumerate(cases)]
        metafunc.parametrize("acceptance_case", cases, ids=names)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Count what came of a case."""
    report = yield
    case = getattr(item, "callspec", None) and item.callspec.params.get("acceptance_case")
    if case and (call.when == "call" or (call.when == "setup" and not report.passed)):
        is_unsupported = call.excinfo is not None and str(call.excinfo.value).startswith(UNSUPPORTED)
        outcome = "unsupported" if is_unsupported else "passed" if report.passed else "failed"
        item.config.stash[OUTCOMES].setdefault(case.get("area", "no area"), Counter())[outcome] += 1
    return report


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    """Print one line per area: what passed, what failed, what is not supported."""
    areas = config.stash[OUTCOMES]
    if not areas:
        return
    columns = ("passed", "failed", "unsupported")
    terminalreporter.section("acceptance cases")
    terminalreporter.line(f"{'area':<16}" + "".join(f"{column:>13}" for column in columns))
    for area in sorted(areas):
        terminalreporter.line(f"{area:<16}" + "".join(f"{areas[area][column]:>13}" for column in columns))
    sums = sum(areas.values(), Counter())
    terminalreporter.line(f"{'all':<16}" + "".join(f"{sums[column]:>13}" for column in columns))
