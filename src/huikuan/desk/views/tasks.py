"""What is done with a task: finish it, take that back, call it off."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from huikuan.cases.commands.task import cancel_task, complete_task, reopen_task
from huikuan.cases.models import Task
from huikuan.desk.access import DeskRequest, write
from huikuan.desk.answers import SeeOther, done, refusal_page
from huikuan.desk.forms.text import tidy
from huikuan.desk.forms.worklist import read_query
from huikuan.kernel.refusal import Refusal
from huikuan.parties.queries import may_see
from huikuan.parties.rules.rights import Action

NOTE_MAX = 300


def own_task(request: DeskRequest, task_id: int) -> Task:
    """Return a task that the user may see and work on. Raises Http404, PermissionDenied."""
    task = Task.objects.filter(may_see(request.user), pk=task_id).first()
    if task is None:
        raise Http404
    request.seat.demand(Action.WORK, task.entity_id)
    return task


def said_done(request: DeskRequest, task_id: int, said: str) -> None:
    """Tell that a task is finished, with a button that takes it back."""
    messages.success(request, said, extra_tags=f"undo:{task_id}")


@write
def finish(request: DeskRequest, task_id: int) -> HttpResponse:
    """Finish a task that is no contact, and go on to the next: 303 done, 409 refused."""
    own_task(request, task_id)
    try:
        complete_task(
            task_id=task_id,
            outcome=tidy(request.POST, "outcome", longest=NOTE_MAX) or "DONE",
            note=tidy(request.POST, "note", longest=NOTE_MAX),
            actor=request.user,
            now=request.seat.now,
        )
    except Refusal as no:
        return refusal_page(request, no)
    said_done(request, task_id, _("The task is done."))
    return SeeOther(next_url(request, task_id))


@write
def call_off(request: DeskRequest, task_id: int) -> HttpResponse:
    """Call a task off with a reason: 303 done, 409 refused."""
    own_task(request, task_id)
    try:
        cancel_task(
            task_id=task_id,
            reason=tidy(request.POST, "reason", longest=NOTE_MAX),
            actor=request.user,
            now=request.seat.now,
        )
    except Refusal as no:
        return refusal_page(request, no)
    said_done(request, task_id, _("The task is called off."))
    return SeeOther(next_url(request, task_id))


@write
def undo(request: DeskRequest, task_id: int) -> HttpResponse:
    """Open a finished task again: 303 done, 409 refused."""
    own_task(request, task_id)
    try:
        reopen_task(task_id=task_id, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, back_url(request, reverse("desk:worklist")), _("The task is open again."))


def next_url(request: DeskRequest, task_id: int) -> str:
    """Return the way to the next task of the list this one came from."""
    return f"{reverse('desk:start')}?{urlencode({'after': task_id, **read_query(request.POST.dict())})}"


def back_url(request: DeskRequest, otherwise: str) -> str:
    """Return the page named by the form's `next`, when it is one of ours."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if is_ours else otherwise
