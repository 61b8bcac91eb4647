"""Which text a customer gets: the company's own versions in use beside the shipped library, the most specific one."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from huikuan.credit.models import Grade, GradeOverride
from huikuan.outreach.letters import LetterText, demand_letter, letter_text
from huikuan.outreach.models import TemplateActivation, TemplateSlot
from huikuan.outreach.rules.choice import Reader, Variant, choose, is_long_term
from huikuan.outreach.rules.template import LETTER
from huikuan.outreach.templates import LibraryText, TemplateUnknown, kind_codes, kind_of, offered, shipped
from huikuan.parties.models import Customer


class Texts:
    """The texts that customers get on a day: what several of them need is read once."""

    def __init__(self, *, as_of: date, customer_ids: Collection[int]) -> None:
        """Take the day, and whose messages are to be written."""
        self.as_of = as_of
        self.customer_ids = customer_ids
        self._own: dict[tuple[int, str, str, str], list[LibraryText]] = {}
        self._grades: dict[int, str] | None = None

    def text_for(self, *, customer: Customer, kind: str, channel: str, language: str, tone: str = "") -> LibraryText:
        """Return the text that goes to a customer.

        Args:
            customer: Who reads it: industry, grade and years of business choose among variants.
            kind: Of `outreach.rules.kinds`, or of `outreach.rules.scripts` for a talk.
            channel: Where it is written or spoken.
            language: "zh-hans" or "en".
            tone: Asked for; where no text has it, and where it is "", the kind's own.

        Raises: TemplateUnknown.
        """
        own_tone = kind_of(kind, channel).tone
        texts = [*self._own_texts(customer.entity_id, kind, channel, language), *shipped(kind, channel, language)]
        reader = Reader(tone or own_tone)
        if any(text.variant != Variant(text.variant.tone) for text in texts):
            reader = self._reader(customer, reader.tone)
        chosen = choose(texts, reader) or choose(texts, replace(reader, tone=own_tone))
        if chosen is None:
            raise TemplateUnknown(template=f"{kind}/{channel}/{language}", known=", ".join(kind_codes(channel)))
        return chosen

    def _own_texts(self, entity_id: int, kind: str, channel: str, language: str) -> list[LibraryText]:
        place = (entity_id, kind, channel, language)
        if place not in self._own:
            self._own[place] = own_texts(*place)
        return self._own[place]

    def _reader(self, customer: Customer, tone: str) -> Reader:
        """Return what of the customer chooses among variants."""
        if self._grades is None:
            self._grades = _grades({customer.pk, *self.customer_ids}, self.as_of)
        grade = self._grades.get(customer.pk, "")
        return Reader(
            tone=tone,
            industry=customer.industry,
            grade=grade,
            is_long_term=is_long_term(customer.business_since, grade, as_of=self.as_of),
        )


def text_for(*, customer: Customer, kind: str, channel: str, language: str, as_of: date, tone: str = "") -> LibraryText:
    """Return the text that goes to one customer: see `Texts.text_for`."""
    texts = Texts(as_of=as_of, customer_ids=[customer.pk])
    return texts.text_for(customer=customer, kind=kind, channel=channel, language=language, tone=tone)


def letter_for(*, customer: Customer, name: str, language: str, as_of: date) -> LetterText:
    """Return the text of a letter to one customer; a language that is not offered reads English.

    Raises: LetterTextUnknown.
    """
    demand_letter(name)
    return letter_text(text_for(customer=customer, kind=name, channel=LETTER, language=offered(language), as_of=as_of))


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


def _grades(customer_ids: Collection[int], as_of: date) -> dict[int, str]:
    """Return the grades on a day, by hand before by rule; nobody who is not graded. Two queries."""
    graded = Grade.objects.filter(customer_id__in=customer_ids, begun_on__lte=as_of).order_by("begun_on", "pk")
    by_hand = GradeOverride.objects.filter(
        customer_id__in=customer_ids, ended_at=None, starts_on__lte=as_of, ends_on__gte=as_of
    )
    return dict(graded.values_list("customer_id", "letter")) | dict(by_hand.values_list("customer_id", "letter"))
