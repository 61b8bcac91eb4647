"""Importing bank statements: judged whole, then booked in one transaction; the same money never twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import transaction
from django.db.models import Q

from huikuan.cash.commands.gateway_lines import recognize_lines
from huikuan.cash.models import BankAccount, StatementFile, StatementLine
from huikuan.cash.ports import StatementSource
from huikuan.cash.queries.accounts import account_of
from huikuan.cash.queries.known import KnownLine, KnownLines
from huikuan.cash.rules.judging import Judged, Judgment, judge, with_accounts
from huikuan.cash.rules.statement import BankLine
from huikuan.journal.commands import record
from huikuan.journal.files import keep_file
from huikuan.journal.rules.media import FileKind
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Entity, User

_NAME, _ACCOUNT, _REFERENCE, _KIND = 200, 60, 80, 60
"""Characters that the columns hold; the identity of a line is taken from the whole text."""
SHOWN: Final = 50
"""Lines that a preview shows."""


class StatementMatched(Refusal):
    """Money of it was already booked."""

    code = "bank.statement-matched"
    text = gettext_noop(
        "{count} lines of “{name}” are already matched with receipts. Take those receipts back first, then withdraw."
    )


class StatementRepeatedLater(Refusal):
    """A later file counts on the lines of this one."""

    code = "bank.statement-repeated-later"
    text = gettext_noop("“{later}” repeats lines of “{name}” and did not book them again. Withdraw “{later}” first.")


class StatementWithdrawn(Refusal):
    """Done already."""

    code = "bank.statement-withdrawn"
    text = gettext_noop("“{name}” was already withdrawn.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a file brings, or would bring, to one account."""

    account: BankAccount
    judged: Judged
    booked_count: int
    repeated_count: int
    file: StatementFile | None
    """The file as booked; None in a preview, and when this very file was imported before (`earlier`)."""
    earlier: StatementFile | None
    shown: tuple[KnownLine, ...]
    """The first lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A whole file, read and judged; booked unless it was a preview."""

    source: StatementSource
    judgment: Judgment
    accounts: tuple[Brought, ...]
    recognized_count: int = 0
    """Lines that a gateway told of before; they are set aside."""

    @property
    def booked_count(self) -> int:
        """Return how many lines are new."""
        return sum(each.booked_count for each in self.accounts)


def preview_statement(*, entity_id: int, source: StatementSource, chosen: BankAccount | None = None) -> Imported:
    """Say what an import would book, and write nothing. Raises what `import_statement` raises."""
    entity = Entity.objects.get(pk=entity_id)
    judgment = judge(source.parts(), name=source.name)
    accounts = tuple(
        _previewed(source, judged, account_of(judged, entity=entity, chosen=chosen, name=source.name))
        for judged in judgment.accounts
    )
    return Imported(source=source, judgment=judgment, accounts=accounts)


def _previewed(source: StatementSource, judged: Judged, account: BankAccount) -> Brought:
    earlier = _same_file(account, source)
    booked = 0
    shown: list[KnownLine] = []
    for batch in KnownLines(account.pk, source.format).compare(_lines_of(source, judged)):
        booked += sum(each.is_new for each in batch)
        shown += batch[: SHOWN - len(shown)]
    return Brought(
        account=account, judged=judged, booked_count=booked, repeated_count=judged.line_count - booked, file=None,
        earlier=earlier, shown=tuple(shown),
    )  # fmt: skip


@transaction.atomic
def import_statement(
    *,
    entity_id: int,
    source: StatementSource,
    path: Path,
    actor: User | None,
    now: datetime,
    chosen: BankAccount | None = None,
) -> Imported:
    """Book the lines of a bank's file that are new; a line that any earlier file brought is counted and left.

    Args:
        entity_id: Whose statement it is.
        source: The file, recognized (`ports.open_statement`).
        path: Where its bytes are: they are kept as evidence.
        actor: Who imports; None for the machine.
        now: The instant.
        chosen: The account, where the file does not name it.

    Raises: the refusals of the reader, of `rules.judging` and of `queries.accounts`: then nothing is written.
    """
    entity = Entity.objects.get(pk=entity_id)
    judgment = judge(source.parts(), name=source.name)
    brought = []
    for judged in judgment.accounts:
        account = account_of(judged, entity=entity, chosen=chosen, name=source.name)
        BankAccount.objects.select_for_update().get(pk=account.pk)  # one import of an account at a time
        brought.append(_booked(source, judged, account, judgment, actor=actor, now=now))
    files = [each.file for each in brought if each.file is not None]
    known = recognize_lines(StatementLine.objects.filter(file__in=files), entity_id=entity.pk, now=now)
    for file in files[:1]:
        keep_file(
            content=path.read_bytes(), name=source.name, media_type="text/plain", kind=FileKind.STATEMENT, now=now,
            actor=actor, entity_id=entity.pk, subject=file,
        )  # fmt: skip
    if files:
        record(
            "cash.statement-imported", now=now, actor=actor, entity_id=entity.pk, subject=files[0], name=source.name,
            format=source.format, sha256=source.sha256, accounts=[_as_facts(file) for file in files],
        )  # fmt: skip
    return Imported(source=source, judgment=judgment, accounts=tuple(brought), recognized_count=known)


