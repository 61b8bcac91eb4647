"""What is wrong with a file, as data: place, field, value, and a sentence that says what to do."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing to correct.

    Attributes:
        code: Stable, `area.what-is-wrong`.
        place: Line and column, both counted from 1.
        path: Field, as keys and positions from the top.
        value: What stands there.
        text: English sentence with {facts} that says what is wrong and what to write instead; translated where shown.
        facts: Values for the sentence.
    """

    code: str
    place: tuple[int, int]
    path: Path
    value: Any
    text: str
    facts: dict[str, Any]

    @property
    def field(self) -> str:
        """Return the field as people write it: ladders.standard.steps[3].when."""
        return dotted(self.path)

    @property
    def message(self) -> str:
        """Return the English sentence."""
        return self.text.format(**self.facts)

    def as_dict(self) -> dict[str, Any]:
        """Return the machine form."""
        return {
            "code": self.code,
            "line": self.place[0],
            "column": self.place[1],
            "field": self.field,
            "value": self.value if isinstance(self.value, str | int | bool | None) else str(self.value),
            "message": self.message,
        }

    def __str__(self) -> str:
        where = f"{self.place[0]}:{self.place[1]}"
        return f"{where} {self.field}: {self.message}" if self.path else f"{where} {self.message}"


def dotted(path: Path) -> str:
    """Return the path as text: a.b[0].c."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def nearest(word: str, known: list[str]) -> str:
    """Return the known word that looks most like it, or "" when none does."""
    found = get_close_matches(word.lower(), [each.lower() for each in known], n=1, cutoff=0.6)
    return next((each for each in known if found and each.lower() == found[0]), "")
