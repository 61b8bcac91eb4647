"""`huikuan export`: any list as a CSV file or a workbook."""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import ensure_home
from huikuan.cli.lookup import entity_by_code
from huikuan.exchange.commands.exporting import FileFormat, export_list
from huikuan.exchange.queries.lists import SOURCES
from huikuan.kernel.days import parse_day


@click.command()
@click.argument("name", metavar="LIST", type=click.Choice(list(SOURCES)))
@click.option("--entity", "entity_code", metavar="CODE", help=_("Only this creditor; all of them when not given."))
@click.option("--as-of", "as_of_text", metavar="DATE", help=_("What was there on that day; all when not given."))
@click.option(
    "--format", "form", type=click.Choice([each.value for each in FileFormat]),
    help=_("Format; by the name of the file when not given, else csv."),
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help=_("Write to this file instead of standard output."))
@refusals_shown
def export(*, name: str, entity_code: str | None, as_of_text: str | None, form: str | None, out: Path | None) -> None:
    """Write a LIST: customers, contacts, contracts, items, receipts and what was done about them."""
    ensure_home()
    suffix = out.suffix.lower().lstrip(".") if out else ""
    chosen = FileFormat(form or (suffix if suffix in set(FileFormat) else FileFormat.CSV))
    if chosen is FileFormat.XLSX and out is None and sys.stdout.isatty():
        raise click.UsageError(_("A workbook cannot be shown on a terminal. Give --out FILE."))
    pieces = export_list(
        name=name,
        file_format=chosen,
        as_of=parse_day(as_of_text) if as_of_text else None,
        entity_ids=[entity_by_code(entity_code).pk] if entity_code else None,
    )
    write_pieces(pieces, out)


def write_pieces(pieces: Iterator[bytes], out: Path | None) -> None:
    """Write a file to its place, complete or not at all; to standard output as it comes."""
    if out is None:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    unfinished = out.with_name(f".{out.name}.{datetime.now(tz=timezone.get_default_timezone()):%H%M%S%f}")
    try:
        with unfinished.open("wb") as file:
            file.writelines(pieces)
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
