"""Chance that is the same every time: whole numbers from a key and a name, on whole columns.

Own mixing (SplitMix64) instead of a library's hash: the demo is the same with every version of every library, on every
machine, for one customer or a million at a time. Polars integers wrap, which is exactly what mixing needs.
"""

import hashlib
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Final

import polars as pl

_STEP: Final = 0x9E3779B97F4A7C15
_FIRST: Final = 0xBF58476D1CE4E5B9
_SECOND: Final = 0x94D049BB133111EB


def mixed(key: pl.Expr, name: str) -> pl.Expr:
    """Return a number below 2**64 for each key, as UInt64; different names give independent numbers.

    Args:
        key: Whole numbers, not negative.
        name: What is being decided; part of the result.
    """
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
    value = key.cast(pl.UInt64) * _whole(_STEP) + _whole(seed)
    value = (value ^ (value // _whole(2**30))) * _whole(_FIRST)
    value = (value ^ (value // _whole(2**27))) * _whole(_SECOND)
    return value ^ (value // _whole(2**31))


def below(key: pl.Expr, name: str, limit: int) -> pl.Expr:
    """Return a whole number from 0 to limit − 1 for each key, as Int64."""
    return ((mixed(key, name) // _whole(2**12)) % _whole(limit)).cast(pl.Int64)


def between(key: pl.Expr, name: str, least: int, most: int) -> pl.Expr:
    """Return a whole number from least to most, both included."""
    return below(key, name, most - least + 1) + least


def happens(key: pl.Expr, name: str, per_mille: int) -> pl.Expr:
    """Tell for each key whether it is one of the so many in a thousand."""
    return below(key, name, 1000) < per_mille


def one_of(key: pl.Expr, name: str, words: Sequence[str]) -> pl.Expr:
    """Return one of the words for each key."""
    return pl.lit(pl.Series("words", list(words))).gather(below(key, name, len(words)))


def weighted(key: pl.Expr, name: str, weights: Mapping[str, int]) -> pl.Expr:
    """Return one of the names for each key, each as often as its weight says."""
    names, last = list(weights), list(accumulate(weights.values()))
    drawn = below(key, name, last[-1])
    chosen: pl.Expr = pl.lit(names[-1])
    for word, edge in zip(reversed(names[:-1]), reversed(last[:-1]), strict=True):
        chosen = pl.when(drawn < edge).then(pl.lit(word)).otherwise(chosen)
    return chosen


def _whole(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.UInt64)
