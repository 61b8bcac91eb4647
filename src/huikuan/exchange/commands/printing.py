"""The print job: letters that wait to be posted as one PDF, and the list of addresses that goes with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from huikuan.cases.models import Task
from huikuan.documents.binding import bind, page_count
from huikuan.exchange.commands.exporting import FileFormat, export_rows
from huikuan.exchange.ports import Column
from huikuan.journal.commands import record
from huikuan.kernel.money import format_decimal
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.commands.letters import pdf_of
from huikuan.outreach.letters import POSTED_BY_US
from huikuan.outreach.models import Letter
from huikuan.parties.models import Entity, User
from huikuan.parties.queries import Person, visible_to
from huikuan.runs.commands.letters import write_letter

LETTERS_MAX = 2_000
"""In one print job: what a print shop and a browser take at once."""
ADDRESS_COLUMNS = (
    Column("letter_number", width=26),
    Column("addressee", width=36),
    Column("attention", width=14),
    Column("address", width=60),
    Column("phone", width=18),
    Column("title", width=16),
    Column("pages", "whole", 8),
    Column("amount", "money", 16),
    Column("currency", width=10),
    Column("tracking_number", width=20),
)


class NothingToPrint(Refusal):
    """No letter waits."""

    code = "exchange.nothing-to-print"
    text = gettext_noop("No letter is waiting to be posted. Make the letters first.")


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the waiting letter tasks."""

    letters: tuple[Letter, ...]
    refusals: tuple[tuple[str, Refusal], ...]
    """Customer code, and why there is no letter."""


def waiting_letters(*, entity_id: int, user: Person | None) -> QuerySet[Letter]:
    """Return the letters that are made and not posted, oldest first; of a user only those he may see."""
    letters = Letter.objects.filter(entity_id=entity_id, state=Letter.State.MADE)
    letters = letters.select_related("customer", "pdf", "person")
    if user is not None:
        letters = letters.filter(customer__in=visible_to(user, entity_id=entity_id))
    return letters.order_by("number")[:LETTERS_MAX]


def write_waiting_letters(*, entity_id: int, actor: User | None, now: datetime, limit: int = LETTERS_MAX) -> Written:
    """Write the letter of every open letter task for which there is a text; each is a transaction of its own.

    A task whose letter was written today gets the same one. What cannot be written is named and stops nothing.
    """
    tasks = Task.objects.filter(
        entity_id=entity_id, kind=Task.Kind.LETTER, done_at=None, cancelled_at=None, step_code__in=POSTED_BY_US
    ).select_related("customer")
    if actor is not None:
        tasks = tasks.filter(customer__in=visible_to(actor, entity_id=entity_id))
    letters, refusals = [], []
    for task in tasks.order_by("-priority", "pk")[:limit]:
        try:
            letters.append(
                write_letter(
                    customer_id=task.customer_id, currency=task.currency, template=task.step_code,
                    step_code=task.step_code, actor=actor, now=now,
                )
            )  # fmt: skip
        except Refusal as no:
            refusals.append((task.customer.code, no))
    return Written(tuple(letters), tuple(refusals))


@transaction.atomic
def print_job(
    *, entity: Entity, letters: Sequence[Letter], is_duplex: bool, actor: User | None, now: datetime
) -> bytes:
    """Return the letters as one PDF, the very bytes that were stored. Raises NothingToPrint, FileDamaged."""
    if not letters:
        raise NothingToPrint
    bound = bind(((letter.number, pdf_of(letter)) for letter in letters), is_duplex=is_duplex)
    record(
        "exchange.letters-printed",
        now=now,
        actor=actor,
        entity_id=entity.pk,
        subject=entity,
        letters=[letter.number for letter in letters],
    )
    return bound


def address_list(letters: Sequence[Letter], file_format: FileFormat | str) -> Iterator[bytes]:
    """Yield the list of addresses as CSV or workbook; the carrier fills in the tracking numbers."""
    return export_rows(ADDRESS_COLUMNS, (_row(letter) for letter in letters), file_format)


def _row(letter: Letter) -> tuple[object, ...]:
    return (
        letter.number,
        letter.addressee,
        letter.person.name if letter.person else "",
        letter.address,
        (letter.person.phone if letter.person else "") or letter.customer.phone,
        letter.data["title"],
        page_count(pdf_of(letter)),
        format_decimal(letter.principal_minor + letter.penalty_minor, letter.currency),
        letter.currency,
        letter.tracking_number,
    )
