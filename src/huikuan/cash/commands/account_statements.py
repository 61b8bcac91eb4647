"""Account statements (对账单): made for a period, kept as PDF and workbook, sent with a link, reminded of."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction

from huikuan.cash.models import AccountStatement, StatementChange
from huikuan.cash.models.account_statement import StatementState
from huikuan.cash.queries.account_statements import Stated, stated_accounts
from huikuan.cash.statement_page import LAYOUT, Earlier, StatementPage
from huikuan.documents.rendering import image_name, render_pdf
from huikuan.journal.commands import record
from huikuan.journal.files import keep_file, read_file
from huikuan.journal.models import StoredFile
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.numbers import NumberKind
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.commands.queue import enqueue
from huikuan.parties.commands.entities import take_numbers
from huikuan.parties.commands.links import revoke_link
from huikuan.parties.models import Customer, SignedLink, User

ANSWER_DAYS: Final = 10
"""So many days a customer has to answer; moved to the next working day."""
REMINDER_DAYS: Final = 7
"""Between the first reminder and the second."""
REMINDERS_MAX: Final = 2
KIND: Final = "statement"
REMINDER: Final = "statement_reminder"
SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class PeriodNotOver(Refusal):
    """What may still move is not stated."""

    code = "statement.period-not-over"
    text = gettext_noop("A statement ends on a day that is over: {ends_on} is not. Choose an earlier period.")


class PeriodBackwards(Refusal):
    """It ends before it begins."""

    code = "statement.period-backwards"
    text = gettext_noop("The period ends on {ends_on}, before it begins on {starts_on}.")


class StatementNotInState(Refusal):
    """The step does not fit where the statement stands."""

    code = "statement.not-in-state"
    text = gettext_noop("Statement {number} is “{state}”: this step is not possible any more. Load the page again.")


class ReasonMissing(Refusal):
    """Nobody could later say why."""

    code = "statement.reason-missing"
    text = gettext_noop("Say why the statement is withdrawn: the reason stays with it.")


def make_statements(
    *,
    entity_id: int,
    customer_ids: Collection[int],
    starts_on: date,
    ends_on: date,
    as_of: date,
    now: datetime,
    actor: User | None,
    currency: str = "",
) -> list[AccountStatement]:
    """Make the statements of customers for a period; those there are stay as they are, so twice is once.

    Each is a transaction of its own: what was made before a failure stays made, and the next call makes the rest.

    Args:
        entity_id: The creditor.
        customer_ids: Whose; a few hundred at a time keep the memory small.
        starts_on: First day.
        ends_on: Last day, included; before `as_of`.
        as_of: Today, on the creditor's calendar: the date of the statements.
        now: The instant.
        actor: Who makes them; None: the machine.
        currency: Only accounts in this currency; "": each.

    Returns: those that were made now. An account at zero without any entry gets none.

    Raises: PeriodNotOver, PeriodBackwards; StatementDoesNotAddUp when the ledger contradicts itself.
    """
    if ends_on >= as_of:
        raise PeriodNotOver(ends_on=ends_on)
    if ends_on < starts_on:
        raise PeriodBackwards(starts_on=starts_on, ends_on=ends_on)
    there = set(
        AccountStatement.objects.filter(customer_id__in=list(customer_ids), starts_on=starts_on, ends_on=ends_on)
        .exclude(state=StatementState.WITHDRAWN)
        .values_list("customer_id", "currency")
    )
    stated = stated_accounts(
        entity_id=entity_id, customer_ids=customer_ids, starts_on=starts_on, ends_on=ends_on, currency=currency
    )
    missing = [each for each in stated if (each.customer_id, each.currency) not in there]
    found = Customer.objects.select_related("entity__seal", "collector")
    customers = found.in_bulk([each.customer_id for each in missing])
    return [
        _make(each, customers[each.customer_id], starts_on, ends_on, as_of=as_of, actor=actor, now=now)
        for each in missing
    ]


@transaction.atomic
def _make(
    stated: Stated, customer: Customer, starts_on: date, ends_on: date, *, as_of: date, actor: User | None,
    now: datetime,
) -> AccountStatement:  # fmt: skip
    """Number a statement, draw it, keep its files and freeze what it says. One journal entry."""
    number = take_numbers(entity=customer.entity, kind=NumberKind.STATEMENT, year=ends_on.year)[0]
    seal, images = _seal(customer.entity.seal)
    earlier = _earlier(stated, starts_on)
    page = StatementPage(
        stated, number=number, customer=customer, starts_on=starts_on, ends_on=ends_on, dated=as_of,
        answer_by=answer_day(customer, as_of), earlier=earlier, seal=seal,
    )  # fmt: skip
    kept: dict[str, Any] = {"now": now, "actor": actor, "entity_id": customer.entity_id, "customer_id": customer.pk}
    pdf = keep_file(
        content=render_pdf(layout=LAYOUT, data=page.data(), language=page.language, images=images),
        name=f"{number}.pdf", media_type="application/pdf", kind="DOCUMENT", title=number, **kept,
    )  # fmt: skip
    xlsx = keep_file(
        content=page.workbook(), name=f"{number}.xlsx", media_type=SHEET, kind="DOCUMENT", title=number, **kept
    )
    statement = AccountStatement.objects.create(
        entity_id=customer.entity_id, customer=customer, number=number, currency=stated.currency, starts_on=starts_on,
        ends_on=ends_on, **stated.sums, penalty_minor=stated.penalty_minor, language=page.language,
        data=_frozen(stated, earlier), pdf=pdf, xlsx=xlsx, made_at=now, made_by=actor,
    )  # fmt: skip
    note(statement, now=now, actor=actor)
    record(
        "cash.statement-made", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=statement, number=number, currency=stated.currency, starts_on=starts_on, ends_on=ends_on,
        closing_minor=statement.closing_minor, sha256=pdf.sha256,
    )  # fmt: skip
    return statement


def _earlier(stated: Stated, starts_on: date) -> Earlier | None:
    """Return the statement that ended on the day before, when its closing balance is not the opening one any more."""
    before = (
        AccountStatement.objects.filter(
            customer_id=stated.customer_id, currency=stated.currency, ends_on=starts_on - timedelta(days=1)
        )
        .exclude(state=StatementState.WITHDRAWN)
        .order_by("-pk")
        .first()
    )
    if before is None or before.closing_minor == stated.sums["opening_minor"]:
        return None
    return Earlier(before.number, stated.sums["opening_minor"] - before.closing_minor)


def _seal(seal: StoredFile | None) -> tuple[str, dict[str, bytes]]:
    """Return the name under which a layout knows the seal, and its bytes; nothing for none. Raises FileDamaged."""
    if seal is None:
        return "", {}
    content = read_file(seal)
    return image_name(content), {image_name(content): content}


def _frozen(stated: Stated, earlier: Earlier | None) -> dict[str, Any]:
    """Return what JSON keeps: days as ISO text."""

    def plain(row: dict[str, Any]) -> dict[str, Any]:
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}

    return {
        "lines": [plain(line) for line in stated.lines],
        "open_items": [plain(item) for item in stated.open_items],
        "on_account_minor": stated.on_account_minor,
        "waived_minor": stated.waived_minor,
        "earlier": None if earlier is None else {"number": earlier.number, "amount_minor": earlier.amount_minor},
    }


def answer_day(customer: Customer, day: date) -> date:
    """Return by when an answer to a statement of this day is asked for."""
    return WorkingCalendar(customer.country).on_or_after(day + timedelta(days=ANSWER_DAYS))


@transaction.atomic
def send_statement(*, statement_id: int, as_of: date, now: datetime, actor: User | None) -> AccountStatement:
    """Put a statement into the outbox, with a link to answer it; once its differences are resolved, again.

    Raises: StatementNotInState.
    """
    statement = in_state(statement_id, (StatementState.MADE, StatementState.SETTLED))
    for link in links_of(statement):
        revoke_link(link_id=link.pk, actor=actor, now=now)
    statement.sent_count += 1
    statement.state, statement.sent_at = StatementState.SENT, now
    statement.answer_by = answer_day(statement.customer, as_of)
    statement.remind_on = statement.answer_by + timedelta(days=1)
    statement.reminder_count = 0
    statement.save(update_fields=["sent_count", "state", "sent_at", "answer_by", "remind_on", "reminder_count"])
    _queue(statement, KIND, f"{statement.sent_count}", as_of=as_of, now=now, actor=actor)
    note(statement, now=now, actor=actor)
    _record("cash.statement-sent", statement, now=now, actor=actor, answer_by=statement.answer_by)
    return statement


@transaction.atomic
def remind_statement(*, statement_id: int, as_of: date, now: datetime) -> AccountStatement | None:
    """Remind of a statement whose day to answer has passed; None when no reminder is due any more."""
    statement = AccountStatement.objects.select_for_update(of=("self",)).get(pk=statement_id)
    if statement.state != StatementState.SENT or statement.remind_on is None or statement.remind_on > as_of:
        return None
    statement.reminder_count += 1
    is_last = statement.reminder_count >= REMINDERS_MAX
    statement.remind_on = None if is_last else as_of + timedelta(days=REMINDER_DAYS)
    statement.save(update_fields=["reminder_count", "remind_on"])
    part = f"{statement.sent_count}.{statement.reminder_count}"
    _queue(statement, REMINDER, part, as_of=as_of, now=now, actor=None)
    note(statement, now=now, actor=None, said=REMINDER)
    _record("cash.statement-reminded", statement, now=now, actor=None, reminder_count=statement.reminder_count)
    return statement


def _queue(
    statement: AccountStatement, template: str, part: str, *, as_of: date, now: datetime, actor: User | None
) -> None:
    enqueue(
        key=f"{template}/{statement.pk}/{part}", customer_id=statement.customer_id, template=template,
        about=about(statement), currency=statement.currency, as_of=as_of, not_before=now, now=now, actor=actor,
    )  # fmt: skip


@transaction.atomic
def withdraw_statement(*, statement_id: int, reason: str, now: datetime, actor: User) -> AccountStatement:
    """Take back a statement that nobody has confirmed: its link ends, and another may be made for the period.

    Raises: ReasonMissing, StatementNotInState.
    """
    if not reason.strip():
        raise ReasonMissing
    open_states = set(StatementState) - {StatementState.CONFIRMED, StatementState.WITHDRAWN}
    statement = in_state(statement_id, open_states)
    for link in links_of(statement):
        revoke_link(link_id=link.pk, actor=actor, now=now)
    statement.state, statement.remind_on = StatementState.WITHDRAWN, None
    statement.save(update_fields=["state", "remind_on"])
    note(statement, now=now, actor=actor, said=reason.strip())
    _record("cash.statement-withdrawn", statement, now=now, actor=actor, reason=reason.strip()[:500])
    return statement


def about(statement: AccountStatement) -> str:
    """Return how messages and links name a statement: “statement:12”."""
    return f"statement:{statement.pk}"


def links_of(statement: AccountStatement) -> list[SignedLink]:
    """Return the links of a statement that are not taken back."""
    purpose = SignedLink.Purpose.STATEMENT
    return list(SignedLink.objects.filter(purpose=purpose, about=about(statement), revoked_at=None))


def in_state(statement_id: int, states: Collection[StatementState]) -> AccountStatement:
    """Lock a statement. Raises StatementNotInState."""
    locked = AccountStatement.objects.select_for_update(of=("self",)).select_related("customer__entity")
    statement = locked.get(pk=statement_id)
    if statement.state not in states:
        raise StatementNotInState(number=statement.number, state=statement.get_state_display())
    return statement


def note(
    statement: AccountStatement, *, now: datetime, actor: User | None, said: str = "", **links: Any
) -> StatementChange:
    """Keep one step of a statement's history."""
    return StatementChange.objects.create(
        statement=statement, state=statement.state, at=now, actor=actor, said=said[:500], **links
    )


def _record(event: str, statement: AccountStatement, *, now: datetime, actor: User | None, **facts: object) -> None:
    record(
        event, now=now, actor=actor, entity_id=statement.entity_id, customer_id=statement.customer_id,
        subject=statement, number=statement.number, **facts,
    )  # fmt: skip
