"""Logging a contact: from a case page, from the tab of contacts, with or without a task in hand."""

from functools import partial

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.arrangements.commands.promising import log_contact
from huikuan.cases.commands.task import complete_task
from huikuan.desk.access import DeskRequest, visible_customer, write
from huikuan.desk.answers import ILL_FILLED, SeeOther, done, refused, words_of
from huikuan.desk.forms.worklist import number
from huikuan.desk.queries.claims import open_numbers
from huikuan.desk.queries.people import people_of
from huikuan.desk.views import case as case_page
from huikuan.desk.views import people as people_page
from huikuan.desk.views.tasks import next_url, own_task, said_done
from huikuan.desk.views.workplace import Form, contact_form
from huikuan.kernel.refusal import Refusal
from huikuan.outreach.commands.templates import forbidden_in
from huikuan.parties.rules.rights import Action


@write
def log(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Log a contact and finish the task in hand: 303 done, 409 refused, 422 ill-filled."""
    customer = visible_customer(request.seat, customer_id)
    request.seat.demand(Action.WORK, customer.entity_id)
    items = open_numbers(customer_id, as_of=request.seat.today)
    form = contact_form(items, people_of(customer_id), customer, request.POST)
    if not form.is_valid():
        return redraw(request, customer_id, form, ILL_FILLED)
    if form.doubtful_words(partial(forbidden_in, entity_id=customer.entity_id, now=request.seat.now)):
        return redraw(request, customer_id, form, ILL_FILLED)
    try:
        contact = log_contact(
            customer_id=customer_id, at=request.seat.now, now=request.seat.now, actor=request.user, **form.facts()
        )
    except Refusal as no:
        return redraw(request, customer_id, form, refused(form, no))
    task_id = number(request.POST, "task")
    if task_id is None or contact.outcome == "NOTED":
        return done(request, page_of(request, customer_id), _("Saved in the contact log."))
    return task_done(request, task_id, outcome=contact.outcome)


def task_done(request: DeskRequest, task_id: int, *, outcome: str) -> HttpResponse:
    """Finish the task that the contact was for; when somebody was faster the contact stands and the page says so."""
    own_task(request, task_id)
    try:
        complete_task(task_id=task_id, outcome=outcome, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return done(request, next_url(request, task_id), words_of(no))
    said_done(request, task_id, _("Saved, and the task is done."))
    return SeeOther(next_url(request, task_id))


def redraw(request: DeskRequest, customer_id: int, form: Form, status: int) -> HttpResponse:
    """Draw the page again on which a form was filled in."""
    case_id = number(request.POST, "case")
    if case_id is not None:
        return case_page.draw(request, request.seat, case_id, form=form, status=status)
    return people_page.draw(request, request.seat, customer_id, form=form, status=status)


def page_of(request: DeskRequest, customer_id: int) -> str:
    """Return the page on which a form was filled in."""
    case_id = number(request.POST, "case")
    return reverse("desk:people", args=[customer_id]) if case_id is None else reverse("desk:case", args=[case_id])
