"""What an image claims to unfold to, read off its header."""

import pytest

from huikuan.journal.rules.media import media_type_of
from huikuan.journal.rules.pixels import PIXELS_MAX, pixel_count


def png(width, height):
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR" + width.to_bytes(4) + height.to_bytes(4)


def jpeg(width, height):
    frame = b"\xff\xc2\x00\x11\x08" + height.to_bytes(2) + width.to_bytes(2) + bytes(10)
    return b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(10) + frame


def webp(width, height):
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00" + bytes(4) + size


@pytest.mark.parametrize("make", [png, jpeg, webp])
def test_width_times_height(make):
    content = make(4000, 3000)
    assert pixel_count(content, media_type_of(content)) == 12_000_000
    assert pixel_count(make(60_000, 60_000), media_type_of(content)) > PIXELS_MAX


@pytest.mark.parametrize("content", [b"\xff\xd8\xff", b"\xff\xd8\xff\xe0\xff\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7"])
def test_what_says_nothing_counts_for_nothing(content):
    assert pixel_count(content, media_type_of(content)) == 0


@pytest.mark.parametrize("name", [b"WAVE", b"WEBP"])
def test_a_name_without_its_container_is_no_type(name):
    assert media_type_of(b"\x00" * 8 + name) == "application/octet-stream"
    assert media_type_of(b"RIFF" + b"\x00" * 4 + name) != "application/octet-stream"
