"""Kept files as the desk hands them out: always to be saved, never to be shown as a page of ours."""

import re
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from huikuan.journal.files import read_file
from huikuan.journal.models import StoredFile

_RANGE: Final = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")
PARTIAL, NOT_SATISFIABLE = 206, 416


def attachment(request: HttpRequest, stored: StoredFile) -> HttpResponse:
    """Send a stored file, or the range of it that a player asks for. Raises FileDamaged."""
    content = read_file(stored)
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    answer = _whole(content) if asked is None else _part(content, asked[1], asked[2])
    answer["Content-Type"] = stored.media_type
    answer["Accept-Ranges"] = "bytes"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=stored.name)
    return answer


def _whole(content: bytes) -> HttpResponse:
    return HttpResponse(content)


def _part(content: bytes, first: str, last: str) -> HttpResponse:
    begin, end = int(first), min(int(last or len(content)), len(content) - 1)
    if begin > end:
        answer = HttpResponse(status=NOT_SATISFIABLE)
        answer["Content-Range"] = f"bytes */{len(content)}"
        return answer
    answer = HttpResponse(content[begin : end + 1], status=PARTIAL)
    answer["Content-Range"] = f"bytes {begin}-{end}/{len(content)}"
    return answer
