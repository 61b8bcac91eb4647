"""The call screen: facts and script at the left, the guard, the number and the outcome at the right."""

from functools import partial
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.arrangements.commands.fieldwork import end_call
from huikuan.desk.access import DeskRequest, page, visible_customer, write
from huikuan.desk.answers import ILL_FILLED, done, refusal_page, refused
from huikuan.desk.downloads import attachment
from huikuan.desk.forms.call import CallForm, RecordingForm
from huikuan.desk.forms.worklist import number, read_query
from huikuan.desk.queries.call import agreed_to_recording, call_hours, last_contacts, open_dial, script_facts, standing
from huikuan.desk.queries.claims import open_numbers
from huikuan.desk.queries.people import people_of
from huikuan.desk.queries.words_texts import PARTS
from huikuan.desk.queries.worklist import TaskBar, task_bar
from huikuan.desk.tabs import tab_context
from huikuan.desk.views.contacts import task_done
from huikuan.desk.views.person_panels import PersonPanel, person_panels
from huikuan.kernel.refusal import Refusal
from huikuan.outreach.commands.contact import begin_contact
from huikuan.outreach.commands.recording import keep_recording, recording_of
from huikuan.outreach.commands.templates import forbidden_in
from huikuan.outreach.models import Contact
from huikuan.outreach.rules.scripts import PHONE, SCRIPTS, channel_of
from huikuan.parties.models import Customer
from huikuan.parties.queries import may_see
from huikuan.parties.rules.rights import Action
from huikuan.policy.queries import in_force_beside, policy_known
from huikuan.receivables.queries.account import account_of
from huikuan.runs.queries.texts import talk

FIRST_CALL, COURTESY = "first_call", "courtesy"
HASH_SHOWN = 12


