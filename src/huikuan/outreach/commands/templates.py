"""Texts from draft to use: one person writes, another approves, and an older one can be taken up again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Max

from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.kernel.zones import local_day
from huikuan.outreach import ports
from huikuan.outreach.models import TemplateActivation, TemplateSlot, TemplateVerdict, TemplateVersion
from huikuan.outreach.rules.checking import Flaw, flaws_of
from huikuan.outreach.rules.choice import Variant
from huikuan.outreach.rules.kinds import TEXT
from huikuan.outreach.rules.scripts import script_flaws
from huikuan.outreach.templates import LANGUAGES, SPOKEN, TemplateUnknown, kind_of, shipped
from huikuan.parties.models import Entity, User

FORBIDDEN: Final = gettext_noop("“{phrase}” must not be used. {instead}")


class TextHasFlaws(Refusal):
    """The text cannot be used; `flaws` says why, place by place."""

    code = "outreach.text-has-flaws"
    text = gettext_noop("The text has {count} things to correct; the first: {message}")

    def __init__(self, flaws: tuple[Flaw, ...]) -> None:
        """Keep every flaw beside the summary."""
        self.flaws = flaws
        super().__init__(count=len(flaws), message=flaws[0].message)

    def as_dict(self) -> dict[str, Any]:
        """Return the machine form, with every flaw."""
        rows = [{"line": flaw.line, "message": flaw.message} for flaw in self.flaws]
        return {**super().as_dict(), "flaws": rows}


class TextUnchanged(Refusal):
    """The newest version says the same."""

    code = "outreach.text-unchanged"
    text = gettext_noop("This is the text of version {number}, which is already the newest. Nothing was stored.")


class OwnDraft(Refusal):
    """Four eyes: whoever wrote it does not approve it."""

    code = "outreach.own-draft"
    text = gettext_noop("You wrote version {number} yourself. Ask somebody else with the right to texts to approve it.")


class AlreadyJudged(Refusal):
    """A verdict is given once."""

    code = "outreach.text-already-judged"
    text = gettext_noop("Version {number} has been judged by {person} already. Write a new version to change it.")


class NotApproved(Refusal):
    """Only what somebody else approved may be sent."""

    code = "outreach.text-not-approved"
    text = gettext_noop("Version {number} has not been approved: it cannot be used.")


class AlreadyInUse(Refusal):
    """Nothing would change."""

    code = "outreach.text-in-use"
    text = gettext_noop("Version {number} is the one in use already.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text belongs: kind, channel, language, and for whom it is meant."""

    kind: str
    channel: str
    language: str
    variant: Variant


@transaction.atomic
def draft_text(
    *, entity_id: int, place: Place, subject: str, body: str, actor: User, now: datetime, note: str = ""
) -> TemplateVersion:
    """Store the next version of a text, after checking it; it is used once somebody else approves it.

    Raises: TextHasFlaws, TextUnchanged, TemplateUnknown.
    """
    flaws = check_text(entity_id=entity_id, place=place, subject=subject, body=body, now=now)
    if flaws:
        raise TextHasFlaws(flaws)
    subject, body = subject.strip(), body.replace("\r\n", "\n").strip("\n")
    slot, _is_new = TemplateSlot.objects.select_for_update().get_or_create(
        entity_id=entity_id,
        kind=place.kind,
        channel=place.channel,
        language=place.language,
        tone=place.variant.tone,
        industry=place.variant.industry,
        grade=place.variant.grade,
        is_long_term=place.variant.is_long_term,
    )
    newest = slot.versions.order_by("-number").first()
    if newest is not None and (newest.subject, newest.body) == (subject, body):
        raise TextUnchanged(number=newest.number)
    version = TemplateVersion.objects.create(
        slot=slot,
        number=1 + (slot.versions.aggregate(last=Max("number"))["last"] or 0),
        subject=subject,
        body=body,
        note=note,
        drafted_by=actor,
        drafted_at=now,
    )
    _journal("outreach.text-drafted", version, actor=actor, now=now, note=note)
    return version


def check_text(*, entity_id: int, place: Place, subject: str, body: str, now: datetime) -> tuple[Flaw, ...]:
    """Return everything that is wrong with a text: its facts and placeholders, then its wording.

    Raises: TemplateUnknown.
    """
    kind = kind_of(place.kind, place.channel)
    known = [channel for channel in TemplateSlot.Channel.values if shipped_at(place, channel)]
    if place.channel not in known or place.language not in LANGUAGES or place.kind == TEXT:
        raise TemplateUnknown(template=f"{place.kind}/{place.channel}/{place.language}", known=", ".join(known))
    if place.channel in SPOKEN:
        found = script_flaws(kind, body)
    else:
        found = flaws_of(kind, channel=place.channel, language=place.language, subject=subject, body=body)
    return (*found, *forbidden_in(f"{subject}\n{body}", entity_id=entity_id, now=now))


