"""How many pixels an image claims to have, by its header: a picture of a few kilobytes can unfold to gigabytes."""

from typing import Final

PIXELS_MAX: Final = 200_000_000
"""More than any telephone takes; a browser still opens it."""

_JPEG_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers that begin a frame and state its size."""
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xDA)})
"""Markers without a length behind them."""


def pixel_count(content: bytes, media_type: str) -> int:
    """Return width times height as PNG, JPEG or WebP state it; 0 for everything else, and where it cannot be read."""
    match media_type:
        case "image/png":
            return int.from_bytes(content[16:20]) * int.from_bytes(content[20:24])
        case "image/jpeg":
            return _of_jpeg(content)
        case "image/webp" if content[12:16] == b"VP8X":
            return (1 + int.from_bytes(content[24:27], "little")) * (1 + int.from_bytes(content[27:30], "little"))
    return 0


def _of_jpeg(content: bytes) -> int:
    """Walk the segments up to the first frame."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:  # noqa: PLR2004  a marker
        marker = content[at + 1]
        if marker in _JPEG_FRAMES:
            return int.from_bytes(content[at + 5 : at + 7]) * int.from_bytes(content[at + 7 : at + 9])
        at += 2 if marker in _ALONE else 2 + int.from_bytes(content[at + 2 : at + 4])
    return 0
