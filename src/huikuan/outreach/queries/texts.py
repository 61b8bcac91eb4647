"""Which text a customer gets: the company's own versions in use beside the shipped library, the most specific one."""

from dataclasses import replace
from datetime import date

from huikuan.credit.models import Grade, GradeOverride
from huikuan.outreach.models import TemplateActivation, TemplateSlot
from huikuan.outreach.rules.choice import Reader, Variant, choose, is_long_term
from huikuan.outreach.templates import LibraryText, TemplateUnknown, kind_codes, kind_of, shipped
from huikuan.parties.models import Customer


def text_for(*, customer: Customer, kind: str, channel: str, language: str, as_of: date, tone: str = "") -> LibraryText:
    """Return the text that goes to a customer.

    Args:
        customer: Who reads it: industry, grade and years of business choose among variants.
        kind: Of `outreach.rules.kinds`, or of `outreach.rules.scripts` for a talk.
        channel: Where it is written or spoken.
        language: "zh-hans" or "en".
        as_of: The day.
        tone: Asked for; where no text has it, and where it is "", the kind's own.

    Raises: TemplateUnknown.
    """
    own_tone = kind_of(kind, channel).tone
    texts = [*own_texts(customer.entity_id, kind, channel, language), *shipped(kind, channel, language)]
    reader = Reader(tone or own_tone)
    if any(text.variant != Variant(text.variant.tone) for text in texts):
        reader = reader_of(customer, reader.tone, as_of=as_of)
    chosen = choose(texts, reader) or choose(texts, replace(reader, tone=own_tone))
    if chosen is None:
        raise TemplateUnknown(template=f"{kind}/{channel}/{language}", known=", ".join(kind_codes(channel)))
    return chosen


def own_texts(entity_id: int, kind: str, channel: str, language: str) -> list[LibraryText]:
    """Return the entity's own texts in use at one place, one per variant. One query."""
    in_use = TemplateActivation.objects.filter(
        slot__entity_id=entity_id, slot__kind=kind, slot__channel=channel, slot__language=language, ended_at=None
    ).select_related("slot", "version")
    return [
        LibraryText(
            kind=each.slot.kind,
            channel=each.slot.channel,
            language=each.slot.language,
            variant=variant_of(each.slot),
            subject=each.version.subject,
            body=each.version.body,
            number=each.version.number,
        )
        for each in in_use.order_by("slot_id")
    ]


def variant_of(slot: TemplateSlot) -> Variant:
    """Return for whom the texts of a slot are meant."""
    return Variant(slot.tone, slot.industry, slot.grade, slot.is_long_term)


def reader_of(customer: Customer, tone: str, *, as_of: date) -> Reader:
    """Return what of the customer chooses among variants. Two queries at most."""
    grade = _grade(customer.pk, as_of)
    return Reader(
        tone=tone,
        industry=customer.industry,
        grade=grade,
        is_long_term=is_long_term(customer.business_since, grade, as_of=as_of),
    )


def _grade(customer_id: int, as_of: date) -> str:
    """Return the grade on a day, by hand before by rule; "" when nobody has graded."""
    by_hand = GradeOverride.objects.filter(
        customer_id=customer_id, ended_at=None, starts_on__lte=as_of, ends_on__gte=as_of
    )
    letter = by_hand.values_list("letter", flat=True).first()
    if letter is None:
        graded = Grade.objects.filter(customer_id=customer_id, begun_on__lte=as_of).order_by("-begun_on", "-pk")
        letter = graded.values_list("letter", flat=True).first()
    return letter or ""
