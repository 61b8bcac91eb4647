"""Contact persons: add, correct, block, and end a block."""

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from huikuan.desk.access import DeskRequest, visible_customer, write
from huikuan.desk.answers import ILL_FILLED, done, refusal_page, refused
from huikuan.desk.forms.person import REASON_MAX, BlockForm, PersonForm
from huikuan.desk.forms.text import tidy
from huikuan.desk.forms.worklist import number
from huikuan.desk.views.contacts import page_of, redraw
from huikuan.kernel.refusal import Refusal
from huikuan.parties.commands import block_contact, change_contact_person, save_contact_person, unblock_contact
from huikuan.parties.models import ContactBlock, ContactPerson
from huikuan.parties.queries import may_see
from huikuan.parties.rules.rights import Action


def own_person(request: DeskRequest, person_id: int) -> ContactPerson:
    """Return a person of a customer on whom the user may work. Raises Http404, PermissionDenied."""
    person = ContactPerson.objects.select_related("customer").filter(may_see(request.user), pk=person_id).first()
    if person is None:
        raise Http404
    request.seat.demand(Action.WORK, person.customer.entity_id)
    return person


@write
def add(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Add a person: 303 done, 409 refused, 422 ill-filled."""
    customer = visible_customer(request.seat, customer_id)
    request.seat.demand(Action.WORK, customer.entity_id)
    form = PersonForm(request.POST)
    if not form.is_valid():
        return redraw(request, customer_id, form, ILL_FILLED)
    try:
        person = save_contact_person(
            customer_id=customer_id, actor=request.user, now=request.seat.now, **form.facts()
        )  # fmt: skip
    except Refusal as no:
        return redraw(request, customer_id, form, refused(form, no))
    return done(request, page_of(request, customer_id), _("{name} is saved.").format(name=person.name))


@write
def change(request: DeskRequest, person_id: int) -> HttpResponse:
    """Correct a person: 303 done, 409 refused, 422 ill-filled."""
    person = own_person(request, person_id)
    form = PersonForm(request.POST, person=person)
    if not form.is_valid():
        return redraw(request, person.customer_id, form, ILL_FILLED)
    try:
        changed = change_contact_person(
            person_id=person_id, actor=request.user, now=request.seat.now, **form.facts()
        )  # fmt: skip
    except Refusal as no:
        return redraw(request, person.customer_id, form, refused(form, no))
    return done(request, page_of(request, person.customer_id), _("{name} is saved.").format(name=changed.name))


@write
def block(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Block a person (`person`), or the customer as a whole: 303 done, 409 refused, 422 ill-filled."""
    customer = visible_customer(request.seat, customer_id)
    request.seat.demand(Action.WORK, customer.entity_id)
    person_id = number(request.POST, "person")
    if person_id is not None and own_person(request, person_id).customer_id != customer_id:
        raise Http404
    form = BlockForm(request.POST, person_id=person_id)
    if not form.is_valid():
        return redraw(request, customer_id, form, ILL_FILLED)
    try:
        block_contact(
            customer_id=customer_id,
            person_id=person_id,
            actor=request.user,
            now=request.seat.now,
            **form.cleaned_data,
        )
    except Refusal as no:
        return redraw(request, customer_id, form, refused(form, no))
    return done(request, page_of(request, customer_id), _("Blocked: no contact goes there any more."))


@write
def unblock(request: DeskRequest, block_id: int) -> HttpResponse:
    """End a block, with the reason and a tick that the person agreed: 303 done, 409 refused."""
    found = ContactBlock.objects.select_related("customer").filter(may_see(request.user), pk=block_id).first()
    if found is None:
        raise Http404
    request.seat.demand(Action.WORK, found.customer.entity_id)
    try:
        unblock_contact(
            block_id=block_id,
            reason=tidy(request.POST, "reason", longest=REASON_MAX),
            is_agreed="agreed" in request.POST,
            actor=request.user,
            now=request.seat.now,
        )
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, page_of(request, found.customer_id), _("The block has ended."))
