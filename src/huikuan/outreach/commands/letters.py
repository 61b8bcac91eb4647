"""Letters: made with a number, drawn, stored; remade from what is frozen; withdrawn while nobody has posted them."""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from django.db import transaction

from huikuan.documents.rendering import LAYOUTS, image_name, render_pdf
from huikuan.journal.commands import record
from huikuan.journal.files import FileDamaged, keep_file, read_file
from huikuan.journal.models import StoredFile
from huikuan.journal.ports import content_store
from huikuan.kernel.numbers import NumberKind
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.commands.queue import check_acts_for
from huikuan.outreach.models import Letter, LetterEvent
from huikuan.parties.commands.entities import take_numbers
from huikuan.parties.models import Customer, User

State = Letter.State
LAYOUT: Final = "letter"
NUMBER_PLACE: Final = "\ue000"
"""Stands in the texts of a letter where its number goes, which is taken last; no keyboard writes this character."""


class LetterPosted(Refusal):
    """It has left the house."""

    code = "outreach.letter-posted"
    text = gettext_noop("Letter {number} has left the house ({state}). Only one that has not can be withdrawn.")


class LetterWithoutAddress(Refusal):
    """Nobody can deliver it."""

    code = "outreach.letter-without-address"
    text = gettext_noop("There is no postal address for {customer}. Enter one, then make the letter.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterContent:
    """Everything a letter says, before it has a number.

    Attributes:
        template: Code of its text.
        template_sha256: Of the text file as it was read.
        data: For the layout; NUMBER_PLACE stands where the number goes.
        facts: What it states, amounts in minor units.
        words: The text alone.
        principal_minor: Overdue principal less money on account.
        penalty_minor: Penalty and fees with it.
    """

    template: str
    template_sha256: str
    language: str
    currency: str
    as_of: date
    data: dict[str, Any]
    facts: dict[str, Any]
    words: str
    addressee: str
    address: str
    principal_minor: int
    penalty_minor: int
    item_count: int
    deadline_on: date | None = None
    step_code: str = ""
    person_id: int | None = None
    images: dict[str, bytes] = field(default_factory=dict)


@transaction.atomic
def make_letter(
    *, customer_id: int, key: str, content: LetterContent, now: datetime, actor: User | None = None
) -> Letter:
    """Give a letter its number, draw it, store the PDF and freeze what it says. The same key returns the same letter.

    The number is taken in this transaction: a letter that fails gives it back, so that numbers have no gaps.

    Raises: PersonOfAnotherCustomer, LetterWithoutAddress.
    """
    customer = Customer.objects.select_for_update().select_related("entity").get(pk=customer_id)
    made = Letter.objects.filter(key=key).first()
    if made is not None:
        return made
    if not content.address:
        raise LetterWithoutAddress(customer=customer.name)
    number = take_numbers(entity=customer.entity, kind=NumberKind.LETTER, year=content.as_of.year)[0]
    data = _numbered(content.data, number)
    drawn = render_pdf(layout=LAYOUT, data=data, language=content.language, images=content.images)
    pdf = keep_file(
        content=drawn, name=f"{number}.pdf", media_type="application/pdf", kind="LETTER", title=str(data["title"]),
        now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
    )  # fmt: skip
    letter = Letter(
        number=number,
        key=key,
        entity_id=customer.entity_id,
        customer=customer,
        person_id=content.person_id,
        addressee=content.addressee,
        address=content.address,
        template=content.template,
        template_sha256=_with_layouts(content.template_sha256),
        step_code=content.step_code,
        language=content.language,
        currency=content.currency,
        as_of=content.as_of,
        deadline_on=content.deadline_on,
        principal_minor=content.principal_minor,
        penalty_minor=content.penalty_minor,
        item_count=content.item_count,
        data=data,
        facts=content.facts,
        words=content.words.replace(NUMBER_PLACE, number),
        pdf=pdf,
        made_at=now,
        made_by=actor,
        state_at=now,
    )
    if letter.person is not None:
        check_acts_for(letter.person, customer)
    letter.save()
    LetterEvent.objects.create(letter=letter, at=now, state=State.MADE, recorded_by=actor, recorded_at=now)
    journal_letter(
        "outreach.letter-made", letter, now=now, actor=actor, principal_minor=letter.principal_minor,
        penalty_minor=letter.penalty_minor, currency=letter.currency, deadline_on=letter.deadline_on,
    )  # fmt: skip
    return letter


def journal_letter(event: str, letter: Letter, *, now: datetime, actor: User | None, **facts: Any) -> None:
    """Write an act on a letter to the journal, with its number and the hash of its PDF."""
    record(
        event,
        now=now,
        actor=actor,
        entity_id=letter.entity_id,
        customer_id=letter.customer_id,
        subject=letter,
        number=letter.number,
        sha256=letter.pdf.sha256,
        **facts,
    )


def draw_again(letter: Letter) -> bytes:
    """Draw a letter from what is frozen: with the same layout and fonts, the very bytes that were stored.

    Raises: FileDamaged when the image of its seal is gone.
    """
    return render_pdf(layout=LAYOUT, data=letter.data, language=letter.language, images=_images(letter.data))


def draw_preview(content: LetterContent) -> bytes:
    """Draw a letter that has no number yet, marked as a draft."""
    return render_pdf(
        layout=LAYOUT, data=draft_data(content), language=content.language, images=content.images
    )  # fmt: skip


def draft_data(content: LetterContent) -> dict[str, Any]:
    """Return what the layout is given for a letter without a number."""
    return _numbered(content.data, "—") | {"draft": True}


def pdf_of(letter: Letter) -> bytes:
    """Return the PDF as it was stored, checked against its hash. Raises FileDamaged."""
    return read_file(letter.pdf)


@transaction.atomic
def cancel_letter(*, letter_id: int, reason: str, actor: User, now: datetime) -> Letter:
    """Withdraw a letter that nobody has posted; its number stays used. Raises LetterPosted."""
    letter = locked_letter(letter_id)
    if letter.state != State.MADE:
        raise LetterPosted(number=letter.number, state=letter.get_state_display())
    move_letter(letter, State.CANCELLED, at=now, now=now, actor=actor, why=reason)
    journal_letter("outreach.letter-cancelled", letter, now=now, actor=actor, why=reason)
    return letter


def locked_letter(letter_id: int) -> Letter:
    """Lock the customer, then its letter: the one order in which everybody locks."""
    customer_id = Letter.objects.values_list("customer_id", flat=True).get(pk=letter_id)
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    letter = Letter.objects.select_for_update(of=["self"]).select_related("entity", "pdf").get(pk=letter_id)
    letter.customer = customer
    return letter


MUTABLE: Final = ("state", "state_at", "carrier", "tracking_number", "handed_over_at", "signed_by", "contact")


def move_letter(
    letter: Letter, state: Letter.State, *, at: datetime, now: datetime, actor: User | None, **why: object
) -> None:
    """Put a locked letter into a state and append the event; what the post says of the past has its own time."""
    letter.state, letter.state_at = state, at
    letter.save(update_fields=MUTABLE)
    LetterEvent.objects.create(letter=letter, at=at, state=state, detail=why, recorded_by=actor, recorded_at=now)


def _numbered(data: dict[str, Any], number: str) -> dict[str, Any]:
    """Return the data with the number in every place that waits for it."""
    numbered: dict[str, Any] = _put(data, number)
    return numbered | {"number": number}


def _put(value: Any, number: str) -> Any:  # noqa: ANN401  JSON is any of these
    if isinstance(value, str):
        return value.replace(NUMBER_PLACE, number)
    if isinstance(value, dict):
        return {key: _put(each, number) for key, each in value.items()}
    return [_put(each, number) for each in value] if isinstance(value, list) else value


@cache
def _with_layouts(template_sha256: str) -> str:
    """Return one hash over the text and every file that draws it."""
    whole = hashlib.sha256(template_sha256.encode())
    for path in sorted(LAYOUTS.glob("*.typ")):
        whole.update(path.read_bytes())
    return whole.hexdigest()


def seal_image(seal: StoredFile | None) -> tuple[str, dict[str, bytes]]:
    """Return the name under which a layout knows the seal, and its bytes; nothing for none. Raises FileDamaged."""
    if seal is None:
        return "", {}
    content = read_file(seal)
    name = image_name(content)
    return name, {name: content}


def _images(data: dict[str, Any]) -> dict[str, bytes]:
    name = str(data.get("seal", ""))
    if not name:
        return {}
    sha256 = name.partition(".")[0]
    content = content_store().get(sha256)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FileDamaged(name=name)
    return {name: content}
