"""All texts of a company as one file: taken out, changed elsewhere, brought back as drafts that somebody approves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.commands.templates import Place, check_text, draft_text
from huikuan.outreach.models import TemplateActivation, TemplateVersion
from huikuan.outreach.queries.texts import variant_of
from huikuan.outreach.rules.checking import Flaw
from huikuan.outreach.rules.choice import Variant
from huikuan.outreach.templates import LibraryText, library
from huikuan.parties.models import User

FORMAT: Final = 1
_KEYS: Final = ("kind", "channel", "language", "tone", "industry", "grade", "is_long_term", "subject", "body")


class TextsFileUnreadable(Refusal):
    """The file is no file of texts."""

    code = "outreach.texts-file-unreadable"
    text = gettext_noop(
        "This is no file of texts (format {format}): {why}. Take one out with: huikuan template export."
    )


class TextsFileHasFlaws(Refusal):
    """At least one text cannot be used; nothing was stored."""

    code = "outreach.texts-file-has-flaws"
    text = gettext_noop("Nothing was stored. {count} texts have things to correct; the first, {place}: {message}")


@dataclass(frozen=True, slots=True)
class Checked:
    """One text of a file and what is wrong with it."""

    place: Place
    subject: str
    body: str
    flaws: tuple[Flaw, ...]


def texts_of(entity_id: int) -> list[LibraryText]:
    """Return every text that may be sent for an entity: the shipped library with its own versions in use on top."""
    in_use = TemplateActivation.objects.filter(slot__entity_id=entity_id, ended_at=None)
    own = {}
    for each in in_use.select_related("slot", "version").order_by("slot_id"):
        slot, version = each.slot, each.version
        text = LibraryText(
            slot.kind, slot.channel, slot.language, variant_of(slot), version.subject, version.body, version.number
        )
        own[_key(text)] = text
    texts = {_key(text): text for text in library()} | own
    return list(texts.values())


def _key(text: LibraryText) -> tuple[object, ...]:
    return (text.kind, text.channel, text.language, text.variant)


def export_texts(entity_id: int) -> dict[str, Any]:
    """Return every text in use as one document."""
    rows = [
        {
            "kind": text.kind, "channel": text.channel, "language": text.language, "tone": text.variant.tone,
            "industry": text.variant.industry, "grade": text.variant.grade, "is_long_term": text.variant.is_long_term,
            "version": text.number, "subject": text.subject, "body": text.body,
        }
        for text in texts_of(entity_id)
    ]  # fmt: skip
    return {"format": FORMAT, "texts": rows}


def check_texts(*, entity_id: int, document: object, now: datetime) -> list[Checked]:
    """Return every text of a document with what is wrong with it. Raises TextsFileUnreadable, TemplateUnknown."""
    checked = []
    for row in _rows(document):
        variant = Variant(row["tone"], row["industry"], row["grade"], row["is_long_term"])
        place = Place(row["kind"], row["channel"], row["language"], variant)
        flaws = check_text(entity_id=entity_id, place=place, subject=row["subject"], body=row["body"], now=now)
        checked.append(Checked(place, row["subject"], row["body"], flaws))
    return checked


def _rows(document: object) -> list[Mapping[str, Any]]:
    """Return the texts of a document whose every field is there and of its kind."""
    if (
        not isinstance(document, dict)
        or document.get("format") != FORMAT
        or not isinstance(document.get("texts"), list)
    ):
        raise TextsFileUnreadable(format=FORMAT, why="format, texts")
    for number, row in enumerate(document["texts"], 1):
        for key in _KEYS:
            wanted = bool if key == "is_long_term" else str
            if not isinstance(row, dict) or not isinstance(row.get(key), wanted):
                raise TextsFileUnreadable(format=FORMAT, why=f"texts[{number}].{key}")
    return list(document["texts"])


@transaction.atomic
def import_texts(
    *, entity_id: int, document: object, actor: User, now: datetime, note: str = ""
) -> list[TemplateVersion]:
    """Draft every text of a document that differs from the one in use; all of them or none. Each awaits approval.

    Raises: TextsFileUnreadable, TextsFileHasFlaws, TextUnchanged, TemplateUnknown.
    """
    checked = check_texts(entity_id=entity_id, document=document, now=now)
    flawed = [each for each in checked if each.flaws]
    if flawed:
        first = flawed[0]
        raise TextsFileHasFlaws(
            count=len(flawed), place=f"{first.place.kind}/{first.place.channel}/{first.place.language}",
            message=first.flaws[0].message,
        )  # fmt: skip
    in_use = {_key(text): (text.subject, text.body) for text in texts_of(entity_id)}
    return [
        draft_text(
            entity_id=entity_id, place=each.place, subject=each.subject, body=each.body, actor=actor, now=now, note=note
        )
        for each in checked
        if in_use.get((each.place.kind, each.place.channel, each.place.language, each.place.variant))
        != (each.subject.strip(), each.body.replace("\r\n", "\n").strip("\n"))
    ]
