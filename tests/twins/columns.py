"""Slow, obvious twin of column arithmetic: one Python number at a time."""


def bucket(value: int, edges: list[int]) -> int:
    """Go up the edges as long as the value lies above them."""
    found = 0
    for edge in sorted(edges):
        if value > edge:
            found += 1
    return found
