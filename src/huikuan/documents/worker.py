"""The rendering process: reads one document after another from standard input, writes each PDF to standard output.

Started by `documents.rendering` as `python -m huikuan.documents.worker FONT_FOLDER…`. It imports neither Django nor a
model and sees only its own folder: the layouts, and the images of the document at hand.

A request is a line of JSON (layout, language, data as text, sizes of images by name) and the images' bytes; an answer
is a line of JSON (byte_count, or the error) and the PDF's bytes.
"""

import json
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import typst

from huikuan.documents.sandbox import empty_environment, limit_resources, refuse_network

LAYOUTS: Final = Path(__file__).resolve().parent / "layouts"
STANDARD: Final = "a-2u"
"""PDF/A-2u: everything that is needed to draw the document is in it, and its text can be searched and copied."""


class Renderer:
    """A compiler over one folder, and nothing outside it."""

    def __init__(self, root: Path, font_folders: list[str]) -> None:
        """Take the folder (it gets a copy of the layouts) and the folders with fonts."""
        self.root = root
        shutil.copytree(LAYOUTS, root / "layouts")
        (root / "images").mkdir()
        (root / "packages").mkdir()
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=list(font_folders))
        self.compiler = typst.Compiler(
            root=str(root),
            font_paths=fonts,
            ignore_system_fonts=True,
            package_path=str(root / "packages"),
            package_cache_path=str(root / "packages"),
        )

    def render(self, *, layout: str, language: str, data: str, dated_at: int) -> bytes:
        """Return the PDF. Raises typst.TypstError when the layout and the data do not fit."""
        made = self.compiler.compile(
            input=str(self.root / "layouts" / f"{layout}.typ"),
            format="pdf",
            sys_inputs={"data": data, "language": language},
            pdf_standards=STANDARD,
            timestamp=datetime.fromtimestamp(dated_at, UTC),
        )
        if not isinstance(made, bytes):
            message = f"{layout}: the compiler returned no single document"
            raise TypeError(message)
        return made


def serve(requests: BinaryIO, answers: BinaryIO, renderer: Renderer) -> None:
    """Answer every request until the other side closes the pipe."""
    while line := requests.readline():
        asked: dict[str, Any] = json.loads(line)
        images = [renderer.root / "images" / name for name in asked["images"]]
        for path, size in zip(images, asked["images"].values(), strict=True):
            path.write_bytes(requests.read(size))
        try:
            made = renderer.render(
                layout=asked["layout"], language=asked["language"], data=asked["data"], dated_at=asked["dated_at"]
            )
            head: dict[str, object] = {"byte_count": len(made)}
        except Exception as error:  # noqa: BLE001  the asker decides what it means; this process goes on
            made, head = b"", {"error": f"{type(error).__name__}: {error}"}
        for path in images:
            path.unlink()
        answers.write(json.dumps(head).encode() + b"\n" + made)
        answers.flush()


def main(font_folders: list[str]) -> None:
    """Give up what is not needed, then serve."""
    with tempfile.TemporaryDirectory(prefix="huikuan-documents-") as folder:
        limit_resources()
        empty_environment()
        refuse_network()
        serve(sys.stdin.buffer, sys.stdout.buffer, Renderer(Path(folder), font_folders))


if __name__ == "__main__":
    main(sys.argv[1:])
