"""What the page of a case and the tab of its contacts share: the panels on which a customer is worked."""

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpRequest

from huikuan.cases.queries.case import TaskLine
from huikuan.desk.access import Seat
from huikuan.desk.forms.contact import CHANNELS, VISITORS_MAX, ContactForm
from huikuan.desk.forms.hold import HoldForm
from huikuan.desk.forms.person import BlockForm, PersonForm
from huikuan.desk.forms.steering import NextForm, OwnerForm
from huikuan.desk.forms.worklist import number, read_query
from huikuan.desk.queries.claims import OpenNumber
from huikuan.desk.queries.guard import GuardAnswer, guard_answer
from huikuan.desk.queries.holds import holds_of
from huikuan.desk.queries.people import People, people_of
from huikuan.desk.queries.timeline import timeline
from huikuan.desk.queries.worklist import task_bar
from huikuan.desk.views.person_panels import PersonPanel, block_form, person_form, person_panels
from huikuan.parties.models import Customer, Role
from huikuan.parties.rules.rights import Action
from huikuan.policy.rules.schema import Policy
from huikuan.receivables.queries.account import ItemRow

Form = ContactForm | HoldForm | PersonForm | BlockForm | OwnerForm | NextForm
Items = Sequence[ItemRow] | Sequence[OpenNumber]

WRITTEN_OR_VISITED: Final = ("VISIT", "LETTER")
"""Kinds of tasks that are channels of the log; every other contact begins as a call."""


def workplace(
    request: HttpRequest,
    seat: Seat,
    *,
    customer: Customer,
    items: Items,
    form: Form | None = None,
    tasks: Sequence[TaskLine] = (),
    policy: Policy | None = None,
) -> dict[str, Any]:
    """Return the panels of one customer; `form` is the one that has just been refused, if any.

    The task in hand, and the filter of the list it came from, travel in the query string or with the form.
    `customer` (with its entity), its open `items`, the `tasks` of its case and the `policy` in force are what the page
    has read already.
    """
    data = request.POST if request.method == "POST" else request.GET
    people = people_of(customer.pk, is_masked=seat.roles.get(customer.entity_id) == Role.AUDITOR)
    may_work = seat.may(Action.WORK, customer.entity_id)
    panels = person_panels(seat, customer, people, form, may_work=may_work, policy=policy)
    dial = next((each for each in panels if each.person.may_be_called), None)
    logged = form if isinstance(form, ContactForm) else contact_form(items, people, customer)
    task = task_bar(number(data, "task"), customer.pk, known=tasks)
    if task is not None and task.kind in WRITTEN_OR_VISITED:
        logged.initial["channel"] = task.kind
    return {
        "people": people,
        "holds": holds_of(customer.pk, as_of=seat.today),
        "timeline": timeline(customer.pk),
        "task": task,
        "query": read_query(data.dict()),
        "may_work": may_work,
        "panels": panels,
        "callable": dial.person if dial else None,
        "dial_answer": dial.answer if dial else None,
        "new_person_form": person_form(form, None) or PersonForm(),
        "customer_block_form": block_form(form, None) or BlockForm(person_id=None),
        "contact_form": logged,
        "guard_answer": _answer_of(seat, customer, panels, logged) if may_work else None,
        "hold_form": form if isinstance(form, HoldForm) else hold_form(seat, items),
    }


def _answer_of(
    seat: Seat, customer: Customer, panels: tuple[PersonPanel, ...], form: ContactForm
) -> GuardAnswer | None:
    """Return what the guard says to the contact that a form is about."""
    channel, person_id = form["channel"].value(), str(form["person"].value() or "")
    panel = next((each for each in panels if str(each.person.pk) == person_id), None)
    if channel == "PHONE" and panel is not None and panel.answer is not None and form["direction"].value() == "OUT":
        return panel.answer
    visitors = str(form["visitor_count"].value() or "")
    return guard_answer(
        customer,
        panel.person.row if panel else None,
        channel=channel if channel in CHANNELS else "PHONE",
        direction=form["direction"].value(),
        visitor_count=min(int(visitors), VISITORS_MAX) if visitors.isdecimal() and len(visitors) < 4 else 0,  # noqa: PLR2004
        now=seat.now,
    )


def contact_form(items: Items, people: People, customer: Customer, data: Any = None) -> ContactForm:  # noqa: ANN401  as Form
    """Return the form that logs a contact; amounts are in the currency of the item that fell due first."""
    currency = items[0].currency if items else customer.entity.currency
    return ContactForm(data, persons=people.persons, currency=currency)


def hold_form(seat: Seat, items: Items, data: Any = None) -> HoldForm:  # noqa: ANN401  as Form
    """Return the form that places a hold."""
    return HoldForm(data, items=items, today=seat.today)
