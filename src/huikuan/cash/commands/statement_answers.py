"""What a customer says to an account statement: it agrees, or these lines differ; and how each difference is resolved.

A confirmed statement is an acknowledgment of the debt: the limitation period of what it lists as open begins anew
(Civil Code 195), which the journal says with its evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction

from huikuan.cases.commands.answered import ask_owner, call_off
from huikuan.cash.commands.account_statements import in_state, note
from huikuan.cash.models import AccountStatement, StatementDifference
from huikuan.cash.models.account_statement import StatementState
from huikuan.cash.rules.closing import DIFFERS
from huikuan.journal.commands import record
from huikuan.journal.files import keep_file
from huikuan.journal.models import StoredFile
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.commands.links import use_link
from huikuan.parties.models import User
from huikuan.receivables.commands.account import today_of
from huikuan.receivables.commands.limitation import note_interruption
from huikuan.receivables.models import CreditNote, LimitationEvent

DIFFERENCES_MAX: Final = 100
ANSWERABLE: Final = (StatementState.SENT,)
"""By link: as long as an answer is asked for."""
ON_PAPER: Final = (StatementState.MADE, StatementState.SENT, StatementState.SETTLED)
"""By signed slip: also when it was handed over on paper, and after the differences were resolved."""


class NameMissing(Refusal):
    """An answer by nobody proves nothing."""

    code = "statement.name-missing"
    text = gettext_noop("Say who answers: the name stays with the statement.")


class SlipMissing(Refusal):
    """An answer on paper is proved by the paper."""

    code = "statement.slip-missing"
    text = gettext_noop("Attach the signed slip: without it nothing proves the answer.")


class DifferencesMissing(Refusal):
    """Nothing is said to differ, or not what."""

    code = "statement.differences-missing"
    text = gettext_noop(
        "Say for each difference which document it is about, and why it differs. At most {most} at once."
    )


class DifferenceResolved(Refusal):
    """It was resolved before."""

    code = "statement.difference-resolved"
    text = gettext_noop("The difference about {number} is resolved already. Load the page again.")


class ExplanationMissing(Refusal):
    """The customer must be able to follow it."""

    code = "statement.explanation-missing"
    text = gettext_noop("Say how the difference was resolved: the customer is shown it.")


class CreditNoteUnknown(Refusal):
    """It must be booked first."""

    code = "statement.credit-note-unknown"
    text = gettext_noop("{customer} has no credit note {number}. Book it first, then name it here.")


@dataclass(frozen=True, slots=True)
class Difference:
    """What the customer sees differently: a document, the amount in his books (None: it is not there), and why."""

    number: str
    theirs_minor: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with an answer."""

    content: bytes
    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answers, and by which way.

    Attributes:
        name: Of the person.
        link_id: The signed link that was used; None: on paper.
        actor: Who took it down; None: the customer himself, by link.
        attachment: The signed slip, or the customer's documents.
    """

    name: str
    link_id: int | None = None
    actor: User | None = None
    attachment: Attachment | None = None

    @property
    def via(self) -> str:
        """Return the way as it is stored."""
        return AccountStatement.Answer.SLIP if self.link_id is None else AccountStatement.Answer.LINK


@transaction.atomic
def confirm_statement(*, statement_id: int, by: Answerer, as_of: date, now: datetime) -> AccountStatement:
    """Write down that the customer confirmed a statement; the limitation period of its open items begins anew.

    Raises: StatementNotInState, NameMissing, SlipMissing, LinkUsed, LinkExpired, and those of `keep_file`.
    """
    statement, file = _answered(statement_id, by, now=now)
    statement.state = StatementState.CONFIRMED
    _save_answer(statement, by, now=now)
    evidence = f"{file.name} · SHA-256 {file.sha256}" if file else f"link:{by.link_id}"
    note(statement, now=now, actor=by.actor, said=by.name, file=file)
    record(
        "cash.statement-confirmed", now=now, actor=by.actor, entity_id=statement.entity_id,
        customer_id=statement.customer_id, subject=statement, number=statement.number, name=by.name.strip(),
        via=by.via, evidence=evidence, sha256=statement.pdf.sha256, closing_minor=statement.closing_minor,
        currency=statement.currency,
    )  # fmt: skip
    item_ids = [item["item_id"] for item in statement.data["open_items"]]
    note_interruption(
        customer_id=statement.customer_id, kind=LimitationEvent.Kind.STATEMENT_CONFIRMED, happened_on=as_of,
        evidence=f"statement:{statement.pk}", proof=evidence, item_ids=item_ids, who=by.name.strip(), actor=by.actor,
        now=now,
    )  # fmt: skip
    return statement


@transaction.atomic
def report_differences(
    *, statement_id: int, differences: Sequence[Difference], by: Answerer, now: datetime
) -> list[StatementDifference]:
    """Write down which lines the customer sees differently; said behind his link, his collector is given a task.

    Raises: StatementNotInState, NameMissing, SlipMissing, DifferencesMissing, LinkUsed, LinkExpired, and those of
        `keep_file`.
    """
    if not 0 < len(differences) <= DIFFERENCES_MAX or not all(
        each.number.strip() and each.reason.strip() for each in differences
    ):
        raise DifferencesMissing(most=DIFFERENCES_MAX)
    statement, file = _answered(statement_id, by, now=now)
    statement.state = StatementState.DIFFERS
    _save_answer(statement, by, now=now)
    ours = _ours(statement)
    made = [
        StatementDifference.objects.create(
            statement=statement, number=each.number.strip()[:80], ours_minor=ours.get(each.number.strip()),
            theirs_minor=each.theirs_minor, reason=each.reason.strip()[:500], file=file, raised_at=now,
        )
        for each in differences
    ]  # fmt: skip
    note(statement, now=now, actor=by.actor, said=by.name, file=file)
    record(
        "cash.statement-differs", now=now, actor=by.actor, entity_id=statement.entity_id,
        customer_id=statement.customer_id, subject=statement, number=statement.number, name=by.name.strip(), via=by.via,
        documents=[each.number for each in made],
    )  # fmt: skip
    if by.link_id is not None:
        ask_owner(
            key=f"{_task_keys(statement)}{by.link_id}", step_code=DIFFERS, customer=statement.customer,
            currency=statement.currency, amount_minor=abs(statement.closing_minor),
            note=" · ".join(f"{each.number}: {each.reason}" for each in made),
            as_of=today_of(statement.customer.entity, now), now=now,
        )  # fmt: skip
    return made


def _task_keys(statement: AccountStatement) -> str:
    """Return how the keys of the tasks about a statement begin; each answer ends one."""
    return f"task/{DIFFERS}/{statement.pk}/"


def _answered(statement_id: int, by: Answerer, *, now: datetime) -> tuple[AccountStatement, StoredFile | None]:
    """Lock the statement, use up the link, and keep what came with the answer."""
    if not by.name.strip():
        raise NameMissing
    statement = in_state(statement_id, ON_PAPER if by.link_id is None else ANSWERABLE)
    if by.link_id is not None:
        use_link(link_id=by.link_id, now=now)
    elif by.attachment is None:
        raise SlipMissing
    if by.attachment is None:
        return statement, None
    file = keep_file(
        content=by.attachment.content, name=by.attachment.name, media_type=by.attachment.media_type, kind="DOCUMENT",
        now=now, actor=by.actor, entity_id=statement.entity_id, customer_id=statement.customer_id, subject=statement,
        title=statement.number,
    )  # fmt: skip
    return statement, file


def _save_answer(statement: AccountStatement, by: Answerer, *, now: datetime) -> None:
    statement.answered_at, statement.answered_via, statement.answered_by = now, by.via, by.name.strip()[:120]
    statement.remind_on = None
    statement.save(update_fields=["state", "answered_at", "answered_via", "answered_by", "remind_on"])


def _ours(statement: AccountStatement) -> dict[str, int]:
    """Return what our books say about each document of a statement, as its amount is printed."""
    found = {line["number"]: abs(line["amount_minor"]) for line in statement.data["lines"]}
    return {item["number"]: item["open_minor"] for item in statement.data["open_items"]} | found


@transaction.atomic
def resolve_difference(
    *, difference_id: int, resolution: str, explanation: str, now: datetime, actor: User, credit_note_number: str = ""
) -> StatementDifference:
    """Resolve one difference; with the last of them the statement is settled and may be sent again to be confirmed.

    Args:
        difference_id: Which.
        resolution: StatementDifference.Resolution.
        explanation: In words, for the customer.
        now: The instant.
        actor: Who.
        credit_note_number: CREDIT_NOTE: the note that was booked for it.

    Raises: DifferenceResolved, ExplanationMissing, CreditNoteUnknown, StatementNotInState.
    """
    statement_id = StatementDifference.objects.values_list("statement_id", flat=True).get(pk=difference_id)
    statement = in_state(statement_id, (StatementState.DIFFERS,))
    difference = StatementDifference.objects.select_for_update().get(pk=difference_id)
    if difference.resolution:
        raise DifferenceResolved(number=difference.number)
    if not explanation.strip():
        raise ExplanationMissing
    chosen = StatementDifference.Resolution(resolution)
    if chosen is StatementDifference.Resolution.CREDIT_NOTE:
        difference.credit_note = _credit_note(statement, credit_note_number)
    difference.resolution, difference.explanation = chosen, explanation.strip()[:500]
    difference.resolved_at, difference.resolved_by = now, actor
    difference.save(update_fields=["resolution", "explanation", "credit_note", "resolved_at", "resolved_by"])
    if not statement.differences.filter(resolution="").exists():
        statement.state = StatementState.SETTLED
        statement.save(update_fields=["state"])
        call_off(_task_keys(statement), now=now)
    note(statement, now=now, actor=actor, said=difference.explanation, difference=difference)
    record(
        "cash.statement-difference-resolved", now=now, actor=actor, entity_id=statement.entity_id,
        customer_id=statement.customer_id, subject=difference, number=statement.number, document=difference.number,
        resolution=chosen.value, explanation=difference.explanation,
        credit_note=None if difference.credit_note is None else difference.credit_note.number,
    )  # fmt: skip
    return difference


def _credit_note(statement: AccountStatement, number: str) -> CreditNote:
    found = CreditNote.objects.filter(customer_id=statement.customer_id, number=number.strip()).first()
    if found is None:
        raise CreditNoteUnknown(customer=statement.customer.name, number=number.strip() or "—")
    return found
