"""The language check (用语检查): threat, insult, pretended authority, telling third parties, stop of utilities.

It finds what is written to be read by a person, also when it is hidden from a plain search: full width, capitals,
traditional characters, blanks and marks between the characters. It is no judge of tone: what it passes may still be
rude, and the phrases are the pack's.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from huikuan.policy.rules.guard_pack import WordList
from huikuan.policy.rules.traditional import SIMPLIFIED

UTILITIES: Final = "utilities"
"""The kind that only concerns property managers."""

_SENTENCE_MARKS: Final = frozenset("，。、；：！？…,.;:!?\n\r")
"""Marks that divide sentences: a phrase of two characters does not reach over one (“已暂停。水费……” stops no water)."""
_LONG: Final = 3
_QUOTES: Final = str.maketrans({"’": "'", "‘": "'", "`": "'"})
_HYPHEN: Final = r"[-.*_'·\u00ad]?"
_GAP: Final = r"[\W_]+"


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase that must not be used, and how to put it instead.

    Attributes:
        kind: Of the list.
        phrase: As the list has it.
        instead: What to write.
        at: Where it begins in the text, counted in characters from 0.
        hit: As it stands in the text.
    """

    kind: str
    phrase: str
    instead: str
    at: int = 0
    hit: str = ""


@dataclass(frozen=True, slots=True)
class _Plain:
    """A text in one way of writing, each character with its place in the original."""

    text: str
    places: tuple[int, ...]


def check_words(text: str, words: Iterable[WordList], *, is_property: bool) -> tuple[Found, ...]:
    """Return the phrases found in the text, in the order of the lists, each once, at its first place.

    Both languages are looked for in every text. Half and full width, capitals, traditional characters and what stands
    between the characters make no difference; English phrases match whole words only.

    Args:
        text: Subject and body, or what is to be said.
        words: The pack's lists.
        is_property: A property manager writes: utilities are looked for as well.
    """
    letters = _letters(text)
    suspected = [
        each
        for each in words
        if (is_property or each.kind != UTILITIES) and any(_bare(phrase) in letters for phrase in each.phrases)
    ]
    if not suspected:
        return ()
    plain = _plain(text)
    dense = _dense(plain)
    found: list[Found] = []
    for each in suspected:
        is_dense = each.language == "zh"
        found += _found(dense if is_dense else plain, text, each, is_dense=is_dense)
    return tuple(dict.fromkeys(found))


class _Writing(dict[int, str]):
    """How each character is written plainly with nothing but letters and figures, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        plain = "".join(each for each in _written_plainly(chr(code)) if each.isalnum())
        self[code] = plain
        return plain


_WRITING: Final = _Writing()


def _letters(text: str) -> str:
    """Return the letters and figures of a text, written plainly: what has no phrase here has it nowhere.

    A phrase is found over blanks and marks, never over other letters. So this passes over nearly every text before its
    characters are looked at one by one.
    """
    return text.translate(_WRITING)


@cache
def _bare(phrase: str) -> str:
    return _letters(phrase)


def _found(plain: _Plain, text: str, words: WordList, *, is_dense: bool) -> Iterator[Found]:
    """Look for every phrase of a list; a place that lies within a harmless phrase does not count."""
    harmless = [
        hit.span() for phrase in words.unless for hit in _pattern(phrase, is_dense=is_dense).finditer(plain.text)
    ]
    for phrase in words.phrases:
        for hit in _pattern(phrase, is_dense=is_dense).finditer(plain.text):
            starts, ends = hit.span()
            if any(begins <= starts and ends <= over for begins, over in harmless):
                continue
            first, last = plain.places[starts], plain.places[ends - 1]
            original = text[first : last + 1]
            if is_dense and ends - starts < _LONG and not _SENTENCE_MARKS.isdisjoint(original):
                continue
            yield Found(words.kind, phrase, words.instead, first, original)
            break


def _plain(text: str) -> _Plain:
    """Return the text in half width, small letters, simplified characters and without invisible ones."""
    letters, places = [], []
    for place, letter in enumerate(text):
        for each in _written_plainly(letter):
            letters.append(each)
            places.append(place)
    return _Plain("".join(letters), tuple(places))


@cache
def _written_plainly(letter: str) -> str:
    if unicodedata.category(letter) in {"Cf", "Mn"}:  # zero width, directions, marks put on a letter
        return ""
    plain = unicodedata.normalize("NFKC", letter).casefold().translate(_QUOTES)
    return "".join(SIMPLIFIED.get(each, each) for each in plain)


def _dense(plain: _Plain) -> _Plain:
    """Leave only letters and figures."""
    kept = [(letter, place) for letter, place in zip(plain.text, plain.places, strict=True) if letter.isalnum()]
    return _Plain("".join(letter for letter, _ in kept), tuple(place for _, place in kept))


@cache
def _pattern(phrase: str, *, is_dense: bool) -> re.Pattern[str]:
    plain = _plain(phrase)
    if is_dense:
        return re.compile(re.escape(_dense(plain).text))
    words = [[re.escape(letter) for letter in word] for word in plain.text.split()]
    written = _GAP.join(_HYPHEN.join(word) for word in words)
    spaced = _GAP.join(letter for word in words for letter in word)
    return re.compile(rf"(?<![a-z0-9])(?:{written}|{spaced})(?![a-z0-9])")
