"""A message as the HTML of an e-mail: styles inline, no image, no script, readable on a phone and in the dark."""

from collections.abc import Iterable
from html import escape
from typing import Final

from huikuan.outreach.rules.table import Table

HEADING_MAX: Final = 40
"""Longest line, in characters, that counts as a heading when it ends in a colon and lines follow."""
_ENDS: Final = (":", "：")
_FONT: Final = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',-apple-system,'Segoe UI',Helvetica,Arial,sans-serif"
_STYLE: Final = {
    "body": f"margin:0;padding:0;background:#eef1f4;color:#1f2933;font-family:{_FONT};font-size:15px;line-height:1.7",
    "outer": "max-width:720px;margin:0 auto;padding:28px 14px",
    "card": "background:#ffffff;border:1px solid #dbe1e8;border-radius:10px;overflow:hidden",
    "head": "padding:16px 30px;background:#123a5c;color:#ffffff;font-size:16px;font-weight:600",
    "inside": "padding:12px 30px 24px",
    "p": "margin:14px 0",
    "scroll": "overflow-x:auto;margin:10px 0 18px",
    "table": "border-collapse:collapse;width:100%;font-size:13.5px;line-height:1.5;font-variant-numeric:tabular-nums;"
    "text-align:left",
    "th": "border-bottom:2px solid #9fb0c0;padding:7px 12px 7px 0;font-weight:600;color:#41525f;white-space:nowrap",
    "td": "border-bottom:1px solid #e3e8ed;padding:7px 12px 7px 0",
    "a": "color:#1558a8",
}

Block = tuple[str, ...] | Table
"""Lines of one paragraph, already filled in; or a table."""


def html_mail(*, subject: str, sender: str, blocks: Iterable[Block], lang: str, links: tuple[str, ...]) -> str:
    """Return a whole HTML document.

    Args:
        subject: Its title.
        sender: The company, written at the head.
        blocks: Filled in; everything in them is escaped here.
        lang: For the `lang` attribute: "zh-Hans" or "en".
        links: Web addresses which, where they stand, can be followed; "" for none.
    """
    body = "\n".join(html_table(block) if isinstance(block, Table) else _paragraph(block, links) for block in blocks)
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(subject)}</title></head>\n"
        f'<body style="{_STYLE["body"]}"><div style="{_STYLE["outer"]}"><div style="{_STYLE["card"]}">\n'
        f'<div style="{_STYLE["head"]}">{escape(sender)}</div>\n<div style="{_STYLE["inside"]}">\n{body}\n'
        "</div></div></div></body></html>\n"
    )


def is_heading(lines: tuple[str, ...]) -> bool:
    """Tell whether the first of these lines is a heading over the others."""
    return len(lines) > 1 and len(lines[0]) <= HEADING_MAX and lines[0].rstrip().endswith(_ENDS)


def _paragraph(lines: tuple[str, ...], links: tuple[str, ...]) -> str:
    written = [_linked(line, links).replace("\n", "<br>") for line in lines]
    if is_heading(lines):
        written[0] = f"<strong>{written[0]}</strong>"
    return f'<p style="{_STYLE["p"]}">{"<br>".join(written)}</p>'


def _linked(line: str, links: tuple[str, ...]) -> str:
    """Escape a line; a link that stands there can be followed."""
    safe = escape(line)
    for link in links:
        target = escape(link)
        if link.startswith(("https://", "http://")) and target in safe:
            return safe.replace(target, f'<a href="{target}" style="{_STYLE["a"]}">{target}</a>')
    return safe


def html_table(table: Table) -> str:
    """Return the table as HTML, numbers flush right, the total in bold; it scrolls by itself where it is too wide."""
    columns = range(len(table.titles))

    def row(cells: tuple[str, ...], tag: str, weight: str = "") -> str:
        opened = [
            f'<{tag} style="{_STYLE[tag]}{";text-align:right" if column in table.numbers else ""}{weight}">'
            for column in columns
        ]
        return _drawn(cells, opened, tag)

    plain = [
        f'<td style="{_STYLE["td"]}{";text-align:right" if column in table.numbers else ""}">' for column in columns
    ]
    rows = [row(table.titles, "th"), *(_drawn(cells, plain, "td") for cells in table.rows)]
    if table.total:
        rows.append(row(table.total, "td", ";font-weight:600;border-bottom:0"))
    return f'<div style="{_STYLE["scroll"]}"><table style="{_STYLE["table"]}">\n' + "\n".join(rows) + "\n</table></div>"


def _drawn(cells: tuple[str, ...], opened: list[str], tag: str) -> str:
    """Return one row; `opened`: the tag of each column with its style."""
    return f"<tr>{''.join([f'{head}{_escaped(cell)}</{tag}>' for head, cell in zip(opened, cells, strict=True)])}</tr>"


_HOSTILE: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})


def _escaped(text: str) -> str:
    """Return text as `html.escape` does, in one pass: there are very many cells."""
    return text.translate(_HOSTILE)
