"""What the exchange needs from outside: tables in files, and writers of them. `adapters.tables` implements it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, Protocol

from huikuan.kernel.refusal import Refusal, gettext_noop

BATCH: Final = 50_000
"""Rows read, judged and written together: what is in memory at once, and what one transaction commits."""


class NumberText(str):
    """A number cell of a spreadsheet, as decimal text: "1234.5". Marks that no person typed these digits as text."""

    __slots__ = ()


class Batch(NamedTuple):
    """Some rows in order; cells are text, `NumberText` where the file held a number."""

    first_row: int
    """Number of the first row as a spreadsheet program shows it, from 1."""
    rows: list[list[str]]


class Table(Protocol):
    """Rows of cells in a file."""

    name: str
    digest: str
    """SHA-256 of the file, hexadecimal."""
    encoding: str
    delimiter: str | None
    is_text: bool
    """True for delimited text: formulas in it are text, and nothing says what is a number."""

    def candidates(self) -> tuple[str, ...]:
        """Return the ways to read it (delimiters, sheets); the one under which the columns are found is meant."""

    def head(self, count: int, candidate: str) -> list[list[str]]:
        """Return the first rows under one of the candidates."""

    def choose(self, candidate: str) -> None:
        """Keep one of the candidates."""

    def batches(self, *, after: int = 0, size: int = BATCH) -> Iterator[Batch]:
        """Yield the rows after the first `after`. Raises Refusal when the file turns out cut or damaged."""

    def ends_with_line_break(self) -> bool:
        """Tell whether the last row was finished."""


class Writer(Protocol):
    """Turns rows into the bytes of a file, a piece at a time."""

    def __call__(self, columns: Sequence["Column"], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
        """Yield the file."""


class Column(NamedTuple):
    """A column of an exported list."""

    name: str
    """Heading; the importable name where the list can be imported again."""
    kind: str = "text"
    """text, money (decimal text with the currency's decimals), whole, day, instant."""
    width: int = 14


class FileMissing(Refusal):
    """No such file."""

    code = "file.missing"
    text = gettext_noop("There is no file “{path}”. Check the path and the name.")


class FileEmpty(Refusal):
    """No content."""

    code = "file.empty"
    text = gettext_noop("“{name}” is empty. Export it again, and look into it before you import it.")


class FileCut(Refusal):
    """It ends too early."""

    code = "file.cut"
    text = gettext_noop(
        "“{name}” ends in the middle of a row: it was cut while being written or sent. "
        "Nothing was imported. Get the whole file and import that."
    )


class FileDamaged(Refusal):
    """It cannot be opened."""

    code = "file.damaged"
    text = gettext_noop(
        "“{name}” is cut or damaged ({reason}). Nothing was imported. "
        "Open it in the program that made it, save it again, and import that."
    )


class FileEncrypted(Refusal):
    """It asks for a password."""

    code = "file.encrypted"
    text = gettext_noop("“{name}” is protected by a password. Save it without one and import that.")


class FileTooLarge(Refusal):
    """More than can be held."""

    code = "file.too-large"
    text = gettext_noop("“{name}” unpacks to more than {limit}. Split it, or save it as CSV.")


class SheetUnknown(Refusal):
    """No sheet of that name."""

    code = "file.sheet-unknown"
    text = gettext_noop("There is no sheet “{sheet}”. The sheets are: {sheets}.")


class EncodingUnknown(Refusal):
    """The declared encoding does not exist."""

    code = "file.encoding-unknown"
    text = gettext_noop("“{name}” is not an encoding. Usual ones are utf-8, gb18030 and utf-16.")


class FileNotDecodable(Refusal):
    """The declared or marked encoding is wrong, or the file is damaged."""

    code = "file.not-decodable"
    text = gettext_noop(
        "Line {line} of “{name}” cannot be read as {encoding}. Nothing was imported. "
        "Declare the encoding it was saved in, or save it again as UTF-8."
    )


class EncodingUnclear(Refusal):
    """Neither UTF-8 nor Chinese in GB18030."""

    code = "file.encoding-unclear"
    text = gettext_noop(
        "“{name}” is neither UTF-8 (line {line} is not) nor Chinese text in GB18030. Nothing was imported. "
        "Declare the encoding it was saved in (--encoding), or save it again as UTF-8."
    )


class FileQuotedWrongly(Refusal):
    """Quotes where none may be."""

    code = "file.quoted-wrongly"
    text = gettext_noop(
        "Around line {line} of “{name}” a quotation mark stands inside a quoted cell. Nothing was imported. "
        "Write it twice there, or export the file again."
    )
