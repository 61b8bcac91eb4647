"""`huikuan import`: a file of customers, contacts, contracts, items or receipts into the ledger."""

import csv
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import click
import yaml
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from huikuan.adapters.tables.files import open_table
from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import MAIN, ensure_home
from huikuan.cli.lookup import entity_by_code
from huikuan.exchange.commands.importing import ImportOptions, OnError, import_table
from huikuan.exchange.commands.mappings import save_mapping, saved_mapping
from huikuan.exchange.commands.outcome import Outcome, problem_as_json, told
from huikuan.exchange.rules.lists import ListKind
from huikuan.exchange.rules.mapping import DATE_ORDERS, DELIMITERS, FileMapping, MappingUnreadable, parse_mapping
from huikuan.exchange.rules.reading import Problem
from huikuan.kernel.days import DayOrder
from huikuan.kernel.guarding import guarded

_SHOWN: Final = 20
"""Errors printed on a terminal; the others are counted."""
_DELIMITERS: Final = ("comma", "semicolon", "tab")


@click.command("import")
@click.argument("kind", type=click.Choice([each.value for each in ListKind]))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--entity", "entity_code", default=MAIN, metavar="CODE", help=_("Creditor to whom the rows belong."))
@click.option("--dry-run", is_flag=True, help=_("Judge every row and write nothing."))
@click.option(
    "--on-error",
    type=click.Choice([each.value for each in OnError]),
    default=OnError.KEEP.value,
    help=_("keep: write the good rows. refuse: write nothing when one row is bad."),
)
@click.option(
    "--date-order", type=click.Choice(list(DATE_ORDERS)), help=_("Order of year, month and day; iso if not given.")
)
@click.option("--encoding", metavar="NAME", help=_("Encoding of a text file; found out when not given."))
@click.option("--delimiter", type=click.Choice(_DELIMITERS), help=_("Of a text file; found out when not given."))
@click.option("--sheet", metavar="NAME", help=_("Sheet of a workbook; the first with the columns when not given."))
@click.option("--mapping", "mapping_name", metavar="NAME|FILE", help=_("Saved mapping, or a YAML or JSON file of one."))
@click.option("--save-mapping", "save_as", metavar="NAME", help=_("Keep the mapping under this name."))
@click.option("--allocate", is_flag=True, help=_("Let money on account pay items by the order of the contract or law."))
@click.option("--create-users", is_flag=True, help=_("Add collectors that are unknown, without a password."))
@click.option("--errors", "errors_path", type=click.Path(path_type=Path), help=_("Write every error to this CSV file."))
@click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
@refusals_shown
def import_(
    *, kind: str, file: Path, entity_code: str, dry_run: bool, on_error: str, date_order: str | None,
    encoding: str | None, delimiter: str | None, sheet: str | None, mapping_name: str | None, save_as: str | None,
    allocate: bool, create_users: bool, errors_path: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Import FILE (CSV or XLSX) of KIND. The same file twice changes nothing."""
    ensure_home()
    entity = entity_by_code(entity_code)
    list_kind, now = ListKind(kind), timezone.now()
    found = _mapping(list_kind, mapping_name)
    mapping = FileMapping(
        columns=found.columns,
        date_order=DATE_ORDERS[date_order] if date_order else found.date_order,
        encoding=encoding or found.encoding,
        delimiter=DELIMITERS[delimiter] if delimiter else found.delimiter,
        sheet=sheet or found.sheet,
    )
    table = open_table(file, encoding=mapping.encoding, delimiter=mapping.delimiter, sheet=mapping.sheet)
    with ExitStack() as open_things:
        options = ImportOptions(
            dry_run=dry_run,
            on_error=OnError(on_error),
            order=mapping.date_order or DayOrder.YMD,
            mapping=mapping.columns,
            allocate=allocate,
            create_users=create_users,
            on_problem=open_things.enter_context(_error_file(errors_path)),
            progress=open_things.enter_context(_progress_bar(file.name)),
        )
        outcome = import_table(table=table, kind=list_kind, entity=entity, now=now, options=options)
    if save_as and not dry_run:
        save_mapping(kind=list_kind, name=save_as, mapping=mapping, actor=None, now=now)
    if as_json:
        click.echo(json.dumps(outcome.as_json(gettext), ensure_ascii=False))
    else:
        _show(outcome)
    if outcome.is_refused_whole:
        sys.exit(1)


def _mapping(kind: ListKind, name: str | None) -> FileMapping:
    """Return the mapping of a file, else the saved one of that name. Raises MappingUnreadable, MappingNotFound."""
    if name is None:
        return FileMapping()
    path = Path(name)
    if not path.is_file():
        return saved_mapping(kind, name)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise MappingUnreadable(reason=" ".join(str(error).split())) from None
    return parse_mapping(kind, content)


@contextmanager
def _error_file(path: Path | None) -> Iterator[Callable[[Problem], None] | None]:
    """Write each error to a CSV file as it is found; the same columns as in the JSON answer."""
    if path is None:
        yield None
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        names = ("row", "field", "value", "code", "message", "remedy")
        writer.writerow(names)

        def write(problem: Problem) -> None:
            said = problem_as_json(problem, gettext)
            writer.writerow([guarded(str(said[name])) for name in names])

        yield write


@contextmanager
def _progress_bar(name: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show how far it is, on a terminal only."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(name)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _show(outcome: Outcome) -> None:
    """Print the counts, then what was wrong and what to do about it."""
    if outcome.is_refused_whole:
        click.echo(_("Nothing was imported, because some rows are bad."))
    elif outcome.dry_run:
        click.echo(_("Dry run: nothing was written."))
    counts = {
        _("Rows"): outcome.rows,
        _("New"): outcome.created,
        _("Changed"): outcome.updated,
        _("Unchanged"): outcome.unchanged,
        _("Refused"): outcome.refused,
    }
    click.echo("  ".join(f"{name}: {count:,}" for name, count in counts.items()))
    if outcome.allocated:
        made = ngettext("{count} payment was allocated.", "{count} payments were allocated.", outcome.allocated)
        click.echo(made.format(count=f"{outcome.allocated:,}"))
    for title, problems, count in (
        (_("Warnings"), outcome.warnings, outcome.warning_count),
        (_("Errors"), outcome.errors, outcome.error_count),
    ):
        if count:
            click.echo(f"{title}: {count:,}", err=True)
            for problem in problems[:_SHOWN]:
                click.echo("  " + _line(problem), err=True)
            if count > _SHOWN:
                click.echo("  …", err=True)


def _line(problem: Problem) -> str:
    place = _("Row {row}").format(row=problem.row)
    if problem.field:
        place += f", {problem.field}"
    return f"{place}: {' '.join(filter(None, told(problem, gettext)))}"