@page
def show(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Show the call screen of a customer, for the task and the person of the query."""
    return _draw(request, customer_id)


def _draw(request: DeskRequest, customer_id: int, form: CallForm | None = None, status: int = 200) -> HttpResponse:
    seat = request.seat
    frame = tab_context(seat, customer_id, policy_hash=in_force_beside(seat.today))
    customer: Customer = frame["customer"]
    seat.demand(Action.WORK, customer.entity_id)
    data = request.POST if request.method == "POST" else request.GET
    account = account_of(customer_id, as_of=seat.today)
    people = people_of(customer_id, is_recording_agreed=agreed_to_recording(seat.now))
    dial = open_dial(customer_id, request.user, now=seat.now)
    policy = policy_known(customer.policy_hash)  # type: ignore[attr-defined]  # annotated
    panels = person_panels(seat, customer, people, None, may_work=True, policy=policy)
    chosen = _chosen(panels, dial.person_id if dial else number(data, "person"))
    task = task_bar(number(data, "task"), customer_id)
    currency = account.items[0].currency if account.items else customer.currency
    if form is None:
        form = CallForm(persons=people.persons, currency=currency)
        form.initial.update({"person": chosen.person.pk if chosen else "", "attempt": dial.pk if dial else None})
    query = read_query(data.dict())
    script = _script_query(task, chosen, account.days, currency)
    context = {
        **frame,
        "account": account,
        "standing": standing(customer_id),
        "call_hours": call_hours(customer, chosen.person.row if chosen else None, policy),
        "contacts": last_contacts(customer_id),
        "people": people,
        "panels": panels,
        "chosen": chosen,
        "dial": dial,
        "task": task,
        "query": query,
        "here": {"task": task.task_id if task else "", **query},
        "script_url": f"{reverse('desk:call-script', args=[customer_id])}?{script}",
        "is_recording_agreed": chosen is not None and chosen.person.row.is_recording_agreed,  # type: ignore[attr-defined]
        "form": form,
        "may_work": True,
    }
    return render(request, "desk/call.html", context, status=status)


def _chosen(panels: tuple[PersonPanel, ...], person_id: int | None) -> PersonPanel | None:
    """Return the person asked for, else the first who may be called now, else the first with a number."""
    asked = [panel for panel in panels if panel.person.pk == person_id]
    free = [panel for panel in panels if panel.answer is not None and panel.answer.is_allowed]
    able = [panel for panel in panels if panel.person.may_be_called]
    return next(iter([*asked, *free, *able]), None)


def _script_query(task: TaskBar | None, chosen: PersonPanel | None, days: int, currency: str) -> str:
    """Return which script is spoken: that of the task, else by whether anything is overdue."""
    code = task.script_code if task else ""
    if code not in SCRIPTS or channel_of(code) != PHONE:
        code = FIRST_CALL if days > 0 else COURTESY
    return urlencode(
        {
            "script": code,
            "currency": task.currency if task else currency,
            "person": chosen.person.pk if chosen else "",
        }
    )


@page
def script(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Show the script with the facts of the case, and the answers to what may be heard: a fragment for htmx."""
    asked = script_facts(number(request.GET, "person"), request.GET.get("currency", ""), as_of=request.seat.today)
    customer = visible_customer(request.seat, customer_id, **asked)
    request.seat.demand(Action.WORK, customer.entity_id)
    code = request.GET.get("script", "")
    if code not in SCRIPTS:
        raise Http404
    said = talk(
        customer=customer,
        currency=customer.owed_currency or customer.currency,  # type: ignore[attr-defined]  # annotated
        script=code,
        caller=request.user,
        person_name=customer.asked_name or "",  # type: ignore[attr-defined]  # annotated
        language=customer.language,
        now=request.seat.now,
    )
    context = {
        "customer": customer,
        "customer_id": customer_id,
        "parts": [{"code": part, "name": PARTS[part], "lines": said.parts.get(part, ())} for part in PARTS],
        "objections": said.objections,
        "lang": "zh-Hans" if customer.language.startswith("zh") else customer.language,
    }
    return render(request, "desk/call_script.html" if request.htmx else "desk/call_script_page.html", context)


@write
def dial(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Ask the guard and count the dial: 303 back to the screen, which holds the number now; 409 refused."""
    customer = visible_customer(request.seat, customer_id)
    request.seat.demand(Action.WORK, customer.entity_id)
    person_id = number(request.POST, "person")
    if person_id is None or not customer.contact_persons.filter(pk=person_id).exclude(phone="").exists():
        raise Http404
    try:
        begin_contact(
            customer_id=customer_id,
            person_id=person_id,
            channel=Contact.Channel.PHONE,
            now=request.seat.now,
            actor=request.user,
        )
    except Refusal as no:
        return refusal_page(request, no)
    query = {"task": number(request.POST, "task") or "", **read_query(request.POST.dict())}
    return done(request, f"{reverse('desk:call', args=[customer_id])}?{urlencode(query)}")


@write
def end(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Log the call, keep its recording, finish the task in hand: 303 to the next, 409 refused, 422 ill-filled."""
    seat = request.seat
    customer = visible_customer(seat, customer_id)
    seat.demand(Action.WORK, customer.entity_id)
    items = open_numbers(customer_id, as_of=seat.today)
    currency = items[0].currency if items else customer.currency
    form = CallForm(request.POST, request.FILES, persons=people_of(customer_id).persons, currency=currency)
    if not form.is_valid() or form.doubtful_words(partial(forbidden_in, entity_id=customer.entity_id, now=seat.now)):
        return _draw(request, customer_id, form, ILL_FILLED)
    try:
        contact = end_call(
            customer_id=customer_id, at=seat.now, now=seat.now, actor=request.user, recording=form.handed_in(),
            **form.facts(),
        )  # fmt: skip
    except Refusal as no:
        return _draw(request, customer_id, form, refused(form, no))
    task_id = number(request.POST, "task")
    if task_id is not None:
        return task_done(request, task_id, outcome=contact.outcome)
    return done(request, reverse("desk:people", args=[customer_id]), _("Saved in the contact log."))


def _own(request: DeskRequest, contact_id: int) -> Contact:
    """Return an entry of the log that the user may see. Raises Http404."""
    found = Contact.objects.filter(may_see(request.user), pk=contact_id).first()
    if found is None:
        raise Http404
    return found


@page
def recording(request: DeskRequest, contact_id: int) -> HttpResponse:
    """Send the recording of a call, checked against its hash."""
    stored = recording_of(_own(request, contact_id))
    if stored is None:
        raise Http404
    try:
        return attachment(request, stored)
    except Refusal as no:
        return refusal_page(request, no)


@write
def add_recording(request: DeskRequest, contact_id: int) -> HttpResponse:
    """Keep the recording of a call that is in the log already: 303 done, 409 refused or no file."""
    contact = _own(request, contact_id)
    request.seat.demand(Action.WORK, contact.entity_id)
    form = RecordingForm(request.POST, request.FILES)
    back = reverse("desk:people", args=[contact.customer_id])
    handed_in = form.handed_in() if form.is_valid() else None
    if handed_in is None:
        return done(request, back)
    try:
        stored = keep_recording(
            contact_id=contact_id, recording=handed_in, actor=request.user, now=request.seat.now
        )  # fmt: skip
    except Refusal as no:
        return refusal_page(request, no)
    said = _("The recording is kept as evidence, SHA-256 {sha256}….").format(sha256=stored.sha256[:HASH_SHOWN])
    return done(request, back, said)
