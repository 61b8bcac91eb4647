"""A SWIFT file as fields: tag, line number, lines. Envelopes and lines before the first field are left out."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

END: Final = "-"
"""The tag of the end of a message."""
_FIELD: Final = re.compile(r":(\d{2}[A-Z]?|NS):(.*)", re.DOTALL)
_ENVELOPE: Final = re.compile(r"\{[1235]:[^}]*\}|\{4:|^-\}")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff]")


class Field(NamedTuple):
    """One field with its continuation lines."""

    tag: str
    line: int
    lines: list[str]

    @property
    def first(self) -> str:
        """Return the first line."""
        return self.lines[0]


def fields(lines: Iterable[str]) -> Iterator[Field]:
    """Yield the fields, and a field `END` where a message ends."""
    current: Field | None = None
    for number, raw in enumerate(lines, start=1):
        line = _CONTROL.sub("", raw.rstrip("\r\n"))
        is_end = line == "-" or line.startswith(("-X", "-}"))  # some banks fill the dash up
        line = "" if is_end else _ENVELOPE.sub("", line)
        match = _FIELD.fullmatch(line)
        if match or is_end:
            if current is not None:
                yield current
            current = Field(match[1], number, [match[2]]) if match else None
            if is_end:
                yield Field(END, number, [""])
        elif current is not None:
            current.lines.append(line)
    if current is not None:
        yield current
