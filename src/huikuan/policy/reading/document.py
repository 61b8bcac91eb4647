"""YAML to plain data that remembers where everything stood.

Only what a policy needs is understood: mappings, lists, text, whole numbers, true/false and null. Numbers with a point
stay text, so that amounts are exact; 09:00 stays text, which YAML 1.1 would read as a count of minutes. Anchors, tags
and merge keys are refused: a policy says what it means where it means it.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from huikuan.kernel.refusal import gettext_noop
from huikuan.policy.reading.flaws import Flaw, Path

SIZE_MAX: Final = 1_000_000
"""Characters; the default pack has about 15,000."""
DEPTH_MAX: Final = 20

_INTEGER: Final = re.compile(r"[+-]?\d{1,15}")
_WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(slots=True)
class Document:
    """The data of a file, and the line and column (both from 1) of every key and value by path."""

    data: Any = None
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    key_places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)

    def place(self, path: Path) -> tuple[int, int]:
        """Return where the value of the path stands, or the nearest thing around it that does."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def key_place(self, path: Path) -> tuple[int, int]:
        """Return where the key of the path stands."""
        return self.key_places.get(path) or self.place(path)


def load(text: str) -> Document:
    """Read a YAML text. What cannot be read is a flaw in the document, never an exception."""
    document = Document()
    if len(text) > SIZE_MAX:
        document.flaws.append(
            Flaw("file.too-large", (1, 1), (), len(text), TOO_LARGE, {"size": len(text), "limit": SIZE_MAX})
        )
        return document
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            name = getattr(event, "anchor", None)
            if name:
                document.flaws.append(Flaw("file.anchor", _place(event), (), name, ANCHOR, {"name": name}))
                return document
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        document.flaws.append(_unreadable(error))
        return document
    if node is not None:
        document.data = _plain(node, (), document)
    return document


TOO_LARGE: Final = gettext_noop("The file has {size} characters, more than {limit}. Upload a policy, not a data file.")
ANCHOR: Final = gettext_noop("“&{name}” or “*{name}” is a YAML shortcut. Write the value out where it is meant.")
SYNTAX: Final = gettext_noop("This is not YAML: {problem}. Check the indentation and the quotes around this place.")
TWICE: Final = gettext_noop("“{key}” is given twice here. Keep one of the two.")
TAGGED: Final = gettext_noop("“{tag}” is a YAML tag. Remove it and write the plain value.")
KEY_NOT_TEXT: Final = gettext_noop("A name is expected before the colon, not a list or a block. Write a plain word.")
TOO_DEEP: Final = gettext_noop("Values are nested more than {limit} levels deep. A policy needs fewer.")


def _unreadable(error: Exception) -> Flaw:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem = getattr(error, "problem", None) or str(error).split("\n", maxsplit=1)[0]
    return Flaw("file.not-yaml", place, (), None, SYNTAX, {"problem": problem})


def _place(node: Node | yaml.Event) -> tuple[int, int]:
    mark = node.start_mark
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)


def _plain(node: Node, path: Path, document: Document) -> Any:  # noqa: ANN401  YAML is any of these
    """Return the node as plain data and note where it stands."""
    document.places[path] = _place(node)
    if len(path) > DEPTH_MAX:
        document.flaws.append(Flaw("file.too-deep", _place(node), path, None, TOO_DEEP, {"limit": DEPTH_MAX}))
        return None
    if node.tag.startswith("!") or node.tag in {"tag:yaml.org,2002:binary", "tag:yaml.org,2002:merge"}:
        document.flaws.append(Flaw("file.tag", _place(node), path, node.tag, TAGGED, {"tag": node.tag}))
        return None
    if isinstance(node, MappingNode):
        return _mapping(node, path, document)
    if isinstance(node, SequenceNode):
        return [_plain(each, (*path, number), document) for number, each in enumerate(node.value)]
    return _scalar(node) if isinstance(node, ScalarNode) else None


def _mapping(node: MappingNode, path: Path, document: Document) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, ScalarNode):
            document.flaws.append(Flaw("file.key-not-text", _place(key_node), path, None, KEY_NOT_TEXT, {}))
            continue
        key = str(key_node.value)
        if key in data:
            document.flaws.append(Flaw("file.key-twice", _place(key_node), (*path, key), key, TWICE, {"key": key}))
            continue
        document.key_places[*path, key] = _place(key_node)
        data[key] = _plain(value_node, (*path, key), document)
    return data


def _scalar(node: ScalarNode) -> str | int | bool | None:
    """Return the value of one word: quoted is always text."""
    text = str(node.value)
    if node.style is not None:
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    return int(text) if _INTEGER.fullmatch(text) else text
