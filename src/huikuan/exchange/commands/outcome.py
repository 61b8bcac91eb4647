"""What an import did: counts, warnings and errors, ready to be shown or printed as JSON."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from huikuan.exchange.rules.reading import Problem

LISTED_MAX: Final = 200
"""Errors and warnings kept for the answer; all of them are counted, and all go to the error file when one is asked."""

Translate = Callable[[str], str]


@dataclass
class Outcome:
    """The answer of an import."""

    kind: str
    entity: str
    file: str
    dry_run: bool
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    allocated: int = 0
    """Allocations made."""
    error_count: int = 0
    warning_count: int = 0
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    is_refused_whole: bool = False
    """Nothing was written, because a row was bad and that was not accepted."""

    def add_error(self, problem: Problem) -> None:
        """Count a bad row's problem."""
        self.error_count += 1
        if len(self.errors) < LISTED_MAX:
            self.errors.append(problem)

    def add_warning(self, problem: Problem) -> None:
        """Count something remarkable."""
        self.warning_count += 1
        if len(self.warnings) < LISTED_MAX:
            self.warnings.append(problem)

    def as_json(self, translate: Translate) -> dict[str, Any]:
        """Return the machine form; texts in the language of `translate`."""
        return {
            "kind": self.kind,
            "entity": self.entity,
            "file": self.file,
            "dry_run": self.dry_run,
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "allocated": self.allocated,
            "refused_whole": self.is_refused_whole,
            "warning_count": self.warning_count,
            "error_count": self.error_count,
            "warnings": [problem_as_json(each, translate) for each in self.warnings],
            "errors": [problem_as_json(each, translate) for each in self.errors],
        }


def problem_as_json(problem: Problem, translate: Translate) -> dict[str, Any]:
    """Return a problem as row, field, value, code, message and remedy."""
    message, remedy = told(problem, translate)
    return {
        "row": problem.row,
        "field": problem.field,
        "value": problem.value,
        "code": problem.refusal.code,
        "message": message,
        "remedy": remedy,
    }


def told(problem: Problem, translate: Translate) -> tuple[str, str]:
    """Return what is wrong, and what to do: the first sentence of a refusal, and the others."""
    text = translate(problem.refusal.text)
    mark = "。" if "。" in text else ". "
    what, _, remedy = text.partition(mark)
    if remedy or mark == "。":
        what += mark.strip()
    return what.format(**problem.refusal.facts), remedy.format(**problem.refusal.facts)