def shipped_at(place: Place, channel: str) -> bool:
    """Tell whether the product ships a text of this kind and language for a channel."""
    return bool(shipped(place.kind, channel, place.language))


def forbidden_in(words: str, *, entity_id: int, now: datetime) -> tuple[Flaw, ...]:
    """Return what the contact guard's language check would refuse, with the line on which it stands."""
    entity = Entity.objects.get(pk=entity_id)
    found = ports.wording_check().forbidden(words, entity=entity, today=local_day(now, entity.time_zone))
    lines = words.casefold().replace("\r\n", "\n").split("\n")
    return tuple(
        Flaw(_line_of(each.phrase, lines), FORBIDDEN, {"phrase": each.phrase, "instead": each.instead})
        for each in found
    )


def _line_of(phrase: str, lines: Iterable[str]) -> int | None:
    """Return the line on which a phrase stands, 0 the subject; None when it is spread over several or disguised."""
    return next((number for number, line in enumerate(lines) if phrase.casefold() in line), None)


@transaction.atomic
def approve_text(*, version_id: int, actor: User, now: datetime, note: str = "") -> TemplateVersion:
    """Approve a version that somebody else wrote; from now on it is the one that is sent.

    Raises: OwnDraft, AlreadyJudged.
    """
    version = _judged(version_id, is_approved=True, actor=actor, now=now, note=note)
    _use(version, actor=actor, now=now)
    _journal("outreach.text-approved", version, actor=actor, now=now, note=note)
    return version


@transaction.atomic
def return_text(*, version_id: int, reason: str, actor: User, now: datetime) -> TemplateVersion:
    """Give a version back to whoever wrote it, with the reason. Raises OwnDraft, AlreadyJudged."""
    version = _judged(version_id, is_approved=False, actor=actor, now=now, note=reason)
    _journal("outreach.text-returned", version, actor=actor, now=now, reason=reason)
    return version


@transaction.atomic
def use_text(*, version_id: int, actor: User, now: datetime) -> TemplateVersion:
    """Take up an approved version, usually an older one: the undo of an approval. Raises NotApproved, AlreadyInUse."""
    version = _locked(version_id)
    if not TemplateVerdict.objects.filter(version=version, is_approved=True).exists():
        raise NotApproved(number=version.number)
    if version.slot.activations.filter(ended_at=None, version=version).exists():
        raise AlreadyInUse(number=version.number)
    _use(version, actor=actor, now=now)
    _journal("outreach.text-taken-up", version, actor=actor, now=now)
    return version


@transaction.atomic
def use_shipped(*, slot_id: int, actor: User, now: datetime) -> TemplateSlot:
    """Go back to the shipped text (version 0). Raises AlreadyInUse."""
    slot = TemplateSlot.objects.select_for_update().get(pk=slot_id)
    if not _end(slot, actor=actor, now=now):
        raise AlreadyInUse(number=0)
    record(
        "outreach.text-shipped-taken-up", now=now, actor=actor, entity_id=slot.entity_id, subject=slot, kind=slot.kind,
        channel=slot.channel, language=slot.language,
    )  # fmt: skip
    return slot


def _locked(version_id: int) -> TemplateVersion:
    """Return a version with its slot locked, so that verdicts and uses of one slot come one after another."""
    version = TemplateVersion.objects.select_related("slot").get(pk=version_id)
    TemplateSlot.objects.select_for_update().get(pk=version.slot_id)
    return version


def _judged(version_id: int, *, is_approved: bool, actor: User, now: datetime, note: str) -> TemplateVersion:
    version = _locked(version_id)
    verdict = TemplateVerdict.objects.filter(version=version).select_related("judged_by").first()
    if verdict is not None:
        raise AlreadyJudged(number=version.number, person=str(verdict.judged_by))
    if version.drafted_by_id == actor.pk:
        raise OwnDraft(number=version.number)
    TemplateVerdict.objects.create(
        version=version, is_approved=is_approved, drafted_by_id=version.drafted_by_id, judged_by=actor, judged_at=now,
        note=note,
    )  # fmt: skip
    return version


def _use(version: TemplateVersion, *, actor: User, now: datetime) -> None:
    _end(version.slot, actor=actor, now=now)
    TemplateActivation.objects.create(slot=version.slot, version=version, begun_at=now, begun_by=actor)


def _end(slot: TemplateSlot, *, actor: User, now: datetime) -> int:
    return slot.activations.filter(ended_at=None).update(ended_at=now, ended_by=actor)


def _journal(event: str, version: TemplateVersion, *, actor: User, now: datetime, **facts: Any) -> None:
    slot = version.slot
    record(
        event, now=now, actor=actor, entity_id=slot.entity_id, subject=version, kind=slot.kind, channel=slot.channel,
        language=slot.language, version=version.number, **facts,
    )  # fmt: skip
