"""Text from an address or a bare field, made harmless for any database."""

from collections.abc import Mapping


def tidy(values: Mapping[str, str], name: str, *, longest: int) -> str:
    """Return a value without surrounding space and NUL, cut to `longest` characters; "" when absent."""
    return values.get(name, "").replace("\x00", "").strip()[:longest]
