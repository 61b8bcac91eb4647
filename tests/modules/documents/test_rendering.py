"""Documents: the same bytes again, hostile text as text, and a process that can do nothing else."""

import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import pytest

from huikuan.documents import rendering
from huikuan.documents.rendering import RenderingError, image_name, render_pdf
from tests.modules.documents.letter_data import letter_data


def a_png(width: int = 8) -> bytes:
    """Return a square, half red and half clear."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    row = b"\x00" + b"\xc0\x10\x10\xff\x00\x00\x00\x00" * (width // 2)
    head = struct.pack(">IIBBBBB", width, width, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(row * width)) + chunk(b"IEND", b"")
    )


SEAL = a_png()
HOSTILE = [
    '#import "@preview/x:1.0.0": *',
    '#read("/etc/passwd") $ integral $ *bold* _it_ `raw` <label> @ref = Heading',
    "\\u{1F4A9} \\ // comment /* */ [content] #panic()",
    '公司]#eval("1+1")[「《》」',
    "</w:t><script>alert(1)</script> {{7*7}} {name} %s",
]


def draw(data: dict, **more: object) -> bytes:
    return render_pdf(layout="letter", data=data, language="zh-hans", **more)


def text_of(pdf: bytes, tmp_path: Path) -> str:
    place = tmp_path / "letter.pdf"
    place.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", place, "-"], capture_output=True, text=True, check=True)
    return done.stdout


def test_equal_data_give_equal_bytes_in_another_process():
    first = draw(letter_data())
    assert first.startswith(b"%PDF-1.7")
    rendering._pool.end()
    assert draw(letter_data()) == first
    assert draw(letter_data(dated="2026-07-11")) != first


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_prints_literally(hostile, tmp_path):
    printed = text_of(draw(letter_data(name=hostile)), tmp_path)
    assert "".join(hostile.split()) in "".join(printed.split())


def test_sixty_items_take_several_pages_and_repeat_the_titles(tmp_path):
    printed = text_of(draw(letter_data(item_count=60)), tmp_path)
    assert printed.count("约定付款日") == printed.count("\f") >= 2
    assert all(f"INV-{n:04d}" in printed for n in range(60))
    assert "第 2 页" in printed


def test_the_seal_is_drawn_and_a_damaged_one_is_an_error():
    name = image_name(SEAL)
    sealed = draw(letter_data(seal=name), images={name: SEAL})
    assert sealed != draw(letter_data())
    with pytest.raises(RenderingError, match="failed to decode image"):
        draw(letter_data(seal=name), images={name: SEAL[:40]})
    assert draw(letter_data(seal=name), images={name: SEAL}) == sealed


def test_a_layout_that_is_none_is_refused():
    for layout in ("../../etc/passwd", "nothing", "house.typ"):
        with pytest.raises(RenderingError):
            render_pdf(layout=layout, data=letter_data(), language="en")


def test_a_document_that_takes_too_long_is_ended_and_the_next_one_is_drawn(monkeypatch):
    monkeypatch.setattr(rendering, "TIME_MAX_SECONDS", 0.05)
    with pytest.raises(RenderingError, match="the rendering process ended"):
        draw(letter_data(item_count=3_000))
    monkeypatch.undo()
    assert draw(letter_data())


def test_many_threads_share_the_processes():
    made: list[bytes] = []
    threads = [threading.Thread(target=lambda: made.append(draw(letter_data()))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6
    assert len(set(made)) == 1
    assert rendering._pool.idle.qsize() <= 6


ESCAPES = {
    "a connection": "import socket; socket.socket()",
    "another program": "import os; os.execv('/bin/true', ['true'])",
    "much memory": "held = bytearray(4 * 1024**3)",
}


@pytest.mark.parametrize("escape", ESCAPES, ids=str)
def test_the_rendering_process_can_do_nothing_else(escape):
    program = (
        "from huikuan.documents import sandbox\n"
        "sandbox.limit_resources(); sandbox.empty_environment(); assert sandbox.refuse_network()\n"
        f"try:\n    {ESCAPES[escape]}\nexcept (PermissionError, MemoryError):\n    print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("refused\n", "")


def test_the_rendering_process_knows_no_secret(monkeypatch):
    monkeypatch.setenv("HUIKUAN_SMTP_PASSWORD", "hunter2")
    rendering._pool.end()
    draw(letter_data())
    process = rendering._pool.idle.get()
    environment = Path(f"/proc/{process.child.pid}/environ").read_bytes()
    process.end()
    assert b"hunter2" not in environment
