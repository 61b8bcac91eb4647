"""An XML file as a stream of small trees: one node at a time, refused when it is made to harm."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from huikuan.kernel.refusal import Refusal, gettext_noop

DEPTH_MAX: Final = 64
"""Deeper than any camt message; a file that nests more is made to exhaust the reader."""
CHUNK: Final = 1 << 16
TEXT_MAX: Final = 100_000
"""Characters in one element."""


class XmlRefused(Refusal):
    """Entities, a document type, or nesting without end."""

    code = "bank.xml-refused"
    text = gettext_noop(
        "“{name}” contains what no bank statement contains ({what}) and what is used to attack readers of XML. "
        "Nothing was imported. Ask the bank where the file comes from."
    )


class XmlBroken(Refusal):
    """Not well-formed: cut or damaged."""

    code = "bank.xml-broken"
    text = gettext_noop("Line {line} of “{name}” is no longer XML: the file was cut or changed. Get the whole file.")


class Node:
    """One element: local name, attributes, text, children, and the line it began on."""

    __slots__ = ("attributes", "children", "line", "tag", "words")

    def __init__(self, tag: str, attributes: dict[str, str], line: int) -> None:
        self.tag = tag
        self.attributes = attributes
        self.line = line
        self.words: list[str] = []
        self.children: list[Node] = []

    @property
    def text(self) -> str:
        """Return the text without blanks around it."""
        return "".join(self.words).strip()

    def all(self, path: str) -> "list[Node]":
        """Return the nodes at a path of local names: "Refs/EndToEndId"."""
        found = [self]
        for name in path.split("/"):
            found = [child for node in found for child in node.children if child.tag == name]
        return found

    def first(self, *paths: str) -> "Node | None":
        """Return the first node at the first path that is there."""
        return next((node for path in paths for node in self.all(path)), None)

    def value(self, *paths: str) -> str:
        """Return the text at the first path that has one, empty when none has."""
        return next((node.text for path in paths for node in self.all(path) if node.text), "")


class _Target:
    """Builds nodes; finished ones of the wanted names wait in `ready` and leave the tree."""

    def __init__(self, wanted: frozenset[str], opened: frozenset[str], name: str) -> None:
        self.parser: Any = None
        self.ready: deque[tuple[str, Node]] = deque()
        self._wanted, self._opened, self._name = wanted, opened, name
        self._stack: list[Node] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin an element."""
        node = Node(tag.rpartition("}")[2], dict(attributes), self.parser.CurrentLineNumber)
        self._stack.append(node)
        if len(self._stack) > DEPTH_MAX:
            raise XmlRefused(name=self._name, what=f"elements nested more than {DEPTH_MAX} deep")
        if node.tag in self._opened:
            self.ready.append(("start", node))

    def data(self, text: str) -> None:
        """Take some text."""
        words = self._stack[-1].words
        words.append(text)
        if len(text) > TEXT_MAX or len(words) > TEXT_MAX:
            raise XmlRefused(name=self._name, what="a text without end")

    def end(self, _tag: str) -> None:
        """Finish an element: keep it in its parent, or hand it over."""
        node = self._stack.pop()
        is_opened = node.tag in self._opened
        if node.tag in self._wanted or is_opened:
            self.ready.append(("end", node))
        elif self._stack:
            self._stack[-1].children.append(node)

    def close(self) -> None:
        """End of the document."""


def stream(path: Path, *, name: str, wanted: frozenset[str], opened: frozenset[str]) -> Iterator[tuple[str, Node]]:
    """Yield ("end", node) for every finished element of the wanted names, ("start" and "end", node) for the opened.

    Args:
        path: The file.
        name: What people call it.
        wanted: Elements that are handed over whole and then forgotten.
        opened: Elements whose beginning matters, too; their wanted children are not kept in them.

    Raises: XmlRefused (document type, entities, depth), XmlBroken with the line.
    """
    target = _Target(wanted, opened, name)
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    target.parser = parser.parser
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                parser.feed(chunk)
                while target.ready:
                    yield target.ready.popleft()
        parser.close()
    except DefusedXmlException as error:
        raise XmlRefused(name=name, what=type(error).__name__) from None
    except ParseError as error:
        raise XmlBroken(line=error.position[0], name=name) from None
    yield from target.ready
