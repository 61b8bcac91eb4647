"""Whose name is it: company names as banks write them, compared with those of the customers."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from huikuan.cash.rules.match_text import plain
from huikuan.cash.rules.match_words import (
    BRANCH,
    LATIN_FORM,
    LEGAL_FORM,
    REGION,
    REGION_IN_BRACKETS,
    SIMPLER,
    TRADES,
)

HITS_MAX: Final = 8
"""A name that so many customers could bear tells nothing."""

NEAR_MIN: Final = 4
"""Shorter names are compared exactly: in three characters one typing error makes another name."""

FAR_FROM: Final = 9
"""From so many characters on two typing errors are forgiven, below that one."""

_NONE: Final[list[int]] = []
_NOISE: Final = re.compile(r"[^A-Z0-9\u3400-\u9fff]")
_RUN: Final = re.compile(r"[A-Z0-9\u3400-\u9fff()]{4,}")


@dataclass(frozen=True, slots=True)
class Name:
    """A company name taken apart: 上海华信贸易有限公司 has the stem 上海华信贸易, core 华信贸易 and brand 华信."""

    full: str
    stem: str
    region: str
    core: str
    brand: str
    head: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A customer that a name may mean, and why."""

    customer_id: int
    reason: str


def name_of(text: str) -> Name:
    """Take a name apart. Brackets, spaces, width, traditional characters and legal form do not matter for the stem."""
    narrow = plain(text).translate(SIMPLER)
    narrow = LATIN_FORM.sub(" ", narrow) if narrow.isascii() else narrow
    bracketed = REGION_IN_BRACKETS.search(narrow)
    full = _NOISE.sub("", narrow)
    branch = BRANCH.match(full)
    outside = _NOISE.sub("", REGION_IN_BRACKETS.sub("", narrow))
    stem = LEGAL_FORM.sub("", full) or full
    inner = LEGAL_FORM.sub("", outside) or outside
    leading = REGION.match(inner)
    core = inner[leading.end() :] if leading and len(inner) - leading.end() >= len("华信") else inner
    region = (bracketed[1] if bracketed else leading[0] if leading else "").rstrip("省市区县")
    shorter = TRADES.sub("", core.replace("集团", ""))
    brand = shorter if len(shorter) >= len("华信") else core
    return Name(full, stem, region, core, brand, branch[1] if branch else "")


class NameIndex:
    """The names of the customers, ready to be asked."""

    def __init__(self, customers: Iterable[tuple[int, str]]) -> None:
        self._by: dict[str, dict[str, list[int]]] = {
            kind: defaultdict(list) for kind in ("full", "stem", "core", "brand")
        }
        self._names: dict[int, Name] = {}
        self._grams: dict[str, list[int]] = defaultdict(list)
        for customer_id, text in customers:
            name = name_of(text)
            self._names[customer_id] = name
            for kind, found in self._by.items():
                found[getattr(name, kind)].append(customer_id)
            for gram in _grams(name.full):
                self._grams[gram].append(customer_id)
        self.find = lru_cache(maxsize=50_000)(self._find)

    def _find(self, text: str) -> tuple[Hit, ...]:
        """Return the customers that a name may mean, by the surest way that finds any; () when none or too many."""
        name = name_of(text)
        if not name.full:
            return ()
        ways: tuple[Callable[[], tuple[Hit, ...]], ...] = (
            lambda: self._exact("full", name.full, "NAME_EQUAL"),
            lambda: self._exact("stem", name.stem, "NAME_EQUAL"),
            lambda: self._exact("full", name.head, "NAME_BRANCH"),
            lambda: self._same_core(name),
            lambda: self._near(name),
            lambda: self._short(name),
        )
        hits = next((found for found in (way() for way in ways) if found), ())
        return hits if len(hits) <= HITS_MAX else ()

    def in_text(self, text: str) -> tuple[Hit, ...]:
        """Return the customers whose whole name, with or without legal form, a text holds; the longest name wins."""
        for run in _RUN.findall(plain(text).translate(SIMPLER)):
            run = re.sub(r"[()]", "", run)  # noqa: PLW2901  the brackets only held the run together
            for length in range(min(len(run), 30), NEAR_MIN - 1, -1):
                for begin in range(len(run) - length + 1):
                    part = run[begin : begin + length]
                    ids = self._by["full"].get(part) or self._by["stem"].get(part) or ()
                    if ids and len(part) > NEAR_MIN:
                        return tuple(Hit(each, "TEXT_NAME") for each in ids[:HITS_MAX])
        return ()

    def _exact(self, kind: str, value: str, reason: str) -> tuple[Hit, ...]:
        ids = self._by[kind].get(value, ()) if value else ()
        return tuple(Hit(each, reason if len(ids) == 1 else "NAME_SHARED") for each in ids)

    def _same_core(self, name: Name) -> tuple[Hit, ...]:
        """Find the same name where one side left out the place, or wrote it elsewhere."""
        ids = [
            each
            for each in self._by["core"].get(name.core, ())
            if not name.region or not self._names[each].region or self._names[each].region == name.region
        ]
        return tuple(Hit(each, "NAME_CORE" if len(ids) == 1 else "NAME_SHARED") for each in ids)

    def _short(self, name: Name) -> tuple[Hit, ...]:
        """Find companies by what people call them: only when the payer wrote no more than that."""
        if name.core != name.brand and len(name.core) > len(name.brand) + 2:
            return ()
        ids = [
            each
            for each in self._by["brand"].get(name.brand, ())
            if (not name.region or not self._names[each].region or self._names[each].region == name.region)
            and (name.core == name.brand or self._names[each].core.startswith(name.core))
        ]
        return tuple(Hit(each, "NAME_SHORT" if len(ids) == 1 else "NAME_SHARED") for each in ids)

    def _near(self, name: Name) -> tuple[Hit, ...]:
        """Find names that differ by one typing error, by two in long ones; the nearest ones only.

        The legal form takes part when the payer wrote one: it is mistyped as often as the rest.
        """
        if len(name.stem) < NEAR_MIN:
            return ()
        said, part = (name.full, "full") if name.full != name.stem else (name.stem, "stem")
        most = 2 if len(name.stem) >= FAR_FROM else 1
        ids = [
            each for each in self._alike(said, most) if abs(len(getattr(self._names[each], part)) - len(said)) <= most
        ]
        texts = [getattr(self._names[each], part) for each in ids]
        found = process.extract(said, texts, scorer=OSA.distance, score_cutoff=most, limit=None)
        nearest = sorted(ids[place] for _, distance, place in found if distance == found[0][1])
        return tuple(Hit(each, "NAME_NEAR" if len(nearest) == 1 else "NAME_SHARED") for each in nearest)

    def _alike(self, said: str, most: int) -> list[int]:
        """Return the customers that share a rare pair of characters with the name.

        A typing error spoils at most three pairs, so of one pair more than that any near name still has one; the rarest
        pairs select the fewest.
        """
        pairs = sorted((self._grams.get(gram, _NONE) for gram in _grams(said)), key=len)
        return sorted({each for ids in pairs[: 3 * most + 1] for each in ids})


def _grams(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}
