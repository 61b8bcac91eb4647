"""Lists as files: what the user may see of the chosen entity, and nothing else. Every export is kept in the journal."""

from collections.abc import Iterator
from datetime import date

from django.http import Http404, HttpResponseBase, StreamingHttpResponse

from huikuan.desk.access import DeskRequest, page
from huikuan.desk.answers import refusal_page
from huikuan.desk.forms.aging import read_aging
from huikuan.desk.queries.aging import file_columns, file_rows, report_of
from huikuan.exchange.commands.exporting import FileFormat, export_list, export_rows
from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal
from huikuan.parties.rules.rights import Action

LISTS = ("customers", "contacts", "contracts", "items", "receipts", "tasks", "cases", "deliveries", "decisions")
"""What the desk offers; the command line exports more."""


@page
def listed(request: DeskRequest, name: str, file_format: str) -> HttpResponseBase:
    """Send a list as a file."""
    if name not in LISTS or file_format not in set(FileFormat):
        raise Http404
    seat = request.seat
    seat.demand(Action.EXPORT)
    pieces = export_list(name=name, file_format=file_format, entity_ids=[seat.entity.pk], user=seat.user)
    return _sent(request, name, file_format, pieces, as_of=seat.today)


@page
def aging(request: DeskRequest, file_format: str) -> HttpResponseBase:
    """Send the aging report as a file: every row, not only those that a page shows."""
    if file_format not in set(FileFormat):
        raise Http404
    seat = request.seat
    seat.demand(Action.EXPORT)
    asked = read_aging(request.GET.dict(), today=seat.today)
    try:
        report = report_of(seat, asked, with_penalty=True)
    except Refusal as no:
        return refusal_page(request, no)
    pieces = export_rows(file_columns(report), file_rows(report), file_format)
    return _sent(request, "aging", file_format, pieces, as_of=asked.as_of)


def _sent(
    request: DeskRequest, name: str, file_format: str, pieces: Iterator[bytes], *, as_of: date
) -> StreamingHttpResponse:
    """Stream a file as a download, and keep in the journal who took what."""
    seat = request.seat
    record(
        "exchange.list-exported", now=seat.now, actor=seat.user, entity_id=seat.entity.pk, list=name, format=file_format
    )
    answer = StreamingHttpResponse(pieces, content_type=FileFormat(file_format).content_type)
    filename = f"{seat.entity.code}-{name}-{as_of.isoformat()}.{file_format}"
    answer["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer
