"""The consents of a contact person: seen, given, withdrawn, and a withdrawal by mistake undone."""

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.desk.access import DeskRequest, page, write
from huikuan.desk.answers import ILL_FILLED, done, refusal_page, refused
from huikuan.desk.forms.consent import ConsentForm
from huikuan.desk.queries.consents import consents_of
from huikuan.desk.tabs import tab_context
from huikuan.desk.views.persons import own_person
from huikuan.kernel.refusal import Refusal
from huikuan.parties.commands.consents import give_consent, restore_consent, withdraw_consent
from huikuan.parties.models import Consent, ContactPerson
from huikuan.parties.queries import may_see
from huikuan.parties.rules.rights import Action


@page
def index(request: DeskRequest, person_id: int) -> HttpResponse:
    """Show what a person agreed to, with the form for more."""
    person = ContactPerson.objects.filter(may_see(request.user), pk=person_id).first()
    if person is None:
        raise Http404
    return _draw(request, person, ConsentForm())


@write
def give(request: DeskRequest, person_id: int) -> HttpResponse:
    """Write down a consent: 303 done, 409 refused, 422 ill-filled."""
    person = own_person(request, person_id)
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return _draw(request, person, form, ILL_FILLED)
    try:
        give_consent(
            person_id=person_id,
            actor=request.user,
            now=request.seat.now,
            **form.facts(person.customer.time_zone),
        )
    except Refusal as no:
        return _draw(request, person, form, refused(form, no))
    return done(request, reverse("desk:consents", args=[person_id]), _("The consent is written down."))


@write
def withdraw(request: DeskRequest, consent_id: int) -> HttpResponse:
    """End a consent: 303 done, 409 refused."""
    return _decide(
        request,
        consent_id,
        lambda: withdraw_consent(consent_id=consent_id, actor=request.user, now=request.seat.now),
        _("The consent is withdrawn. If that was a mistake, undo it in its line."),
    )


@write
def restore(request: DeskRequest, consent_id: int) -> HttpResponse:
    """Undo a withdrawal: 303 done, 409 refused."""
    return _decide(
        request,
        consent_id,
        lambda: restore_consent(consent_id=consent_id, actor=request.user, now=request.seat.now),
        _("The consent stands again."),
    )


def _decide(request: DeskRequest, consent_id: int, command: Callable[[], object], said: str) -> HttpResponse:
    person_id = Consent.objects.filter(pk=consent_id).values_list("person_id", flat=True).first()
    if person_id is None:
        raise Http404
    own_person(request, person_id)
    try:
        command()
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, reverse("desk:consents", args=[person_id]), said)


def _draw(request: DeskRequest, person: ContactPerson, form: ConsentForm, status: int = 200) -> HttpResponse:
    frame = tab_context(request.seat, person.customer_id)
    context = {
        **frame,
        "person": person,
        "consents": consents_of(request.seat, person),
        "form": form,
        "may_work": request.seat.may(Action.WORK, frame["entity_id"]),
    }
    return render(request, "desk/consents.html", context, status=status)
