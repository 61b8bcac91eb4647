"""The text of an HTML mail: nothing of it is ever shown as HTML, fetched or run."""

import re
from html.parser import HTMLParser
from typing import Final

_SILENT: Final = frozenset({"head", "script", "style", "title", "template", "noscript", "svg", "object", "iframe"})
_BREAKS: Final = frozenset({"br", "p", "div", "tr", "li", "table", "h1", "h2", "h3", "h4", "ul", "ol", "hr"})
_VOID: Final = frozenset({"br", "hr", "img", "meta", "link", "input", "area", "base", "col", "wbr"})
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BLANKS: Final = re.compile(r"[ \t\xa0\u200b\ufeff]+")
_EMPTY_LINES: Final = re.compile(r"\n{3,}")


class _Reader(HTMLParser):
    """Collects text; what is hidden or silent is left out, what is quoted is marked with ">"."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self._silent: list[str] = []
        self._quotes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._silent:
            if tag == self._silent[0]:
                self._silent.append(tag)
            return
        is_hidden = bool(_HIDDEN.search(given.get("style", ""))) or "hidden" in given
        if (tag in _SILENT or is_hidden) and tag not in _VOID:
            self._silent.append(tag)
            return
        if tag in _BREAKS or tag == "blockquote":
            self._new_line()
        if tag == "td" and self.lines[-1].strip():
            self.lines[-1] += " "
        is_quote = tag == "blockquote" or "gmail_quote" in given.get("class", "")
        if is_quote or (self._quotes and tag == self._quotes[0]):
            self._quotes.append(tag)
            self._new_line()

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[0]:
                self._silent.pop()
            return
        if self._quotes and tag == self._quotes[0]:
            self._quotes.pop()
            self._new_line()
        elif tag in _BREAKS:
            self._new_line()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.lines[-1] += data.replace("\n", " ")

    def _new_line(self) -> None:
        mark = "> " if self._quotes else ""
        if self.lines[-1].strip(" >"):
            self.lines.append(mark)
        else:
            self.lines[-1] = mark


def plain_text(html: str) -> str:
    """Return what a reader of an HTML mail sees, line by line; scripts, styles and hidden parts are left out."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = "\n".join(_BLANKS.sub(" ", line).strip() for line in reader.lines)
    return _EMPTY_LINES.sub("\n\n", text).strip()
