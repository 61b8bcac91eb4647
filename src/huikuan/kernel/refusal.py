"""The one family of exceptions that means "no, and here is what you can do"."""

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from typing import Any, ClassVar

Json = str | int | bool | None | list[Any] | dict[str, Any]
"""What `json.dumps` takes without help."""


def gettext_noop(text: str) -> str:
    """Mark a source text for `makemessages` and return it unchanged (the kernel knows no Django)."""
    return text


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """A "no" that the user can understand and act on. Anything else raised is a bug.

    A subclass names its `code` and `text`; the caller gives every {fact} of the text as a keyword.
    """

    code: ClassVar[str]
    """Stable, for the API and the journal: `area.what-is-wrong`; never renamed."""
    text: ClassVar[str]
    """English source text with {facts}; translated by the interface that shows it."""

    def __init__(self, **facts: object) -> None:
        """Keep the facts and build the English sentence. Raises KeyError when the text wants a fact not given."""
        self.facts = facts
        super().__init__(self.text.format(**facts))

    def __reduce__(self) -> tuple[Callable[..., "Refusal"], tuple[type["Refusal"], dict[str, object]]]:
        """Survive the trip between processes: exceptions are rebuilt from positional arguments by default."""
        return _rebuilt, (type(self), self.facts)

    def as_dict(self) -> dict[str, Any]:
        """Return the machine form: code, English message, and the facts as JSON values.

        Days and instants become ISO 8601 text, decimals plain text; whatever else JSON lacks becomes its text.
        """
        return {
            "code": self.code,
            "message": str(self),
            "facts": {name: _plain(value) for name, value in self.facts.items()},
        }


def _rebuilt(kind: type[Refusal], facts: dict[str, object]) -> Refusal:
    return kind(**facts)


def _plain(value: object) -> Json:
    """Return the nearest JSON value."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return str(value)
