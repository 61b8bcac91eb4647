"""The policy: read, checked, and replaced by a new version."""

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.desk.access import DeskRequest, page, read_or_write
from huikuan.desk.answers import ILL_FILLED, REFUSED, done, refused
from huikuan.desk.forms.policy import PolicyForm
from huikuan.desk.queries.policy import policy_page, version_in_force, versions
from huikuan.desk.queries.runs import last_run_on
from huikuan.kernel.refusal import Refusal
from huikuan.parties.rules.rights import Action
from huikuan.policy.commands import PolicyHasFlaws, upload_version
from huikuan.policy.models import PolicyVersion
from huikuan.policy.reading.flaws import Flaw
from huikuan.policy.reading.policy import pack_text, read_policy


@page
def index(request: DeskRequest) -> HttpResponse:
    """Show the policy in force, and the list of versions."""
    seat = request.seat
    in_force = version_in_force(seat.entity.pk, today=seat.today)
    return _draw(request, in_force, in_force)


@page
def show(request: DeskRequest, version_id: int) -> HttpResponse:
    """Show any version of one of the user's entities."""
    seat = request.seat
    entities = [entity.pk for entity in seat.entities]
    version = PolicyVersion.objects.filter(pk=version_id, entity_id__in=entities).first()
    if version is None:
        raise Http404
    return _draw(request, version, version_in_force(version.entity_id, today=seat.today))


def _draw(request: DeskRequest, version: PolicyVersion | None, in_force: PolicyVersion | None) -> HttpResponse:
    entity_id = request.seat.entity.pk if version is None else version.entity_id
    context = {
        "policy": version and policy_page(version, in_force=in_force.pk if in_force else None),
        "versions": versions(entity_id, today=request.seat.today),
        "may_edit": request.seat.may(Action.POLICY, entity_id),
    }
    return render(request, "desk/policy.html", context)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlawRow:
    """One thing to correct, in the reader's language."""

    line: int
    column: int
    field: str
    message: str


def _rows(flaws: tuple[Flaw, ...]) -> list[FlawRow]:
    return [
        FlawRow(line=each.place[0], column=each.place[1], field=each.field, message=_(each.text).format(**each.facts))
        for each in flaws
    ]


@read_or_write
def edit(request: DeskRequest) -> HttpResponse:
    """Check a policy text, or store it as the next version: 303 stored, 200 checked, 409 refused, 422 with flaws."""
    seat = request.seat
    seat.demand(Action.POLICY)
    if request.method != "POST":
        current = version_in_force(seat.entity.pk, today=seat.today)
        text = current.source if current else pack_text()
        return _editor(request, PolicyForm(today=seat.today, initial={"source": text}))
    form = PolicyForm(request.POST, request.FILES, today=seat.today)
    if not form.is_valid():
        return _editor(request, form, status=ILL_FILLED)
    if request.POST.get("act") == "check":
        reading = read_policy(form.cleaned_data["source"])
        flaws = _rows(reading.flaws)
        return _editor(request, form, flaws=flaws, is_good=not flaws, status=ILL_FILLED if flaws else 200)
    return _store(request, form)


def _store(request: DeskRequest, form: PolicyForm) -> HttpResponse:
    seat = request.seat
    try:
        version = upload_version(
            entity_id=seat.entity.pk,
            source=form.cleaned_data["source"],
            starts_on=form.cleaned_data["starts_on"],
            last_run_on=last_run_on(seat.entity.pk),
            note=form.cleaned_data["note"],
            actor=request.user,
            now=seat.now,
        )
    except PolicyHasFlaws as no:
        return _editor(request, form, flaws=_rows(no.flaws), status=ILL_FILLED)
    except Refusal as no:
        refused(form, no)
        return _editor(request, form, status=REFUSED)
    said = _("Version {number} is stored and rules from {day}.").format(
        number=version.number, day=version.starts_on.isoformat()
    )
    return done(request, reverse("desk:policy", args=[version.pk]), said)


def _editor(
    request: DeskRequest,
    form: PolicyForm,
    *,
    flaws: list[FlawRow] | None = None,
    is_good: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "flaws": flaws,
        "is_good": is_good,
        "text": form.cleaned_data.get("source", "") if form.is_bound else form.initial["source"],
    }
    return render(request, "desk/policy_edit.html", context, status=status)
