"""Many PDF documents as one file for the print shop."""

from collections.abc import Iterable
from io import BytesIO

from pypdf import PdfReader, PdfWriter


def bind(documents: Iterable[tuple[str, bytes]], *, is_duplex: bool) -> bytes:
    """Return the documents one behind the other, each under its name as a bookmark.

    Args:
        documents: Name and PDF.
        is_duplex: Printed on both sides: an empty page follows a document with an odd number of them, so that the next
            begins on a sheet of its own.
    """
    writer = PdfWriter()
    for name, content in documents:
        reader = PdfReader(BytesIO(content))
        begins_at = len(writer.pages)
        for page in reader.pages:
            writer.add_page(page)
        writer.add_outline_item(title=name, page_number=begins_at)
        if is_duplex and len(reader.pages) % 2:
            writer.add_blank_page()
    held = BytesIO()
    writer.write(held)
    return held.getvalue()


def page_count(content: bytes) -> int:
    """Count the pages of a PDF."""
    return len(PdfReader(BytesIO(content)).pages)
