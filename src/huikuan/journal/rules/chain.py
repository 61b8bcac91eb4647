"""The hash chain (存证链): each seal covers its entry, its place, and the seal before it."""

import hashlib
import json
from collections.abc import Mapping
from typing import Final

GENESIS: Final = "0" * 64
"""What stands before the first seal."""


def sealed_hash(previous_hash: str, position: int, content: Mapping[str, object]) -> str:
    """Return the SHA-256 of a seal, hexadecimal.

    Args:
        previous_hash: Of the seal before, or GENESIS.
        position: From 1, without gaps.
        content: Everything the entry says, as plain JSON values; the order of keys does not matter.
    """
    text = json.dumps([previous_hash, position, content], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
