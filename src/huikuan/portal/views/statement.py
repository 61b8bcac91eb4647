"""An account statement behind its link: read it, confirm it with a name and a tick, or say which lines differ."""

from typing import Final
from urllib.parse import urlencode

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from huikuan.cash.commands.statement_answers import (
    Answerer,
    Attachment,
    Difference,
    confirm_statement,
    report_differences,
)
from huikuan.cash.models import AccountStatement
from huikuan.cash.models.account_statement import StatementState
from huikuan.cash.statement_page import words_in
from huikuan.journal.files import read_file
from huikuan.journal.models import StoredFile
from huikuan.kernel.days import parse_day
from huikuan.kernel.money import parse_minor
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.kernel.zones import local_day
from huikuan.outreach.rules.kinds import subject_of
from huikuan.parties.commands.links import LinkUnknown
from huikuan.parties.models import SignedLink
from huikuan.portal.access import REFUSED, UNKNOWN, PortalRequest, linked, page_context, said_no

STATEMENT: Final = SignedLink.Purpose.STATEMENT
ROWS: Final = 5
"""Differences that the page has room for; more come as a file."""
LINES_SHOWN: Final = 200
"""Lines of a long statement that the page shows; the document has them all."""
NAME_MAX, NUMBER_MAX, REASON_MAX = 120, 80, 500


class NotTicked(Refusal):
    """The tick is the declaration."""

    code = "portal.statement-not-ticked"
    text = gettext_noop("Tick that the balance agrees with your books, then confirm.")


def show(request: PortalRequest) -> HttpResponse:
    """Show the statement as it was frozen, and the two answers while it waits for one."""
    return _draw(request)


def _draw(request: PortalRequest, *, said: str = "") -> HttpResponse:
    statement = _statement(request)
    if statement is None:
        return said_no(request, LinkUnknown(), UNKNOWN)
    kinds = words_in(request.language)
    lines, items = statement.data["lines"], statement.data["open_items"]
    typed = request.POST
    context = {
        **page_context(request),
        "statement": statement,
        "lines": [
            line | {"entry": kinds[f"kind_{line['kind']}"], "day": parse_day(line["day"])}
            for line in lines[:LINES_SHOWN]
        ],
        "hidden_count": max(0, len(lines) - LINES_SHOWN),
        "items": [item | {"due_on": parse_day(item["due_on"])} for item in items[:LINES_SHOWN]],
        "numbers": list(dict.fromkeys(row["number"] for row in [*lines, *items]))[: 2 * LINES_SHOWN],
        "earlier": statement.data["earlier"],
        "differences": statement.differences.order_by("pk"),
        "may_answer": statement.state == StatementState.SENT and request.link.used_at is None,
        "said": said,
        "typed": {"name": typed.get("name", ""), "other": typed.get("other", "")},
        "rows": [
            {name: typed.get(f"{name}_{row}", "") for name in FIELDS} | {"row": row} for row in range(1, ROWS + 1)
        ],
        "name_max": NAME_MAX,
        "number_max": NUMBER_MAX,
        "reason_max": REASON_MAX,
    }
    return render(request, "portal/statement.html", context, status=REFUSED if said else 200)


FIELDS: Final = ("number", "amount", "reason")


def _statement(request: PortalRequest) -> AccountStatement | None:
    """Return the statement of the link; None when it is not the customer's, or was withdrawn."""
    noun, number = subject_of(request.link.about)
    found = AccountStatement.objects.filter(pk=number, customer_id=request.link.customer_id)
    shown = found.exclude(state=StatementState.WITHDRAWN).select_related("pdf", "xlsx", "entity")
    return shown.first() if noun == "statement" else None


@linked("GET", "HEAD", purpose=STATEMENT)
def pdf(request: PortalRequest) -> HttpResponse:
    """Return the statement as PDF: the very file that is confirmed."""
    return _file(request, "pdf")


@linked("GET", "HEAD", purpose=STATEMENT)
def xlsx(request: PortalRequest) -> HttpResponse:
    """Return the statement as a workbook."""
    return _file(request, "xlsx")


def _file(request: PortalRequest, name: str) -> HttpResponse:
    statement = _statement(request)
    if statement is None:
        return said_no(request, LinkUnknown(), UNKNOWN)
    stored: StoredFile = getattr(statement, name)
    answer = HttpResponse(read_file(stored), content_type=stored.media_type)
    way = "inline" if name == "pdf" else "attachment"
    answer["Content-Disposition"] = f'{way}; filename="{statement.number}.{name}"'
    return answer


@linked("POST", purpose=STATEMENT)
def confirm(request: PortalRequest) -> HttpResponse:
    """Take the confirmation: 303 back to the statement, 409 with the reason."""
    statement, now = _statement(request), timezone.now()
    if statement is None:
        return said_no(request, LinkUnknown(), UNKNOWN)
    try:
        if "agreed" not in request.POST:
            raise NotTicked
        by = Answerer(request.POST.get("name", ""), link_id=request.link.pk)
        as_of = local_day(now, statement.entity.time_zone)
        confirm_statement(statement_id=statement.pk, by=by, as_of=as_of, now=now)
    except Refusal as no:
        return _draw(request, said=gettext(no.text).format(**no.facts))
    return _back(request)


@linked("POST", purpose=STATEMENT)
def differ(request: PortalRequest) -> HttpResponse:
    """Take what differs: 303 back to the statement, 409 with the reason."""
    statement, now = _statement(request), timezone.now()
    if statement is None:
        return said_no(request, LinkUnknown(), UNKNOWN)
    try:
        by = Answerer(request.POST.get("other", ""), link_id=request.link.pk, attachment=_attached(request))
        report_differences(
            statement_id=statement.pk, differences=_differences(request, statement.currency), by=by, now=now
        )
    except Refusal as no:
        return _draw(request, said=gettext(no.text).format(**no.facts))
    return _back(request)


def _differences(request: PortalRequest, currency: str) -> list[Difference]:
    """Read the rows that are filled in. Raises the refusals of `parse_minor`."""
    found = []
    for row in range(1, ROWS + 1):
        number, amount, reason = (request.POST.get(f"{name}_{row}", "").strip() for name in FIELDS)
        if number or amount or reason:
            theirs_minor = parse_minor(amount, currency) if amount else None
            found.append(Difference(number, theirs_minor, reason))
    return found


def _attached(request: PortalRequest) -> Attachment | None:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        return None
    return Attachment(file.read(), file.name or "file", file.content_type or "")


def _back(request: PortalRequest) -> HttpResponse:
    place = reverse("portal:open", args=[request.token])
    return HttpResponseRedirect(f"{place}?{urlencode({'lang': request.language})}", status=303)
