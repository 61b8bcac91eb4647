"""The language check (用语检查): threat, insult, pretended authority, telling third parties, stop of utilities."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from huikuan.policy.rules.guard_pack import WordList

UTILITIES: Final = "utilities"
"""The kind that only concerns property managers."""

_IGNORED: Final = re.compile(r"[\s\u200b-\u200f\u2060\ufeff·・*_\-—.,，。、~]+")
"""What is put between characters to hide a word."""


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase that must not be used, and how to put it instead."""

    kind: str
    phrase: str
    instead: str


def check_words(text: str, words: Iterable[WordList], *, is_property: bool) -> tuple[Found, ...]:
    """Return the phrases found in the text, in the order of the lists, each once.

    Both languages are looked for in every text. Half and full width, capitals and (in Chinese) blanks or dots between
    the characters make no difference; English phrases match whole words only.

    Args:
        text: Subject and body, or what is to be said.
        words: The pack's lists.
        is_property: A property manager writes: utilities are looked for as well.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    dense = _IGNORED.sub("", plain)
    found = []
    for each in words:
        if each.kind == UTILITIES and not is_property:
            continue
        for phrase in each.phrases:
            hit = _squeezed(phrase) in dense if each.language == "zh" else bool(_whole_words(phrase).search(plain))
            if hit:
                found.append(Found(each.kind, phrase, each.instead))
    return tuple(dict.fromkeys(found))


@cache
def _squeezed(phrase: str) -> str:
    return _IGNORED.sub("", unicodedata.normalize("NFKC", phrase).casefold())


@cache
def _whole_words(phrase: str) -> re.Pattern[str]:
    words = [re.escape(word) for word in unicodedata.normalize("NFKC", phrase).casefold().replace("’", "'").split()]
    return re.compile(r"(?<!\w)" + r"\W+".join(words) + r"(?!\w)")
