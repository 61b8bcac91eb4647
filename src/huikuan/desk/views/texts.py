"""Message texts and scripts: the library, the editor with its check and preview, approval by somebody else."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from huikuan.desk.access import DeskRequest, page, read_or_write, write
from huikuan.desk.answers import ILL_FILLED, REFUSED, done, refusal_page, refused
from huikuan.desk.forms.texts import ReturnForm, TextForm
from huikuan.desk.queries.texts import (
    cases_to_try,
    is_spoken,
    overview,
    place_panels,
    version_page,
    waiting_for_approval,
)
from huikuan.desk.queries.words_texts import CHANNELS, LANGUAGES, PARTS, kind_name, line_name, why_not
from huikuan.kernel.refusal import Refusal
from huikuan.outreach.commands import templates as commands
from huikuan.outreach.commands.letters import draw_preview
from huikuan.outreach.commands.templates import Place, TextHasFlaws, check_text, draft_text
from huikuan.outreach.models import TemplateSlot, TemplateVersion
from huikuan.outreach.queries.playbook import answers
from huikuan.outreach.rules.checking import Flaw
from huikuan.outreach.rules.choice import Variant
from huikuan.outreach.rules.html import is_heading
from huikuan.outreach.rules.kinds import PANELS
from huikuan.outreach.rules.scripts import SCRIPTS, script_of
from huikuan.outreach.rules.table import Table
from huikuan.outreach.rules.template import LETTER, WordMissingError, template_of
from huikuan.outreach.templates import TemplateUnknown, kind_of
from huikuan.parties.models import Customer
from huikuan.parties.queries import visible_to
from huikuan.parties.rules.rights import Action
from huikuan.runs.queries.texts import Preview, draft_letter, preview_text


@page
def index(request: DeskRequest) -> HttpResponse:
    """Show every kind of a channel with the text in use, and what waits for approval."""
    chosen = request.GET.get("channel", "EMAIL")
    channel = chosen if chosen in CHANNELS else "EMAIL"
    entity_id = request.seat.entity.pk
    context = {
        "rows": overview(entity_id, channel),
        "channel": channel,
        "channels": CHANNELS.items(),
        "languages": LANGUAGES.values(),
        "waiting": waiting_for_approval(entity_id),
        "may_write": request.seat.may(Action.WORDS),
    }
    return render(request, "desk/texts.html", context)


@page
def show(request: DeskRequest, kind: str, channel: str, language: str) -> HttpResponse:
    """Show the texts of one place with their versions."""
    context = {
        **_place_words(kind, channel, language),
        "panels": place_panels(request.seat.entity.pk, kind, channel, language),
        "may_write": request.seat.may(Action.WORDS),
    }
    return render(request, "desk/text.html", context)


def _place_words(kind: str, channel: str, language: str) -> dict[str, Any]:
    """Return what a place is called. Raises Http404 for one that does not exist."""
    try:
        kind_of(kind, channel)
    except TemplateUnknown as no:
        raise Http404 from no
    if channel not in CHANNELS or language not in LANGUAGES or kind == "text":
        raise Http404
    return {
        "kind": kind,
        "name": kind_name(kind, channel),
        "channel": channel,
        "channel_name": CHANNELS[channel],
        "language": language,
        "language_name": LANGUAGES[language],
        "is_spoken": is_spoken(channel),
    }


@read_or_write
def edit(request: DeskRequest, kind: str, channel: str, language: str) -> HttpResponse:
    """Write the next version: 303 stored, 200 checked or previewed, 409 refused, 422 with flaws."""
    seat = request.seat
    seat.demand(Action.WORDS)
    words = _place_words(kind, channel, language)
    is_short = channel == "SMS" or is_spoken(channel)
    if request.method != "POST":
        form = TextForm(is_short=is_short, initial=_initial(request, kind, channel, language))
        return _editor(request, words, form)
    form = TextForm(request.POST, is_short=is_short)
    if not form.is_valid():
        return _editor(request, words, form, status=ILL_FILLED)
    said = form.cleaned_data
    place = Place(kind, channel, language, _variant(said))
    subject, body = said.get("subject", ""), said["body"]
    flaws = check_text(entity_id=seat.entity.pk, place=place, subject=subject, body=body, now=seat.now)
    if request.POST.get("act") == "draw" and channel == LETTER and not flaws:
        return _drawn(request, words, form, place)
    if request.POST.get("act") == "store":
        return _store(request, words, form, place)
    return _editor(
        request, words, form, flaws=flaws, is_good=not flaws, status=ILL_FILLED if flaws else 200,
        preview=None if flaws else _preview(request, place, subject, body, said["customer"]),
    )  # fmt: skip


def _variant(said: dict[str, Any]) -> Variant:
    return Variant(said["tone"], said["industry"].strip(), said["grade"], said["is_long_term"])


def _initial(request: DeskRequest, kind: str, channel: str, language: str) -> dict[str, Any]:
    """Return the text that is used now, of the variant asked for, else the plain one."""
    panels = place_panels(request.seat.entity.pk, kind, channel, language)
    slot, long_term = request.GET.get("slot", ""), request.GET.get("long_term", "")
    asked = [panel for panel in panels if str(panel.slot_id) == slot]
    asked += [panel for panel in panels if long_term and panel.variant.is_long_term]
    panel = next(iter([*asked, *panels]), None)
    tries = cases_to_try(request.user, request.seat.entity.pk)
    first = tries[0].code if tries else ""
    if panel is None:
        return {"tone": kind_of(kind, channel).tone, "customer": first}
    return {
        "subject": panel.subject, "body": panel.body, "tone": panel.variant.tone, "industry": panel.variant.industry,
        "grade": panel.variant.grade, "is_long_term": panel.variant.is_long_term, "customer": first,
    }  # fmt: skip


def _store(request: DeskRequest, words: dict[str, Any], form: TextForm, place: Place) -> HttpResponse:
    said = form.cleaned_data
    try:
        version = draft_text(
            entity_id=request.seat.entity.pk, place=place, subject=said.get("subject", ""), body=said["body"],
            note=said["note"], actor=request.user, now=request.seat.now,
        )  # fmt: skip
    except TextHasFlaws as no:
        return _editor(request, words, form, flaws=no.flaws, status=ILL_FILLED)
    except Refusal as no:
        refused(form, no)
        return _editor(request, words, form, status=REFUSED)
    told = _("Version {number} is stored. It is used once somebody else has approved it.").format(number=version.number)
    return done(request, reverse("desk:text-version", args=[version.pk]), told)


def _preview(request: DeskRequest, place: Place, subject: str, body: str, code: str) -> dict[str, Any] | None:
    """Return how the text reads for the customer of that code; None when nobody is named, or he may not be seen."""
    seat = request.seat
    if is_spoken(place.channel):
        return {"parts": _script_parts(place.kind, place.language, body)}
    customer = _customer(request, code)
    if customer is None:
        return {"why_not": _("Name the code of a customer of yours to see the text with its facts.")} if code else None
    template = template_of(place.kind, place.language, subject, body, channel=place.channel)
    shown = preview_text(customer=customer, template=template, currency=customer.currency, now=seat.now)
    return {
        "customer": customer.name,
        "subject": shown.subject,
        "blocks": drawn_blocks(shown),
        "sms_parts": shown.sms_parts,
        "why_not": why_not(shown.why_not),
        "lang": "zh-Hans" if place.language.startswith("zh") else place.language,
    }


def _customer(request: DeskRequest, code: str) -> Customer | None:
    """Return the customer of that code, if the user may see it."""
    seat = request.seat
    seen = visible_to(seat.user, entity_id=seat.entity.pk).select_related("entity", "collector")
    return seen.filter(code=code.strip()).first() if code.strip() else None


def _drawn(request: DeskRequest, words: dict[str, Any], form: TextForm, place: Place) -> HttpResponse:
    """Send a letter with the text as a draft in PDF; the editor again with the reason when there is none to draw."""
    said = form.cleaned_data
    customer = _customer(request, said["customer"])
    template = template_of(place.kind, place.language, said["subject"], said["body"], channel=place.channel)
    if customer is None:
        shown = _preview(request, place, said["subject"], said["body"], said["customer"] or "-")
        return _editor(request, words, form, preview=shown)
    try:
        content = draft_letter(customer=customer, template=template, currency=customer.currency, now=request.seat.now)
    except (Refusal, WordMissingError):
        shown = _preview(request, place, said["subject"], said["body"], said["customer"])
        return _editor(request, words, form, preview=shown)
    answer = HttpResponse(draw_preview(content), content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="draft.pdf"'
    return answer


def drawn_blocks(shown: Preview) -> list[dict[str, Any]]:
    """Return paragraphs and tables as the page draws them."""
    drawn: list[dict[str, Any]] = []
    for block in shown.blocks:
        if isinstance(block, Table):
            cells = [[(cell, at in block.numbers) for at, cell in enumerate(row)] for row in block.rows]
            titles = [(title, at in block.numbers) for at, title in enumerate(block.titles)]
            total = [(cell, at in block.numbers) for at, cell in enumerate(block.total)]
            drawn.append({"titles": titles, "rows": cells, "total": total})
        else:
            lines = [line for text in block for line in text.split("\n")]
            drawn.append({"heading": lines[0] if is_heading(block) else "", "lines": lines[is_heading(block) :]})
    return drawn


def _script_parts(kind: str, language: str, body: str) -> list[dict[str, Any]]:
    parts = script_of(kind, language, body).parts
    return [{"code": part, "name": PARTS[part], "lines": parts[part]} for part in PARTS]


def _editor(
    request: DeskRequest,
    words: dict[str, Any],
    form: TextForm,
    *,
    flaws: tuple[Flaw, ...] = (),
    is_good: bool = False,
    preview: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        **words,
        "form": form,
        "flaws": [(line_name(flaw.line), _(flaw.text).format(**flaw.facts)) for flaw in flaws],
        "is_good": is_good,
        "preview": preview,
        "text": form.cleaned_data.get("body", "") if form.is_bound else form.initial.get("body", ""),
        "cases": cases_to_try(request.user, request.seat.entity.pk),
        "placeholders": sorted(kind_of(words["kind"], words["channel"]).known),
        "panels": list(PANELS) if words["channel"] == LETTER else [],
        "status": status,
    }
    return render(request, "desk/text_edit.html", context, status=status)


@page
def version(request: DeskRequest, version_id: int) -> HttpResponse:
    """Show a version beside the text before it."""
    return _draw_version(request, _version(request, version_id), ReturnForm())


def _version(request: DeskRequest, version_id: int) -> TemplateVersion:
    """Return a version of one of the user's entities. Raises Http404."""
    entities = [entity.pk for entity in request.seat.entities]
    found = TemplateVersion.objects.select_related("slot", "verdict__judged_by", "drafted_by")
    mine = found.filter(pk=version_id, slot__entity_id__in=entities).first()
    if mine is None:
        raise Http404
    return mine


