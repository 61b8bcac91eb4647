"""The post room: all letters, the print job, the carrier's list, the letterhead."""

import tempfile
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huikuan.desk.access import DeskRequest, page, read_or_write, write
from huikuan.desk.answers import ILL_FILLED, done, refusal_page, refused, words_of
from huikuan.desk.forms.letters import LetterheadForm
from huikuan.desk.queries.letters import letter_states, letters
from huikuan.desk.queries.paging import Place
from huikuan.exchange.commands.carrier import import_carrier_list
from huikuan.exchange.commands.exporting import FileFormat
from huikuan.exchange.commands.printing import address_list, print_job, waiting_letters, write_waiting_letters
from huikuan.exchange.wiring import opened_table
from huikuan.journal.files import read_file
from huikuan.kernel.refusal import Refusal
from huikuan.outreach.models import Letter
from huikuan.parties.commands.entities import change_entity
from huikuan.parties.commands.letterhead import remove_seal, set_seal
from huikuan.parties.rules.rights import Action


@page
def index(request: DeskRequest) -> HttpResponse:
    """Show a page of letters, newest first."""
    return _draw(request)


def _draw(request: DeskRequest, *, problems: tuple[tuple[int, str], ...] = ()) -> HttpResponse:
    asked = request.GET.get("state", "")
    state = asked if asked in Letter.State.values else ""
    context = {
        "listed": letters(request.seat, state=state, place=Place.read(request.GET.dict())),
        "states": letter_states(request.seat),
        "state": state,
        "query": {"state": state} if state else {},
        "may_work": request.seat.may(Action.WORK),
        "may_export": request.seat.may(Action.EXPORT),
        "may_staff": request.seat.may(Action.STAFF),
        "problems": problems,
    }
    return render(request, "desk/letters.html", context)


@write
def write_waiting(request: DeskRequest) -> HttpResponse:
    """Write the letters of the waiting tasks that the user may see."""
    seat = request.seat
    seat.demand(Action.WORK)
    written = write_waiting_letters(entity_id=seat.entity.pk, actor=request.user, now=seat.now)
    count = len(written.letters)
    said = ngettext("%(count)d letter is ready.", "%(count)d letters are ready.", count) % {"count": count}
    reasons = "; ".join(f"{code}: {words_of(no)}" for code, no in written.refusals[:3])
    return done(request, reverse("desk:letters") + "?state=MADE", f"{said} {reasons}".strip())


@page
def printed(request: DeskRequest) -> HttpResponse:
    """Send the letters that wait to be posted as one PDF for the print shop."""
    seat = request.seat
    seat.demand(Action.EXPORT)
    waiting = list(waiting_letters(entity_id=seat.entity.pk, user=request.user))
    is_duplex = request.GET.get("duplex") == "1"
    try:
        bound = print_job(entity=seat.entity, letters=waiting, is_duplex=is_duplex, actor=request.user, now=seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    answer = HttpResponse(bound, content_type="application/pdf")
    name = f"{seat.entity.code}-letters-{seat.today.isoformat()}.pdf"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@page
def addresses(request: DeskRequest, file_format: str) -> HttpResponseBase:
    """Send the list of addresses that goes with the print job."""
    seat = request.seat
    if file_format not in set(FileFormat):
        raise Http404
    seat.demand(Action.EXPORT)
    waiting = list(waiting_letters(entity_id=seat.entity.pk, user=request.user))
    pieces = address_list(waiting, file_format)
    answer = StreamingHttpResponse(pieces, content_type=FileFormat(file_format).content_type)
    name = f"{seat.entity.code}-addresses-{seat.today.isoformat()}.{file_format}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@write
def carrier_list(request: DeskRequest) -> HttpResponse:
    """Read the carrier's list: 303 when every row was taken, else the page with the rows that were not."""
    seat = request.seat
    seat.demand(Action.WORK)
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        return done(request, reverse("desk:letters"))
    content = file.read()
    with tempfile.TemporaryDirectory(prefix="huikuan-") as folder:
        path = Path(folder) / (Path(file.name or "list").name or "list")
        path.write_bytes(content)
        try:
            heard = import_carrier_list(
                entity_id=seat.entity.pk, table=opened_table(path), content=content,
                media_type=file.content_type or "", actor=request.user, now=seat.now,
            )  # fmt: skip
        except Refusal as no:
            return refusal_page(request, no)
    if heard.problems:
        return _draw(request, problems=tuple((row, words_of(no)) for row, no in heard.problems))
    said = _("{new} new, {known} known already.").format(new=heard.new_count, known=heard.known_count)
    return done(request, reverse("desk:letters"), said)


@read_or_write
def letterhead(request: DeskRequest) -> HttpResponse:
    """Show and change what stands in letters about the creditor."""
    seat = request.seat
    seat.demand(Action.STAFF)
    fields = LetterheadForm.base_fields
    form = LetterheadForm(request.POST or None, initial={name: getattr(seat.entity, name) for name in fields})
    status = 200
    if request.method == "POST":
        status = ILL_FILLED
        if form.is_valid():
            try:
                change_entity(entity_id=seat.entity.pk, actor=request.user, now=seat.now, **form.cleaned_data)
                return done(request, reverse("desk:letterhead"), _("The letterhead is saved."))
            except Refusal as no:
                status = refused(form, no)
    return render(request, "desk/letterhead.html", {"form": form, "entity": seat.entity}, status=status)


@write
def seal(request: DeskRequest) -> HttpResponse:
    """Keep the image of the company seal, or take it away: 303 done, 409 refused."""
    seat = request.seat
    seat.demand(Action.STAFF)
    file = request.FILES.get("file")
    try:
        if isinstance(file, UploadedFile):
            set_seal(
                entity_id=seat.entity.pk,
                content=file.read(),
                name=file.name or "seal",
                actor=request.user,
                now=seat.now,
            )
            return done(request, reverse("desk:letterhead"), _("New letters carry this seal."))
        if "remove" in request.POST:
            remove_seal(entity_id=seat.entity.pk, actor=request.user, now=seat.now)
            return done(request, reverse("desk:letterhead"), _("New letters carry no seal."))
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, reverse("desk:letterhead"))


@page
def seal_image(request: DeskRequest) -> HttpResponse:
    """Send the image of the seal."""
    seat = request.seat
    seat.demand(Action.STAFF)
    if seat.entity.seal is None:
        raise Http404
    try:
        return HttpResponse(read_file(seat.entity.seal), content_type=seat.entity.seal.media_type)
    except Refusal as no:
        return refusal_page(request, no)
