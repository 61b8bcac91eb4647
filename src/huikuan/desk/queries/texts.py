"""What the pages of the texts show: the library beside the company's own versions, and how a version differs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from django.db.models import Prefetch

from huikuan.desk.queries.words_texts import LANGUAGES, TONES, kind_name
from huikuan.outreach.models import TemplateActivation, TemplateSlot, TemplateVersion
from huikuan.outreach.queries.texts import variant_of
from huikuan.outreach.rules.choice import Variant
from huikuan.outreach.templates import SPOKEN, LibraryText, kind_codes, kind_of, library, shipped
from huikuan.parties.models import Customer, User
from huikuan.parties.queries import visible_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One place in the overview. `number` None: nothing is written there; 0: the shipped text is used."""

    language: str
    language_name: str
    number: int | None
    variant_count: int
    waiting_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRow:
    """One kind of message on one channel, in every language."""

    kind: str
    name: str
    channel: str
    tone: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version of a text in its slot."""

    pk: int
    number: int
    state: str
    by: str
    drafted_by_id: int
    drafted_at: datetime
    judged_by: str
    judged_at: datetime | None
    verdict_note: str
    note: str
    is_in_use: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotPanel:
    """The texts for one sort of customer: what is used now, and its versions, the newest first."""

    slot_id: int | None
    variant: Variant
    tone: str
    in_use: int
    subject: str
    body: str
    has_shipped: bool
    versions: tuple[VersionRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A version that waits for somebody else's eyes."""

    pk: int
    name: str
    channel: str
    language: str
    number: int
    by: str
    drafted_at: datetime


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of one version beside the one before: "same", "gone" or "new"."""

    state: str
    text: str


def overview(entity_id: int, channel: str) -> list[KindRow]:
    """Return every kind of a channel with the text in use per language. One query."""
    slots = _slots(entity_id, channel=channel)
    rows = []
    for kind in kind_codes(channel):
        texts = [text for text in library() if text.kind == kind and text.channel == channel]
        if not texts and not any(slot.kind == kind for slot in slots):
            continue
        cells = tuple(_cell(kind, language, slots, texts) for language in LANGUAGES)
        tone = str(TONES[kind_of(kind, channel).tone])
        rows.append(KindRow(kind=kind, name=kind_name(kind, channel), channel=channel, tone=tone, cells=cells))
    return rows


def _cell(kind: str, language: str, slots: Sequence[TemplateSlot], texts: Sequence[LibraryText]) -> Cell:
    mine = [slot for slot in slots if slot.kind == kind and slot.language == language]
    there = [text for text in texts if text.language == language]
    plain = Variant(there[0].variant.tone) if there else None
    number = next((_in_use(slot) for slot in mine if variant_of(slot) == plain), 0 if there else None)
    variants = {variant_of(slot) for slot in mine} | {text.variant for text in there}
    return Cell(
        language=language,
        language_name=str(LANGUAGES[language]),
        number=number,
        variant_count=len(variants - {plain}),
        waiting_count=sum(not hasattr(version, "verdict") for slot in mine for version in slot.versions.all()),
    )


def _slots(entity_id: int, **where: str) -> list[TemplateSlot]:
    """Return slots with their versions, verdicts and what is in use. Three queries."""
    versions = TemplateVersion.objects.select_related("verdict__judged_by", "drafted_by").order_by("-number")
    running = TemplateActivation.objects.filter(ended_at=None)
    return list(
        TemplateSlot.objects.filter(entity_id=entity_id, **where)
        .order_by("kind", "language", "is_long_term", "industry", "grade", "tone")
        .prefetch_related(Prefetch("versions", versions), Prefetch("activations", running))
    )


def _in_use(slot: TemplateSlot) -> int:
    """Return the number of the version in use; 0 when none is."""
    running = {each.version_id for each in slot.activations.all()}
    return next((version.number for version in slot.versions.all() if version.pk in running), 0)


def place_panels(entity_id: int, kind: str, channel: str, language: str) -> list[SlotPanel]:
    """Return the texts of one place, each variant with its versions; the plain one first. Three queries."""
    slots = {variant_of(slot): slot for slot in _slots(entity_id, kind=kind, channel=channel, language=language)}
    texts = {text.variant: text for text in shipped(kind, channel, language)}
    plain = Variant(kind_of(kind, channel).tone)
    order = sorted({*slots, *texts}, key=lambda each: (each != plain, each.tone, each.industry, each.grade))
    return [_panel(variant, slots.get(variant), texts.get(variant)) for variant in order]


def _panel(variant: Variant, slot: TemplateSlot | None, text: LibraryText | None) -> SlotPanel:
    versions = list(slot.versions.all()) if slot is not None else []
    number = 0 if slot is None else _in_use(slot)
    used = next((version for version in versions if version.number == number), None)
    return SlotPanel(
        slot_id=None if slot is None else slot.pk,
        variant=variant,
        tone=str(TONES[variant.tone]),
        in_use=number,
        subject=used.subject if used else text.subject if text else "",
        body=used.body if used else text.body if text else "",
        has_shipped=text is not None,
        versions=tuple(_version_row(version, number) for version in versions),
    )


def _version_row(version: TemplateVersion, in_use: int) -> VersionRow:
    verdict = getattr(version, "verdict", None)
    state = "WAITING" if verdict is None else "APPROVED" if verdict.is_approved else "RETURNED"
    return VersionRow(
        pk=version.pk,
        number=version.number,
        state=state,
        by=str(version.drafted_by),
        drafted_by_id=version.drafted_by_id,
        drafted_at=version.drafted_at,
        judged_by="" if verdict is None else str(verdict.judged_by),
        judged_at=None if verdict is None else verdict.judged_at,
        verdict_note="" if verdict is None else verdict.note,
        note=version.note,
        is_in_use=version.number == in_use,
    )


def waiting_for_approval(entity_id: int) -> list[Waiting]:
    """Return the versions that nobody has judged, the oldest first. One query."""
    found = TemplateVersion.objects.filter(slot__entity_id=entity_id, verdict=None)
    return [
        Waiting(
            pk=version.pk,
            name=kind_name(version.slot.kind, version.slot.channel),
            channel=version.slot.get_channel_display(),
            language=str(LANGUAGES[version.slot.language]),
            number=version.number,
            by=str(version.drafted_by),
            drafted_at=version.drafted_at,
        )
        for version in found.select_related("slot", "drafted_by").order_by("drafted_at", "pk")[:50]
    ]


def version_page(version: TemplateVersion) -> tuple[VersionRow, list[DiffLine], str]:
    """Return a version, how it differs from the text before it, and what that text is: “2”, “0” for the shipped."""
    slot = version.slot
    before = slot.versions.filter(number__lt=version.number).order_by("-number").first()
    running = slot.activations.filter(ended_at=None).select_related("version").first()
    row = _version_row(version, running.version.number if running else 0)
    if before is not None:
        return row, diff(_lines(before.subject, before.body), _lines(version.subject, version.body)), str(before.number)
    variant = variant_of(slot)
    texts = shipped(slot.kind, slot.channel, slot.language)
    text = next((text for text in texts if text.variant == variant), texts[0] if texts else None)
    old = _lines(text.subject, text.body) if text is not None else []
    return row, diff(old, _lines(version.subject, version.body)), "0"


def _lines(subject: str, body: str) -> list[str]:
    return [*([subject, ""] if subject else []), *body.split("\n")]


def diff(before: Sequence[str], after: Sequence[str]) -> list[DiffLine]:
    """Return both texts line by line: what went, what came, what stayed."""
    lines: list[DiffLine] = []
    for tag, first, last, begin, end in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [DiffLine("same", line) for line in before[first:last]]
            continue
        lines += [DiffLine("gone", line) for line in before[first:last]]
        lines += [DiffLine("new", line) for line in after[begin:end]]
    return lines


def cases_to_try(user: User, entity_id: int) -> list[Customer]:
    """Return customers of the user with an open case, to try a text on: the first dozen. One query."""
    found = visible_to(user, entity_id=entity_id).filter(cases__closed_on=None, cases__isnull=False)
    return list(found.order_by("code").distinct()[:12])


def is_spoken(channel: str) -> bool:
    """Tell whether a text of this channel is said rather than sent."""
    return channel in SPOKEN
