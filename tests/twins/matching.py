"""The slow twin of matching: every number tried at every place of the text, every subset of items tried."""

from itertools import combinations
from unicodedata import normalize

KEY_MIN = 5
PARTS_MAX = 6


def numbers_in(text: str, numbers: list[str]) -> set[str]:
    """Return the numbers that stand in a text when signs that only join are left out, and nothing stands around them.

    A number stands there when, letter by letter, its letters and digits follow one another with at most three joining
    signs between two of them, and the text goes on with neither a letter after its letter nor a digit after its digit.
    """
    narrow = normalize("NFKC", text).upper()
    return {number for number in numbers if _stands(narrow, "".join(c for c in number if c.isascii() and c.isalnum()))}


def _stands(text: str, key: str) -> bool:
    if len(key) < KEY_MIN or key.isalpha():
        return False
    return any(_from(text, start, key) for start in range(len(text)))


def _from(text: str, start: int, key: str) -> bool:
    if text[start] != key[0] or (start and _same_kind(text[start - 1], text[start])):
        return False
    at = start
    for place, wanted in enumerate(key):
        gap = 0
        while at < len(text) and text[at] in " -_/\\.·:#" and gap < 3 and place:
            at, gap = at + 1, gap + 1
        if at >= len(text) or text[at] != wanted:
            return False
        at += 1
    return at >= len(text) or not _same_kind(text[at - 1], text[at])


def _same_kind(left: str, right: str) -> bool:
    both = left + right
    return both.isascii() and (both.isalpha() or both.isdecimal())


def sums(amounts: list[int], wanted: int) -> list[tuple[int, ...]]:
    """Return every set of two to six places whose amounts make the sum."""
    places = range(len(amounts))
    return [
        each
        for size in range(2, PARTS_MAX + 1)
        for each in combinations(places, size)
        if sum(amounts[place] for place in each) == wanted
    ]
