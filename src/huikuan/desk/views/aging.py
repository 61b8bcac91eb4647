"""The aging report as a page and as files."""

from django.http import HttpResponse
from django.shortcuts import render

from huikuan.desk.access import DeskRequest, Seat, page
from huikuan.desk.answers import words_of
from huikuan.desk.forms.aging import AgingAsked, read_aging
from huikuan.desk.queries.aging import NAMES, AgingPage, aging_page, report_of
from huikuan.desk.queries.aging_first import first_of, opens_with_first
from huikuan.exchange.queries.aging import BUCKETS
from huikuan.kernel.refusal import Refusal
from huikuan.parties.rules.rights import Action


@page
def show(request: DeskRequest) -> HttpResponse:
    """Show what was open on a day: 200, or 422 with the default report when a field could not be read."""
    seat = request.seat
    asked = read_aging(request.GET.dict(), today=seat.today)
    problem = asked.problem
    reads_all = request.GET.get("all") == "1"
    try:
        report = _page_of(seat, asked, reads_all=reads_all)
    except Refusal as no:
        problem = no
        asked = read_aging({**request.GET.dict(), "buckets": ""}, today=seat.today)
        report = _page_of(seat, asked, reads_all=reads_all)
    context = {
        "asked": asked,
        "report": report,
        "problem": words_of(problem) if problem else "",
        "query": asked.query(seat.today),
        "names": [(by.value, name) for by, name in NAMES.items()],
        "row_name": NAMES[asked.by],
        "buckets_text": ",".join(map(str, asked.buckets)),
        "buckets_usual": ",".join(map(str, BUCKETS)),
        "may_export": seat.may(Action.EXPORT),
    }
    return render(request, "desk/aging.html", context, status=422 if problem else 200)


def _page_of(seat: Seat, asked: AgingAsked, *, reads_all: bool) -> AgingPage:
    """Return the first page where it is enough, the whole report cut to a page otherwise. Raises Refusal."""
    if reads_all or not opens_with_first(seat, asked):
        return aging_page(report_of(seat, asked), asked)
    first = first_of(seat, asked)
    return aging_page(first.report, asked, kept_on=first.kept_on, is_first=not first.is_complete)
