"""Import a file: look it over whole, then judge and write it batch by batch, each batch one transaction.

A batch that was committed is found again as unchanged, so an import that was killed is simply run again. Two imports
into one entity take turns batch by batch.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

import polars as pl
from django.db import transaction

from huikuan.exchange.commands.contacts import ContactImporter
from huikuan.exchange.commands.context import Importer, Importing, Judged, Written
from huikuan.exchange.commands.contracts import ContractImporter
from huikuan.exchange.commands.customers import CustomerImporter
from huikuan.exchange.commands.items import ItemImporter
from huikuan.exchange.commands.outcome import Outcome
from huikuan.exchange.commands.receipts import ReceiptImporter
from huikuan.exchange.commands.survey import survey
from huikuan.exchange.ports import Batch, Table
from huikuan.exchange.rules.column import Defaults
from huikuan.exchange.rules.layout import Layout, folded
from huikuan.exchange.rules.lists import DERIVED, LISTS, ListKind
from huikuan.exchange.rules.reading import Problem, ReadBatch, read_batch
from huikuan.journal.commands import record
from huikuan.kernel.days import DayOrder
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Entity, User
from huikuan.storage import locks

_IMPORTERS: Final[dict[ListKind, Importer]] = {
    ListKind.CUSTOMERS: CustomerImporter(),
    ListKind.CONTACTS: ContactImporter(),
    ListKind.CONTRACTS: ContractImporter(),
    ListKind.ITEMS: ItemImporter(),
    ListKind.RECEIPTS: ReceiptImporter(),
}


class OnError(StrEnum):
    """What becomes of the good rows when some are bad."""

    KEEP = "keep"
    REFUSE = "refuse"


class ColumnIgnored(Refusal):
    """A heading that means nothing here."""

    code = "import.column-ignored"
    text = gettext_noop("The columns {headings} were ignored. Nothing here is called so.")


class EntityDiffers(Refusal):
    """The row belongs elsewhere."""

    code = "import.entity-differs"
    text = gettext_noop("The row belongs to {code}, and the import is for {entity}. Import the rows of each by itself.")


class ColumnDoubled(Refusal):
    """Two headings that mean the same."""

    code = "import.column-doubled"
    text = gettext_noop(
        "Several headings could be {field}: {headings}. The first was taken; say otherwise with a mapping."
    )


@dataclass(frozen=True)
class ImportOptions:
    """How to import.

    `mapping` names columns: field → heading or position from 1. `on_problem` sees every error as it is found.
    `progress` is told how many rows of how many are done.
    """

    dry_run: bool = False
    on_error: OnError = OnError.KEEP
    order: DayOrder = DayOrder.YMD
    allocate: bool = False
    create_users: bool = False
    mapping: Mapping[str, str | int] = field(default_factory=dict)
    on_problem: Callable[[Problem], None] | None = None
    progress: Callable[[int, int], None] | None = None


def import_table(
    *,
    table: Table,
    kind: ListKind,
    entity: Entity,
    now: datetime,
    actor: User | None = None,
    options: ImportOptions | None = None,
) -> Outcome:
    """Import the rows of a table and say what came of each.

    Args:
        table: An opened file.
        kind: What it holds.
        entity: Creditor to whom everything in it belongs.
        now: Instant of booking (UTC).
        actor: Who imports; None for the machine.
        options: How.

    Raises: Refusal when the file as a whole cannot be read; then nothing was written.
    """
    options = options or ImportOptions()
    seen = survey(table, kind, options.mapping)
    importing = Importing(
        entity=entity,
        kind=kind,
        actor=actor,
        now=now,
        defaults=Defaults(options.order, entity.country, entity.currency),
        survey=seen,
        allocate=options.allocate,
        create_users=options.create_users,
        dry_run=options.dry_run,
    )
    outcome = Outcome(kind=kind.value, entity=entity.code, file=table.name, dry_run=options.dry_run)
    _tell_of_columns(outcome, seen.layout)
    if options.on_error is OnError.REFUSE and not options.dry_run:
        trial = Outcome(kind=kind.value, entity=entity.code, file=table.name, dry_run=True)
        _tell_of_columns(trial, seen.layout)
        _run(table, importing, trial, options, write=False)
        if trial.error_count:
            trial.dry_run = False
            trial.is_refused_whole = True
            trial.created = trial.updated = trial.allocated = 0
            trial.refused = trial.rows - trial.unchanged
            return trial
    _run(table, importing, outcome, options, write=not options.dry_run)
    if not options.dry_run:
        _record(table, importing, outcome)
    return outcome


def _run(table: Table, importing: Importing, outcome: Outcome, options: ImportOptions, *, write: bool) -> None:
    """Judge, and write, batch by batch."""
    for batch in table.batches(after=importing.survey.layout.header_rows):
        if write:
            with transaction.atomic():
                locks.hold(f"import:{importing.entity.pk}:{importing.kind}")
                read, judged, written = _batch(batch, importing, is_text=table.is_text, write=True)
        else:
            read, judged, written = _batch(batch, importing, is_text=table.is_text, write=False)
        _tally(outcome, read, judged, written, options)
        if options.progress:
            options.progress(outcome.rows, importing.survey.row_count)


def _batch(batch: Batch, importing: Importing, *, is_text: bool, write: bool) -> tuple[ReadBatch, Judged, Written]:
    read = read_batch(importing.kind, batch, importing.survey.layout, importing.defaults, is_text=is_text)
    read.refuse(importing.survey.problems(batch, LISTS[importing.kind].key))
    read.refuse(_of_other_entities(read, importing.entity))
    importer = _IMPORTERS[importing.kind]
    judged = importer.judge(read, importing)
    return read, judged, importer.write(judged, importing) if write else Written()


def _of_other_entities(read: ReadBatch, entity: Entity) -> list[Problem]:
    """Return the rows that say they belong to another entity."""
    others = read.frame.filter(pl.col("entity").str.to_uppercase() != entity.code.upper())
    return [
        Problem(row, "entity", code, EntityDiffers(code=code, entity=entity.code))
        for row, code in others.select("row", "entity").iter_rows()
    ]


def _tally(outcome: Outcome, read: ReadBatch, judged: Judged, written: Written, options: ImportOptions) -> None:
    counts = dict(judged.rows["fate"].value_counts().iter_rows()) if judged.rows.height else {}
    outcome.rows += read.frame.height
    outcome.created += counts.get("create", 0)
    outcome.updated += counts.get("update", 0)
    outcome.unchanged += counts.get("unchanged", 0)
    outcome.refused += int((~read.frame["is_good"]).sum())
    outcome.allocated += written.allocated
    for problem in sorted(read.problems, key=lambda each: each.row):
        outcome.add_error(problem)
        if options.on_problem:
            options.on_problem(problem)
    for problem in sorted([*judged.warnings, *written.warnings], key=lambda each: each.row):
        outcome.add_warning(problem)


def _tell_of_columns(outcome: Outcome, layout: Layout) -> None:
    """Warn of headings that were not used, and of those that were chosen from several."""
    row = layout.header_rows
    ignored = [heading for heading in layout.ignored if folded(heading) not in DERIVED]
    if ignored:
        headings = ", ".join(ignored)
        outcome.add_warning(Problem(row, "", "", ColumnIgnored(headings=headings)))
    for name, headings_of in layout.doubled.items():
        outcome.add_warning(Problem(row, name, "", ColumnDoubled(field=name, headings=", ".join(headings_of))))


def _record(table: Table, importing: Importing, outcome: Outcome) -> None:
    record(
        "exchange.file-imported",
        now=importing.now,
        actor=importing.actor,
        entity_id=importing.entity.pk,
        kind=outcome.kind,
        file=table.name,
        sha256=table.digest,
        rows=outcome.rows,
        created=outcome.created,
        updated=outcome.updated,
        unchanged=outcome.unchanged,
        refused=outcome.refused,
        allocated=outcome.allocated,
    )
