"""The persons of a customer as a page draws them: with what the contact guard says, and the forms beside them."""

from dataclasses import dataclass

from huikuan.desk.access import Seat
from huikuan.desk.forms.person import BlockForm, PersonForm
from huikuan.desk.queries.guard import GuardAnswer, dial_answers
from huikuan.desk.queries.people import People, PersonRow
from huikuan.parties.models import Customer
from huikuan.policy.rules.schema import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPanel:
    """One person; `answer` is what the guard says to a call, None when nobody works here or there is no number."""

    person: PersonRow
    answer: GuardAnswer | None
    edit_form: PersonForm
    block_form: BlockForm


def person_panels(
    seat: Seat, customer: Customer, people: People, form: object, *, may_work: bool, policy: Policy | None = None
) -> tuple[PersonPanel, ...]:
    """Return the persons in the order of the page; `form` is the one that has just been refused, if any.

    `policy` is the one in force, where the page has read it already.
    """
    dialed = [person.row for person in people.persons if may_work and person.may_be_called]
    answers = dial_answers(customer, dialed, now=seat.now, policy=policy) if dialed else {}
    return tuple(
        PersonPanel(
            person=person,
            answer=answers.get(person.pk),
            edit_form=person_form(form, person) or PersonForm(person=person.row),
            block_form=block_form(form, person.pk) or BlockForm(person_id=person.pk),
        )
        for person in people.persons
    )


def person_form(form: object, person: PersonRow | None) -> PersonForm | None:
    """Return the refused form when it is about this person, or about a new one."""
    is_it = isinstance(form, PersonForm) and form.person_id == (None if person is None else person.pk)
    return form if is_it else None  # type: ignore[return-value]  # is_it says what it is


def block_form(form: object, person_id: int | None) -> BlockForm | None:
    """Return the refused form when it is about this person, or about the customer as a whole."""
    is_it = isinstance(form, BlockForm) and form.person_id == person_id
    return form if is_it else None  # type: ignore[return-value]  # is_it says what it is
