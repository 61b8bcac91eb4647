"""The persons of a customer as a page draws them: with what the contact guard says, and the forms beside them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from huikuan.desk.access import Seat
from huikuan.desk.forms.person import BlockForm, PersonForm
from huikuan.desk.queries.guard import GuardAnswer, guard_answer
from huikuan.desk.queries.people import People, PersonRow
from huikuan.parties.models import Customer

ASKED_AT_ONCE: Final = 2
"""Persons for whom the guard is asked while the page is drawn; the page asks for the others, or offers a link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPanel:
    """One person; `answer` is None when nobody works here, there is no number, or the guard is asked by a link."""

    person: PersonRow
    answer: GuardAnswer | None
    edit_form: PersonForm
    block_form: BlockForm


def person_panels(
    seat: Seat, customer: Customer, people: People, form: object, *, may_work: bool
) -> tuple[PersonPanel, ...]:
    """Return the persons in the order of the page; `form` is the one that has just been refused, if any."""
    return tuple(_panels(seat, customer, people, form, may_work=may_work))


def _panels(seat: Seat, customer: Customer, people: People, form: object, *, may_work: bool) -> Iterator[PersonPanel]:
    asked = 0
    for person in people.persons:
        answer = None
        if may_work and person.may_be_called and asked < ASKED_AT_ONCE:
            asked += 1
            answer = guard_answer(customer, person.row, channel="PHONE", now=seat.now)
        yield PersonPanel(
            person=person,
            answer=answer,
            edit_form=person_form(form, person) or PersonForm(person=person.row),
            block_form=block_form(form, person.pk) or BlockForm(person_id=person.pk),
        )


def person_form(form: object, person: PersonRow | None) -> PersonForm | None:
    """Return the refused form when it is about this person, or about a new one."""
    is_it = isinstance(form, PersonForm) and form.person_id == (None if person is None else person.pk)
    return form if is_it else None  # type: ignore[return-value]  # is_it says what it is


def block_form(form: object, person_id: int | None) -> BlockForm | None:
    """Return the refused form when it is about this person, or about the customer as a whole."""
    is_it = isinstance(form, BlockForm) and form.person_id == person_id
    return form if is_it else None  # type: ignore[return-value]  # is_it says what it is