def _as_facts(file: StatementFile) -> dict[str, object]:
    return {
        "account": file.account.number,
        "currency": file.account.currency,
        "booked": file.booked_count,
        "repeated": file.repeated_count,
        "opening_minor": file.opening_minor,
        "closing_minor": file.closing_minor,
    }


def _same_file(account: BankAccount, source: StatementSource) -> StatementFile | None:
    return StatementFile.objects.filter(account=account, sha256=source.sha256, withdrawn_at=None).first()


def _lines_of(source: StatementSource, judged: Judged) -> Iterator[BankLine]:
    wanted = (judged.account, judged.currency)
    return (line for key, line in with_accounts(source.parts()) if key == wanted)


def _booked(
    source: StatementSource, judged: Judged, account: BankAccount, judgment: Judgment, *, actor: User | None,
    now: datetime,
) -> Brought:  # fmt: skip
    earlier = _same_file(account, source)
    if earlier is not None:
        return Brought(
            account=account, judged=judged, booked_count=0, repeated_count=judged.line_count, file=None,
            earlier=earlier, shown=(),
        )  # fmt: skip
    file = StatementFile.objects.create(
        entity=account.entity, account=account, sha256=source.sha256, name=source.name[-_NAME:], format=source.format,
        period_starts_on=judged.starts_on, period_ends_on=judged.ends_on, opening_minor=judged.opening_minor,
        closing_minor=judged.closing_minor, line_count=judged.line_count, booked_count=0,
        repeated_count=judged.line_count, credit_minor=judged.credit_minor, debit_minor=judged.debit_minor,
        notes=[remark._asdict() for remark in judgment.remarks], imported_at=now, imported_by=actor,
    )  # fmt: skip
    shown: list[KnownLine] = []
    for batch in KnownLines(account.pk, source.format).compare(_lines_of(source, judged)):
        new = [each for each in batch if each.is_new]
        StatementLine.objects.bulk_create([_row(each, file) for each in new])
        file.booked_count += len(new)
        shown += batch[: SHOWN - len(shown)]
    file.repeated_count = judged.line_count - file.booked_count
    file.save(update_fields=["booked_count", "repeated_count"])
    return Brought(
        account=account, judged=judged, booked_count=file.booked_count, repeated_count=file.repeated_count, file=file,
        earlier=None, shown=tuple(shown),
    )  # fmt: skip


def _row(known: KnownLine, file: StatementFile) -> StatementLine:
    line = known.line
    return StatementLine(
        file=file, account_id=file.account_id, row=line.row, booked_on=line.booked_on, value_on=line.value_on,
        currency=line.currency, amount_minor=line.amount_minor, charges_minor=line.charges_minor,
        balance_minor=line.balance_minor, counterparty_name=line.counterparty_name[:_NAME],
        counterparty_account=line.counterparty_account[:_ACCOUNT], remittance=line.remittance,
        bank_reference=line.bank_reference[:_REFERENCE], end_to_end_id=line.end_to_end_id[:_REFERENCE],
        kind=line.kind[:_KIND], is_reversal=line.is_reversal, occurrence=known.occurrence, key=known.key,
    )  # fmt: skip


@transaction.atomic
def withdraw_statement(*, file_id: int, actor: User | None, now: datetime) -> StatementFile:
    """Undo an import: its lines go, the file and what it said stay on record. It can be imported again.

    Raises: StatementWithdrawn, StatementMatched, StatementRepeatedLater.
    """
    file = StatementFile.objects.select_related("account", "entity").get(pk=file_id)
    BankAccount.objects.select_for_update().get(pk=file.account_id)
    file.refresh_from_db()
    if file.withdrawn_at is not None:
        raise StatementWithdrawn(name=file.name)
    matched = file.lines.filter(Q(receipt__isnull=False) | Q(set_asides__why="BILL", set_asides__ended_at=None)).count()
    if matched:
        raise StatementMatched(count=matched, name=file.name)
    later = (
        StatementFile.objects.filter(
            account_id=file.account_id, withdrawn_at=None, repeated_count__gt=0, pk__gt=file.pk,
            period_starts_on__lte=file.period_ends_on, period_ends_on__gte=file.period_starts_on,
        ).order_by("-pk").first()
        if file.booked_count and file.period_starts_on is not None and file.period_ends_on is not None
        else None
    )  # fmt: skip
    if later is not None:
        raise StatementRepeatedLater(later=later.name, name=file.name)
    removed, _ = file.lines.all().delete()
    file.withdrawn_at, file.withdrawn_by = now, actor
    file.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record(
        "cash.statement-withdrawn", now=now, actor=actor, entity_id=file.entity_id, subject=file, name=file.name,
        sha256=file.sha256, lines=file.booked_count, rows=removed,
    )  # fmt: skip
    return file
