"""Cells that a spreadsheet would run as a formula: guarded on the way out, taken as text on the way in."""

import re
from typing import Final

_STARTS: Final = r"\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]"
"""Also after blanks, and in full width, which some programs fold."""
_RISKY: Final = re.compile(rf"'*(?:{_STARTS}|[\t\r\n])")
_GUARDED: Final = re.compile(rf"'+(?:{_STARTS}|[\t\r\n])")


def guarded(text: str) -> str:
    """Return the text with an apostrophe before it when a spreadsheet could read it as a formula.

    What already begins like a guarded cell gets one more, so that `unguarded` always gives back what was.
    """
    return "'" + text if _RISKY.match(text) else text


def unguarded(text: str) -> str:
    """Take off the apostrophe that `guarded` put."""
    return text[1:] if _GUARDED.match(text) else text
