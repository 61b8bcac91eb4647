"""The documents say what is true: their links lead somewhere, and what they name exists."""

import re
from pathlib import Path

import click
import pytest

from huikuan.cli.main import COMMANDS, huikuan

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
MANUALS = {"en": ROOT / "docs" / "en", "zh-Hans": ROOT / "docs" / "zh-Hans"}
LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]+)(?:#[^)]*)?\)")
CODE = re.compile(r"```(?:sh)?\n(.*?)```|`([^`\n]+)`", re.DOTALL)
VARIABLE = re.compile(r"\bHUIKUAN_[A-Z][A-Z_]*[A-Z]\b")
TEST_VARIABLES = {"HUIKUAN_TEST_DATABASE_URL", "HUIKUAN_TEST_DB_NAME"}


def named(path):
    return path.relative_to(ROOT).as_posix()


def command_lines(text):
    """Yield each `huikuan …` line of the code in a document, continuation lines joined."""
    for block, inline in CODE.findall(text):
        joined = re.sub(r"\n\s{4,}", " ", block or inline)
        for line in joined.splitlines():
            if match := re.match(r"(?:\S*/)?huikuan (\S.*)", line.strip()):
                yield match[1].partition(" #")[0]


def complaint_about(line):
    """Return what is wrong with a command line, or an empty text."""
    words = line.replace("[", " ").replace("]", " ").split()
    command, rest = huikuan, words
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        names = rest[0].strip("{}").split(",")
        known = command.list_commands(click.Context(command))
        if missing := [name for name in names if name not in known]:
            return f"there is no command {missing[0]!r}: {', '.join(known)}"
        command, rest = command.get_command(click.Context(command), names[0]), rest[1:]
    options = {option for each in command.params for option in each.opts} | {"--help", "-h"}
    options |= {"--version"} if command is huikuan else set()
    unknown = [word for word in rest if word.startswith("--") and word not in options]
    return f"{unknown[0]} is no option of it" if unknown else ""


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_links_lead_somewhere(path):
    targets = [target for target in LINK.findall(path.read_text(encoding="utf-8")) if "://" not in target]
    dead = [target for target in targets if not (path.parent / target).exists()]
    assert not dead, f"write the page or drop the link: {dead}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_commands_exist_as_written(path):
    said = ((line, complaint_about(line)) for line in command_lines(path.read_text(encoding="utf-8")))
    wrong = [f"huikuan {line}: {complaint}" for line, complaint in said if complaint]
    assert not wrong, "correct the document or build the command:\n" + "\n".join(wrong)


def test_every_command_is_in_the_manual():
    for language, folder in MANUALS.items():
        text = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.md"))
        missing = [name for name in COMMANDS if not re.search(rf"huikuan {name}\b", text)]
        assert not missing, f"say what these do in docs/{language}: {missing}"


def test_both_manuals_have_the_same_pages():
    pages = {language: sorted(path.name for path in folder.glob("*.md")) for language, folder in MANUALS.items()}
    assert pages["en"] == pages["zh-Hans"]


@pytest.mark.parametrize("language", MANUALS)
def test_the_manual_names_every_setting_and_no_other(language):
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src" / "huikuan").rglob("*.py"))
    manual = "\n".join(path.read_text(encoding="utf-8") for path in MANUALS[language].glob("*.md"))
    quoted = {name for name in VARIABLE.findall(source) if f'"{name}"' in source} - TEST_VARIABLES
    assert set(VARIABLE.findall(manual)) == quoted


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("bogus --x", "there is no command 'bogus'"),
        ("--version", ""),
    ],
)
def test_a_wrong_command_line_is_noticed(line, complaint):
    assert complaint_about(line).startswith(complaint)
    assert bool(complaint_about(line)) == bool(complaint)
