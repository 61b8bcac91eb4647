"""Which encoding a text file is in: told by its mark, proved by decoding all of it, and never assumed."""

import codecs
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from huikuan.exchange.ports import EncodingUnclear, EncodingUnknown, FileCut, FileNotDecodable

BLOCK: Final = 1 << 20
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GB2312_LEADS: Final = frozenset(range(0xA1, 0xF8))
_COMMON_IN_FOUR: Final = 3
"""Of four characters beyond ASCII so many at least must be of GB2312, or it is another encoding that happens
to decode: nearly every pair of bytes is some character of GB18030, but Chinese business text hardly leaves GB2312."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """What a look at all bytes of a file told."""

    encoding: str
    digest: str
    """SHA-256 of the bytes, hexadecimal."""
    size: int


def examine(path: Path, declared: str | None = None) -> Encoded:
    """Return the encoding in which every byte of the file decodes.

    Order: the declared one, a byte order mark, UTF-8, GB18030 (which includes GBK and GB2312).

    Raises: EncodingUnknown, FileNotDecodable (declared or marked, yet wrong), FileCut (ends within a character),
        EncodingUnclear.
    """
    digest, size, start = hashlib.sha256(), 0, b""
    for block in _blocks(path):
        start = start or block[:4]
        digest.update(block)
        size += len(block)
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
    encoding = _known(declared) if declared else marked
    if encoding == "utf-8" and marked == "utf-8-sig":
        encoding = marked
    if encoding:
        _prove(path, encoding)
    elif _fails_at(path, "utf-8") is None:
        encoding = "utf-8"
    else:
        _refuse_unless_chinese(path)
        encoding = "gb18030"
    return Encoded(encoding=encoding, digest=digest.hexdigest(), size=size)


def _known(name: str) -> str:
    try:
        codec = codecs.lookup(name)
        known = codec.name if codec._is_text_encoding else ""  # noqa: SLF001  rot13 and hex are codecs, too
    except LookupError:
        known = ""
    if not known:
        raise EncodingUnknown(name=name)
    return "gb18030" if known in {"gb2312", "gbk"} else known


def _prove(path: Path, encoding: str) -> None:
    """Raise unless all of the file decodes."""
    place = _fails_at(path, encoding)
    if place is None:
        return
    if place.at_end:
        raise FileCut(name=path.name)
    raise FileNotDecodable(name=path.name, encoding=encoding, line=place.line)


@dataclass(frozen=True, slots=True)
class _Place:
    line: int
    at_end: bool


def _fails_at(path: Path, encoding: str) -> _Place | None:
    """Return where decoding fails, None when it does not."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines = 1
    for block in _blocks(path):
        try:
            lines += decoder.decode(block).count("\n")
        except UnicodeDecodeError as error:
            good = bytes(error.object[: error.start])
            return _Place(line=lines + good.count(b"\n"), at_end=False)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _Place(line=lines, at_end=True)
    return None


def _refuse_unless_chinese(path: Path) -> None:
    """Raise unless the file reads as Chinese in GB18030: damaged UTF-8 and Latin-1 must not slip through."""
    in_utf8, in_gb = _fails_at(path, "utf-8"), _fails_at(path, "gb18030")
    if in_utf8 is not None and in_utf8.at_end:
        raise FileCut(name=path.name)
    common, all_of_them = _share_of_gb2312(path) if in_gb is None else (0, 1)
    if in_gb is not None and in_gb.at_end:
        raise FileCut(name=path.name)
    if in_gb is not None or 4 * common < _COMMON_IN_FOUR * all_of_them:
        raise EncodingUnclear(name=path.name, line=in_utf8.line if in_utf8 else 1)


def _share_of_gb2312(path: Path) -> tuple[int, int]:
    """Count the characters of GB2312 and all characters beyond ASCII."""
    seen: Counter[str] = Counter()
    decoder = codecs.getincrementaldecoder("gb18030")("strict")
    for block in _blocks(path):
        seen.update(decoder.decode(block))
    beyond = {each: count for each, count in seen.items() if not each.isascii()}
    common = sum(count for each, count in beyond.items() if _is_gb2312(each))
    return common, sum(beyond.values())


def _is_gb2312(character: str) -> bool:
    pair = character.encode("gb18030")
    return len(pair) == len("汉".encode("gbk")) and pair[0] in _GB2312_LEADS and pair[1] >= min(_GB2312_LEADS)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
