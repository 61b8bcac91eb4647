"""Today's worklist and the way through it, task by task."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.cases.models import Task
from huikuan.cases.queries.worklist import worklist
from huikuan.credit.models.grade import Letter
from huikuan.desk.access import DeskRequest, page
from huikuan.desk.answers import words_of
from huikuan.desk.forms.worklist import BUCKETS, filter_of, is_narrow, number, read_query
from huikuan.desk.queries.worklist import choices, first_task, following_task
from huikuan.kernel.refusal import Refusal
from huikuan.parties.rules.rights import Action


@page
def home(request: DeskRequest) -> HttpResponse:
    """Open where the day's work is: the worklist for who works cases, the dashboard for the others."""
    return redirect("desk:worklist" if request.seat.may(Action.WORK) else "desk:dashboard")


@page
def show(request: DeskRequest) -> HttpResponse:
    """Show a page of today's tasks."""
    query = read_query(request.GET.dict())
    try:
        listed = worklist(
            request.seat.user,
            filter_of(query, request.seat),
            as_of=request.seat.today,
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
        )
    except Refusal as no:
        messages.warning(request, words_of(no))
        return redirect("desk:worklist")
    context = {
        "listed": listed,
        "choices": choices(request.seat),
        "query": query,
        "sort": query.get("sort", "priority"),
        "is_narrow": is_narrow(query),
        "buckets": BUCKETS,
        "grades": Letter.choices,
        "may_work": request.seat.may(Action.WORK),
        "may_export": request.seat.may(Action.EXPORT),
    }
    return render(request, "desk/worklist.html", context)


@page
def start(request: DeskRequest) -> HttpResponse:
    """Open the first task of the filtered list, or the one after or before the one in hand."""
    query = read_query(request.GET.dict())
    wanted = filter_of(query, request.seat)
    before = number(request.GET, "before")
    here = before if before is not None else number(request.GET, "after")
    task = following_task(request.seat, wanted, task_id=here, backwards=before is not None)
    if task is None and here is not None:
        task = first_task(request.seat, wanted)
        if task is not None:
            messages.info(request, _("You have reached the end of the list: this is its first task again."))
    if task is None:
        messages.success(request, _("Nothing is left to do in this list."))
        return redirect(f"{reverse('desk:worklist')}?{urlencode(query)}")
    return redirect(work_url(task, query))


def work_url(task: Task, query: dict[str, str]) -> str:
    """Return the page on which a task is worked: its case, or the contacts of its customer while nothing is overdue."""
    if task.case_id is None:
        place = reverse("desk:people", args=[task.customer_id])
    else:
        place = reverse("desk:case", args=[task.case_id])
    return f"{place}?{urlencode({'task': task.pk, **query})}"