def _draw_version(request: DeskRequest, shown: TemplateVersion, form: ReturnForm, status: int = 200) -> HttpResponse:
    slot = shown.slot
    row, lines, before = version_page(shown)
    context = {
        **_place_words(slot.kind, slot.channel, slot.language),
        "version": row,
        "lines": lines,
        "before": before,
        "form": form,
        "may_write": request.seat.may(Action.WORDS, slot.entity_id),
        "is_own": shown.drafted_by_id == request.user.pk,
    }
    return render(request, "desk/text_version.html", context, status=status)


@write
def approve(request: DeskRequest, version_id: int) -> HttpResponse:
    """Approve a version; it is used from now on: 303, or 409 for one's own."""
    shown = _for_writing(request, version_id)
    try:
        commands.approve_text(version_id=shown.pk, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    told = _("Version {number} is approved and used from now on.").format(number=shown.number)
    return done(request, _page_of(shown.slot), told)


@write
def give_back(request: DeskRequest, version_id: int) -> HttpResponse:
    """Give a version back with the reason: 303, 409 for one's own, 422 without a reason."""
    shown = _for_writing(request, version_id)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _draw_version(request, shown, form, ILL_FILLED)
    try:
        commands.return_text(
            version_id=shown.pk, reason=form.cleaned_data["reason"], actor=request.user, now=request.seat.now
        )
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, _page_of(shown.slot), _("Version {number} is returned.").format(number=shown.number))


