"""Which open items add up to an amount: a bounded search that answers only when there is one answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

SUM_ITEMS_MAX: Final = 40
"""Of more open items only the first so many (the oldest due) are looked at."""

SUM_PARTS_MAX: Final = 6
"""More than so many items in one payment are found by number, not by sum; all items together are always tried."""

SUM_STEPS_MAX: Final = 20_000
"""The search gives up after so many steps: an answer whose uniqueness was not proved is no answer."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What a search found: the one set of positions; else whether it was proved that there is none at all."""

    only: tuple[int, ...] | None
    is_none: bool


def sums_of(amounts: Sequence[int], wanted: int) -> Sums:
    """Search for the items that add up to what is wanted: sets of 2 to SUM_PARTS_MAX. Deterministic.

    Args:
        amounts: Positive minor units, oldest due first. Two equal amounts make two different sets: no answer.
        wanted: Minor units.
    """
    looked = amounts[:SUM_ITEMS_MAX]
    order = sorted((place for place in range(len(looked)) if looked[place] < wanted), key=lambda at: (-looked[at], at))
    sizes = [looked[place] for place in order]
    search = _Search(sizes, [*list(accumulate(reversed(sizes)))[::-1], 0])
    search.descend(0, wanted, ())
    is_whole = search.steps_left > 0 and (len(amounts) <= SUM_ITEMS_MAX or sum(amounts) < wanted)
    if search.steps_left > 0 and len(search.found) == 1:
        return Sums(tuple(sorted(order[place] for place in search.found[0])), is_none=False)
    return Sums(None, is_none=is_whole and not search.found)


class _Search:
    """Take or leave each amount, the largest first; stop at the second answer."""

    def __init__(self, sizes: list[int], rest: list[int]) -> None:
        self.sizes, self.rest = sizes, rest
        self.found: list[tuple[int, ...]] = []
        self.steps_left = SUM_STEPS_MAX

    def descend(self, place: int, wanted: int, taken: tuple[int, ...]) -> None:
        while place < len(self.sizes):
            self.steps_left -= 1
            if self.steps_left <= 0 or len(self.found) > 1:
                return
            size, room = self.sizes[place], SUM_PARTS_MAX - len(taken)
            if wanted > self.rest[place] or size * room < wanted:
                return
            if size == wanted:
                self.found.append((*taken, place))
            elif size < wanted and room > 1:
                self.descend(place + 1, wanted - size, (*taken, place))
            place += 1
