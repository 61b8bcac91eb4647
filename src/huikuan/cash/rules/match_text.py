"""Numbers in free text: what a payer typed into the purpose line, with spaces, dashes, full-width digits and gaps.

A text is cut into atoms, runs of Latin letters or of digits. Neighbors that only a joining mark parts are put together
again in every way, and each way is looked up among the numbers that exist: so no form of number is prescribed.
"""

import re
import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl

KEY_MIN: Final = 5
"""A shorter number names nothing by itself: too much in a text is a small number."""

ATOMS_MAX: Final = 8
RANGE_MAX: Final = 50
"""A range of more numbers is taken for a slip."""

END_MIN: Final = 3
ENDS_ATOMS_MAX: Final = 3

_ATOM: Final = re.compile(r"[A-Z]+|[0-9]+")
_JOIN: Final = re.compile(r"[ \-_/\\.·:#–—−]{0,3}")
_RANGE: Final = re.compile(r" ?(?:[-~–—−]+|至|到) ?")
_LIST: Final = re.compile(r" ?(?:[/,、;&+.]|和|及|与) ?| ")
_DATE_MARKS: Final = frozenset("年月日")


def plain(text: str) -> str:
    """Return the text with full-width forms made narrow and letters made capitals."""
    return unicodedata.normalize("NFKC", text).upper()


def key_of(number: str) -> str:
    """Return a number as it is looked up: Latin letters and digits only."""
    return re.sub(r"[^A-Z0-9]", "", plain(number))


def key_column(name: str) -> pl.Expr:
    """Return `key_of` of a whole column."""
    return pl.col(name).str.normalize("NFKC").str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")


def digits_of(key: pl.Expr) -> pl.Expr:
    """Return a key without its letters: the number with its prefix cut."""
    return key.str.replace_all(r"[A-Z]", "")


@dataclass(frozen=True, slots=True)
class Atom:
    """A run of letters or digits, and the mark that parts it from the atom before."""

    text: str
    gap: str
    next_sign: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A number found in a text; `is_derived`: completed from a range or an abbreviated list."""

    key: str
    is_derived: bool


def atoms_of(text: str) -> list[Atom]:
    """Cut a text into atoms."""
    narrow = plain(text)
    found: list[Atom] = []
    end = 0
    for match in _ATOM.finditer(narrow):
        found.append(Atom(match[0], narrow[end : match.start()], narrow[match.end() : match.end() + 1]))
        end = match.end()
    return found


def probes(atoms: list[Atom]) -> set[str]:
    """Return every key that `mentions` may look up in the text."""
    asked: set[str] = set()
    for begin in range(len(atoms)):
        for end, key in _ways(atoms, begin):
            asked.add(key)
            last, at = key, end
            while ways := list(_followers(atoms, at, last)):
                asked.update(each for way in ways for each in way)
                last, at = ways[-1][-1], at + 1
    return asked


def mentions(atoms: list[Atom], known: Container[str]) -> list[Mention]:
    """Return the numbers of a text that exist, in its order; of two that overlap, the longer."""
    found: list[Mention] = []
    begin = 0
    while begin < len(atoms):
        ways = [(end, key) for end, key in _ways(atoms, begin) if key in known]
        if not ways:
            begin += 1
            continue
        begin, key = ways[-1]
        found.append(Mention(key, is_derived=False))
        while True:
            derived = [(each, way) for way in _followers(atoms, begin, key) for each in way if each in known]
            if not derived:
                break
            found.extend(Mention(each, is_derived=True) for each, _ in derived)
            key = derived[-1][0]
            begin += 1
    return list({mention.key: mention for mention in reversed(found)}.values())[::-1]


def ends_of(atoms: list[Atom]) -> set[str]:
    """Return what may be the end of a number: "0123号", "33-07"; not the parts of a date such as "2025年"."""
    found: set[str] = set()
    for begin in range(len(atoms)):
        key = ""
        for atom in atoms[begin : begin + ENDS_ATOMS_MAX]:
            if not atom.text.isdecimal() or atom.next_sign in _DATE_MARKS or (key and not _JOIN.fullmatch(atom.gap)):
                break
            key += atom.text
            if len(key) >= END_MIN:
                found.add(key)
    return found


def _ways(atoms: list[Atom], begin: int) -> Iterator[tuple[int, str]]:
    """Give every key that begins at an atom, with the position after it; shorter ones first."""
    key = ""
    for end in range(begin, min(begin + ATOMS_MAX, len(atoms))):
        if end > begin and not _JOIN.fullmatch(atoms[end].gap):
            return
        key += atoms[end].text
        if len(key) >= KEY_MIN and not key.isalpha():
            yield end + 1, key


def _followers(atoms: list[Atom], at: int, key: str) -> Iterator[list[str]]:
    """Give what the atom after a number adds to it: the rest of a range, or one more whose beginning was left out."""
    if at >= len(atoms) or not atoms[at].text.isdecimal() or not key[-1].isdecimal():
        return
    said, stem = atoms[at].text, key[: -len(atoms[at].text)]
    before = key[len(stem) :]
    if len(said) >= len(key) or not before.isdecimal():
        return
    if _RANGE.fullmatch(atoms[at].gap):
        first, last = int(before) + 1, int(said)
        if first <= last < first + RANGE_MAX:
            yield [f"{stem}{number:0{len(said)}d}" for number in range(first, last + 1)]
    elif _LIST.fullmatch(atoms[at].gap) and said != before:
        yield [stem + said]
