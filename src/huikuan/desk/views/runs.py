"""The daily run: what each did, what today's would do, and its start."""

from django.http import Http404, HttpResponse
from django.shortcuts import render

from huikuan.desk.access import DeskRequest, page
from huikuan.desk.queries.paging import Place
from huikuan.desk.queries.runs import decisions, run_of, runs, steps_of
from huikuan.parties.rules.rights import Action

STEP_MAX = 40


@page
def index(request: DeskRequest) -> HttpResponse:
    """Show the latest runs."""
    listed = runs(request.seat)
    context = {
        "runs": listed,
        "todays": next((run for run in listed if run.as_of == request.seat.today), None),
        "may_run": request.seat.may(Action.RUN),
    }
    return render(request, "desk/runs.html", context)


@page
def show(request: DeskRequest, run_id: int) -> HttpResponse:
    """Show one run with its warnings and decisions."""
    run = run_of(request.seat, run_id)
    if run is None:
        raise Http404
    step = request.GET.get("step", "")[:STEP_MAX]
    context = {
        "run": run,
        "listed": decisions(request.seat, run_id, step=step, place=Place.read(request.GET.dict())),
        "steps": steps_of(request.seat, run_id),
        "step": step,
        "query": {"step": step} if step else {},
    }
    return render(request, "desk/run.html", context)
