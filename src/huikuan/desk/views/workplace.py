"""What a case page and a customer page share: the panels on which a customer is worked."""

from typing import Any

from django.http import HttpRequest

from huikuan.desk.access import Seat
from huikuan.desk.forms.contact import ContactForm
from huikuan.desk.forms.hold import HoldForm
from huikuan.desk.forms.worklist import number, read_query
from huikuan.desk.queries.account import Account, account_of
from huikuan.desk.queries.holds import holds_of
from huikuan.desk.queries.people import People, people_of
from huikuan.desk.queries.timeline import timeline
from huikuan.desk.queries.worklist import task_bar
from huikuan.parties.rules.rights import Action

Form = ContactForm | HoldForm


def workplace(
    request: HttpRequest,
    seat: Seat,
    *,
    customer_id: int,
    entity_id: int,
    form: Form | None = None,
    with_timeline: bool = True,
) -> dict[str, Any]:
    """Return the panels of one customer; `form` is the one that has just been refused, if any.

    The task in hand, and the filter of the list it came from, travel in the query string or with the form.
    """
    data = request.POST if request.method == "POST" else request.GET
    account = account_of(customer_id, as_of=seat.today)
    people = people_of(customer_id)
    may_work = seat.may(Action.WORK, entity_id)
    return {
        "account": account,
        "people": people,
        "holds": holds_of(customer_id, as_of=seat.today),
        "timeline": timeline(customer_id) if with_timeline else (),
        "task": task_bar(number(data, "task"), customer_id),
        "query": read_query(data.dict()),
        "may_work": may_work,
        "callable": next((each for each in people.persons if each.may_be_called), None),
        "contact_form": form if isinstance(form, ContactForm) else contact_form(seat, account, people),
        "hold_form": form if isinstance(form, HoldForm) else hold_form(seat, account),
    }


def contact_form(seat: Seat, account: Account, people: People, data: Any = None) -> ContactForm:  # noqa: ANN401  as Form
    """Return the form that logs a contact; amounts are in the currency in which most is overdue."""
    currency = account.balances[0].currency if account.balances else seat.entity.currency
    return ContactForm(data, persons=people.persons, currency=currency)


def hold_form(seat: Seat, account: Account, data: Any = None) -> HoldForm:  # noqa: ANN401  as Form
    """Return the form that places a hold."""
    return HoldForm(data, items=account.items, today=seat.today)
