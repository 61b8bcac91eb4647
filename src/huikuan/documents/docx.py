"""A letter as a Word document for somebody's hand: the same data as the PDF, plain enough to be edited."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any, Final

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt
from docx.table import _Cell

_CHINESE: Final = "宋体"
_LATIN: Final = "Times New Roman"
_RIGHT: Final = WD_ALIGN_PARAGRAPH.RIGHT
_INDENT: Final = Pt(21)


def letter_docx(data: Mapping[str, Any], *, language: str) -> bytes:
    """Return the document. Text is placed as text; the seal is left out: what can be edited must not be sealed."""
    document = Document()
    _page(document, data)
    is_chinese = language.startswith("zh")
    _line(document, data["letterhead"]["name"], size=16, bold=True)
    _line(document, "    ".join(data["letterhead"]["lines"]), size=8.5)
    _line(document, data["title"], size=20, bold=True, align=WD_ALIGN_PARAGRAPH.CENTER)
    for label, value in data["meta"]:
        _line(document, f"{label}  {value}", size=9, align=_RIGHT)
    _line(document, f"{data['labels']['to']}: {data['addressee']['name']}", bold=True)
    for line in data["addressee"]["lines"]:
        _line(document, line, size=9.5)
    for piece in data["body"]:
        _piece(document, piece, data, is_chinese=is_chinese)
    held = BytesIO()
    document.save(held)
    return held.getvalue()


def _page(document: DocumentType, data: Mapping[str, Any]) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(25)
    section.top_margin = section.bottom_margin = Mm(22)
    style = document.styles["Normal"]
    style.font.name, style.font.size = _LATIN, Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _CHINESE)
    known = document.core_properties
    known.title, known.author = f"{data['title']} {data['number']}", data["letterhead"]["name"]
    known.created = known.modified = datetime.combine(date.fromisoformat(data["dated"]), time(), UTC)
    section.footer.paragraphs[0].text = str(data["number"])


def _line(
    document: DocumentType,
    text: str,
    *,
    size: float = 10.5,
    bold: bool = False,
    align: WD_ALIGN_PARAGRAPH | None = None,
) -> None:
    paragraph = document.add_paragraph()
    if align is not None:
        paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(2)
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(size), bold


def _piece(document: DocumentType, piece: Mapping[str, Any], data: Mapping[str, Any], *, is_chinese: bool) -> None:
    match piece["kind"]:
        case "paragraph":
            paragraph = document.add_paragraph(piece["text"])
            if is_chinese and piece.get("is_indented", True):
                paragraph.paragraph_format.first_line_indent = _INDENT
        case "heading":
            _line(document, piece["text"], size=12, bold=True)
        case "table":
            _table(document, piece)
        case "panel":
            _line(document, piece["title"], bold=True)
            _grid(document, piece["rows"], widths=(4, 12))
        case "signature":
            _line(document, data["signature"]["name"], bold=True, align=_RIGHT)
            _line(document, data["signature"]["day"], align=_RIGHT)
        case "slip":
            _line(document, piece["title"], size=12, bold=True, align=WD_ALIGN_PARAGRAPH.CENTER)
            document.add_paragraph(piece["text"])
            _grid(document, [[label, ""] for label in piece["rows"]], widths=(4, 12))


def _table(document: DocumentType, piece: Mapping[str, Any]) -> None:
    rows = [piece["titles"], *piece["rows"], *([piece["total"]] if piece["total"] else [])]
    table = document.add_table(rows=len(rows), cols=len(piece["titles"]), style="Table Grid")
    for row, cells in zip(table.rows, rows, strict=True):
        for column, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
            _put(cell, text, bold=row is table.rows[0] or cells is piece["total"], right=column in piece["numbers"])
    document.add_paragraph()


def _grid(document: DocumentType, rows: list[list[str]], *, widths: tuple[int, int]) -> None:
    table = document.add_table(rows=len(rows), cols=2, style="Table Grid")
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text, width in zip(row.cells, cells, widths, strict=True):
            cell.width = Cm(width)
            _put(cell, text)
    document.add_paragraph()


def _put(cell: _Cell, text: str, *, bold: bool = False, right: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    if right:
        paragraph.alignment = _RIGHT
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(9), bold
