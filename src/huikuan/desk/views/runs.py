"""The daily run: what each did, what today's would do, and its start."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.desk.access import DeskRequest, page, read_or_write
from huikuan.desk.answers import REFUSED, done, words_of
from huikuan.desk.forms.text import tidy
from huikuan.desk.queries.paging import Place
from huikuan.desk.queries.runs import decisions, latest_run, preview_of, run_of, runs, steps_of
from huikuan.kernel.refusal import Refusal
from huikuan.parties.rules.rights import Action
from huikuan.runs.commands.run import run_day

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
    step = tidy(request.GET, "step", longest=STEP_MAX)
    context = {
        "run": run,
        "listed": decisions(request.seat, run, step=step, place=Place.read(request.GET.dict())),
        "steps": steps_of(request.seat, run),
        "step": step,
        "query": {"step": step} if step else {},
    }
    return render(request, "desk/run.html", context)


@read_or_write
def today(request: DeskRequest) -> HttpResponse:
    """Preview today's run, or start it once confirmed: 303 started and done, 200 previewed, 409 refused."""
    seat = request.seat
    seat.demand(Action.RUN)
    if request.method == "POST" and request.POST.get("act") == "start":
        return _start(request)
    shown, problem = None, ""
    if request.method == "POST":
        try:
            shown = preview_of(seat)
        except Refusal as no:
            problem = words_of(no)
    context = {"preview": shown, "problem": problem, "run": latest_run(seat)}
    return render(request, "desk/run_today.html", context, status=REFUSED if problem else 200)


def _start(request: DeskRequest) -> HttpResponse:
    seat = request.seat
    try:
        run = run_day(entity_id=seat.entity.pk, as_of=seat.today, now=seat.now, actor=seat.user)
    except Refusal as no:
        context = {"preview": None, "problem": words_of(no), "run": latest_run(seat)}
        return render(request, "desk/run_today.html", context, status=REFUSED)
    return done(request, reverse("desk:run", args=[run.pk]), _("The run is done."))