@write
def use(request: DeskRequest, version_id: int) -> HttpResponse:
    """Take up an approved version, usually an older one: 303, or 409."""
    shown = _for_writing(request, version_id)
    try:
        commands.use_text(version_id=shown.pk, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, _page_of(shown.slot), _("Version {number} is used from now on.").format(number=shown.number))


@write
def use_shipped(request: DeskRequest, slot_id: int) -> HttpResponse:
    """Go back to the shipped text: 303, or 409."""
    entities = [entity.pk for entity in request.seat.entities]
    slot = TemplateSlot.objects.filter(pk=slot_id, entity_id__in=entities).first()
    if slot is None:
        raise Http404
    request.seat.demand(Action.WORDS, slot.entity_id)
    try:
        commands.use_shipped(slot_id=slot_id, actor=request.user, now=request.seat.now)
    except Refusal as no:
        return refusal_page(request, no)
    return done(request, _page_of(slot), _("The shipped text is used from now on."))


def _for_writing(request: DeskRequest, version_id: int) -> TemplateVersion:
    shown = _version(request, version_id)
    request.seat.demand(Action.WORDS, shown.slot.entity_id)
    return shown


def _page_of(slot: TemplateSlot) -> str:
    return reverse("desk:text", args=[slot.kind, slot.channel, slot.language])


@page
def scripts(request: DeskRequest) -> HttpResponse:
    """Show what a caller says at every stage, and the answers to what may be said."""
    language = request.GET.get("language") or request.LANGUAGE_CODE
    language = "zh-hans" if language.lower().startswith("zh") else "en"
    entity_id = request.seat.entity.pk
    shown = [_script(entity_id, code, language) for code in SCRIPTS]
    context = {"scripts": shown, "objections": answers(language), "language": language, "languages": LANGUAGES.items()}
    return render(request, "desk/scripts.html", context)


def _script(entity_id: int, code: str, language: str) -> dict[str, Any]:
    """Return the plain script in use."""
    channel = "VISIT" if code == "visit" else "PHONE"
    panel = place_panels(entity_id, code, channel, language)[0]
    return {
        "code": code, "name": kind_name(code, channel), "channel": channel, "number": panel.in_use,
        "parts": _script_parts(code, language, panel.body),
    }  # fmt: skip
