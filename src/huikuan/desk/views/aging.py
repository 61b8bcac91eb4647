"""The aging report as a page and as files."""

from django.http import HttpResponse
from django.shortcuts import render

from huikuan.desk.access import DeskRequest, page
from huikuan.desk.answers import words_of
from huikuan.desk.forms.aging import read_aging
from huikuan.desk.queries.aging import NAMES, aging_page, report_of
from huikuan.exchange.queries.aging import BUCKETS
from huikuan.kernel.refusal import Refusal
from huikuan.parties.rules.rights import Action


@page
def show(request: DeskRequest) -> HttpResponse:
    """Show what was open on a day: 200, or 422 with the default report when a field could not be read."""
    seat = request.seat
    asked = read_aging(request.GET.dict(), today=seat.today)
    problem = asked.problem
    try:
        report = report_of(seat, asked)
    except Refusal as no:
        problem = no
        asked = read_aging({**request.GET.dict(), "buckets": ""}, today=seat.today)
        report = report_of(seat, asked)
    context = {
        "asked": asked,
        "report": aging_page(report, asked),
        "problem": words_of(problem) if problem else "",
        "query": asked.query(seat.today),
        "names": [(by.value, name) for by, name in NAMES.items()],
        "row_name": NAMES[asked.by],
        "buckets_text": ",".join(map(str, asked.buckets)),
        "buckets_usual": ",".join(map(str, BUCKETS)),
        "may_export": seat.may(Action.EXPORT),
    }
    return render(request, "desk/aging.html", context, status=422 if problem else 200)
