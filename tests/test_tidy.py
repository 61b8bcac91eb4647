"""The house rules that no linter knows. Each message says what to do instead."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
FLOAT_TYPES = {"Float32", "Float64", "truediv", "to_float", "mean", "std", "var"}
LEFT_OVER = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b|raise NotImple" r"mented")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|tmp/h" r"k|root|opt/py" r"pi|opt/whee" r"ls)/|/(?:home|Users)/\w+/")
INDEX_ADDRESS = re.compile(r"--(?:extra-)?index-" r"url[ =]\S|--trusted-" r"host|https?://[^\s\"')]*/sim" r"ple\b")
SECRET = re.compile(r"-----BEGIN [A-Z ]*PRIVATE K" r"EY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}\b|\bxox[abp]-\w{10}")
BINARY = {".mo", ".png", ".jpg", ".ico", ".xlsx", ".xls", ".pdf", ".woff2", ".gz", ".zip", ".sqlite3", ".ttf", ".otf"}


def tracked() -> list[Path]:
    """Return every file git knows or would take; outside a clone, every file that is not a tool's leftover."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode == 0:
        names = [Path(name) for name in listing.stdout.split("\0") if name]
    else:
        names = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
        names = [
            path for path in names if not any(part.startswith(".") or part == "__pycache__" for part in path.parts)
        ]
    return sorted(name for name in names if (ROOT / name).is_file())


FILES = tracked()
PYTHON = [path for path in FILES if path.suffix == ".py"]
SOURCES = [path for path in PYTHON if path.parts[0] == "src" and "migrations" not in path.parts]
RULES = [path for path in SOURCES if "rules" in path.parts]
FOREIGN = Path("tests/data/bank")
"""Files as banks write them: other character sets, and whatever else."""
TEXTS = [path for path in FILES if path.suffix not in BINARY and FOREIGN not in path.parents]


@cache
def text_of(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(text_of(path), filename=str(path))


def functions_of(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("path", [path for path in PYTHON if "migrations" not in path.parts], ids=str)
def test_files_and_functions_are_short(path):
    lines = text_of(path).count("\n")
    assert lines <= FILE_LINES_MAX, f"{path} has {lines} lines of {FILE_LINES_MAX}: split the file by noun"
    for function in functions_of(path):
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        assert lines <= FUNCTION_LINES_MAX, (
            f"{path}:{function.lineno} {function.name} has {lines} lines of {FUNCTION_LINES_MAX}: "
            "keep the decisions here and move each loop or calculation into a function of its own"
        )


@pytest.mark.parametrize("path", RULES, ids=str)
def test_rules_know_no_floats(path):
    for node in ast.walk(tree_of(path)):
        place = f"{path}:{getattr(node, 'lineno', 0)}"
        assert not isinstance(getattr(node, "op", None), ast.Div | ast.FloorDiv), (
            f"{place} divides: use round_half_away and its siblings of the kernel, which name the rounding"
        )
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), (
            f"{place} {node.value} is a float: count in minor units, ppm or parts of a stated denominator"
        )
        assert not (isinstance(node, ast.Name) and node.id == "float"), f"{place} uses float: use whole numbers"
        assert not (isinstance(node, ast.Attribute) and node.attr in FLOAT_TYPES), (
            f"{place} .{node.attr} gives a float: use whole numbers and kernel.columns"
        )


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_what_is_public_is_explained(path):
    tree = tree_of(path)
    assert ast.get_docstring(tree) or not text_of(path).strip(), f"{path}: say in one line what this file is for"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path}:{node.lineno} {node.name}: say what it means, or make it _private"


@pytest.mark.parametrize("path", [path for path in SOURCES if path.parts[2:3] != ("cli",)], ids=str)
def test_nothing_prints_but_the_command_line(path):
    for node in ast.walk(tree_of(path)):
        called = node.func if isinstance(node, ast.Call) else None
        assert not (isinstance(called, ast.Name) and called.id == "print"), (
            f"{path}:{called.lineno} prints: return the value and let the command line show it, or use logging"
        )


@pytest.mark.parametrize("path", [path for path in SOURCES if path.name == "__init__.py"], ids=str)
def test_package_files_hold_a_docstring_and_imports_only(path):
    for node in tree_of(path).body:
        kept = isinstance(node, ast.Import | ast.ImportFrom) or (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        )
        kept = kept or (isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__")
        assert kept, f"{path}:{node.lineno}: move the code into a file named after its noun"


def offences(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if pattern.search(line)
    ]


def test_nothing_is_left_for_later():
    found = offences(LEFT_OVER, PYTHON + [path for path in TEXTS if path.suffix in {".html", ".css", ".js", ".yaml"}])
    assert not found, "do it now, or write an issue and leave no mark in the code:\n" + "\n".join(found)


def test_no_file_names_one_persons_machine():
    found = offences(MACHINE_PATH, TEXTS)
    assert not found, "use a path relative to the file, HUIKUAN_HOME or a temporary folder:\n" + "\n".join(found)


def test_no_file_names_a_package_index():
    found = offences(INDEX_ADDRESS, TEXTS)
    assert not found, (
        "where packages come from is each machine's own setting; `make lock` leaves it out:\n" + "\n".join(found)
    )


def test_no_file_holds_a_secret():
    found = offences(SECRET, TEXTS)
    assert not found, (
        "take it out, and replace it where it was valid; secrets come from the environment:\n" + "\n".join(found)
    )


def test_the_locks_are_hashed_and_hold_nothing_else():
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert [path.name for path in locks] == ["build.txt", "dev.txt", "runtime.txt"]
    line = re.compile(
        r"[a-z0-9][a-z0-9._-]*(?:\[[a-z0-9,-]+\])?==\S+(?: ; .+)? \\|    --hash=sha256:[0-9a-f]{64}(?: \\)?"
    )
    for path in locks:
        odd = [each for each in path.read_text(encoding="utf-8").splitlines() if not line.fullmatch(each)]
        assert not odd, f"{path.name}: run `make lock` instead of writing by hand: {odd[:3]}"
