"""`huikuan aging`: what was open on a day, by how late it was."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Final

import click
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from rich.console import Console
from rich.table import Table

from huikuan.cli.answers import refusals_shown
from huikuan.cli.exporting import write_pieces
from huikuan.cli.home import ensure_home
from huikuan.cli.lookup import entity_by_code
from huikuan.exchange.commands.exporting import FileFormat, export_rows
from huikuan.exchange.ports import Column
from huikuan.exchange.queries.aging import BUCKETS, AgingReport, AgingRow, BucketsUnusable, By, aging_report
from huikuan.kernel.days import parse_day
from huikuan.kernel.money import format_decimal

_FORMATS: Final = ("table", "json", "csv", "xlsx")
_NOTHING: Final = "–"
_FRAME: Final = 3
_CURRENCY_WIDTH: Final = 8
_WIDTH_IN_A_FILE: Final = 240


@click.command()
@click.option("--as-of", "as_of_text", metavar="DATE", help=_("The day, like 2026-01-31; today when not given."))
@click.option("--entity", "entity_code", metavar="CODE", help=_("Only this creditor; all of them when not given."))
@click.option(
    "--by", type=click.Choice([each.value for each in By]), default=By.CUSTOMER.value, help=_("What a row stands for.")
)
@click.option(
    "--buckets", default=",".join(map(str, BUCKETS)), show_default=True, help=_("Last days of the buckets, ascending.")
)
@click.option("--format", "form", type=click.Choice(_FORMATS), default="table", help=_("How to write the report."))
@click.option("--json", "as_json", is_flag=True, help=_("The same as --format json."))
@click.option("--out", type=click.Path(path_type=Path), help=_("Write to this file instead of standard output."))
@refusals_shown
def aging(
    *, as_of_text: str | None, entity_code: str | None, by: str, buckets: str, form: str, as_json: bool,
    out: Path | None,
) -> None:  # fmt: skip
    """Show what was open on a day, spread over how long it was overdue."""
    ensure_home()
    report = aging_report(
        as_of=parse_day(as_of_text) if as_of_text else timezone.localdate(),
        by=by,
        buckets=_edges(buckets),
        entity_ids=[entity_by_code(entity_code).pk] if entity_code else None,
        with_penalty=True,
    )
    form = "json" if as_json else form
    if form == "json":
        write_pieces(iter([(json.dumps(report.as_json(), ensure_ascii=False) + "\n").encode()]), out)
    elif form == "table":
        _print(report, out)
    else:
        write_pieces(export_rows(_columns(report), _rows(report), FileFormat(form)), out)


def _print(report: AgingReport, out: Path | None) -> None:
    """Draw the table, as wide as the terminal, or as it needs where there is none."""
    with ExitStack() as open_files:
        file = open_files.enter_context(out.open("w", encoding="utf-8")) if out else sys.stdout
        console = Console(file=file)
        if not console.is_terminal:
            console = Console(file=file, width=_WIDTH_IN_A_FILE)
        console.print(_table(report, console.width))


def _edges(text: str) -> tuple[int, ...]:
    """Read "30,60,90". Raises BucketsUnusable."""
    try:
        edges = tuple(int(part) for part in text.split(","))
    except ValueError:
        raise BucketsUnusable(buckets=text) from None
    return edges


def _columns(report: AgingReport) -> list[Column]:
    money = [*report.labels, "on_account", "penalty"]
    return [
        Column("as_of", "day", 12), Column(report.by.value, "text", 24), Column("name", "text", 32),
        Column("currency", "text", 9), Column("items", "whole", 8), Column("total", "money", 18),
        *(Column(name, "money", 16) for name in money),
    ]  # fmt: skip


def _rows(report: AgingReport) -> Iterator[Sequence[object]]:
    """Yield the rows without totals, so that a spreadsheet can sum and filter them."""
    for row in report.rows:
        yield [report.as_of, row.key, row.label, row.currency, row.items, *_amounts(row)]


def _amounts(row: AgingRow) -> list[str]:
    amounts = (row.total_minor, *row.buckets_minor, row.on_account_minor, row.penalty_minor or 0)
    return [format_decimal(minor, row.currency) for minor in amounts]


def _table(report: AgingReport, width: int) -> Table:
    """Return the report for a terminal: names left, amounts right, totals under a line.

    Where the terminal is narrow, names give way first, then columns in which nothing stands.
    """
    names = {
        By.ITEM: _("Item"), By.CUSTOMER: _("Customer"), By.CONTRACT: _("Contract"), By.COLLECTOR: _("Collector"),
        By.INDUSTRY: _("Industry"), By.CURRENCY: _("Currency"), By.ENTITY: _("Entity"),
    }  # fmt: skip
    heads = [_("Items"), _("Total"), pgettext("aging", "Current"), *report.labels[1:], _("On account"), _("Penalty")]
    body = [[f"{row.items:,}", *_spaced(row)] for row in report.rows]
    sums = [[f"{row.items:,}", *_spaced(row)] for row in report.totals]
    widths = [max(len(text) for text in (head, *column)) for head, *column in zip(heads, *body, *sums, strict=True)]
    keys = [row.key or _NOTHING for row in report.rows]
    least = max(map(len, [*keys, names[report.by]]))
    shown = list(range(len(heads)))
    if least + _CURRENCY_WIDTH + sum(widths) + _FRAME * (len(heads) + 2) > width:
        shown = [at for at in shown if any(line[at] != _NOTHING for line in sums)]
    table = Table(title=_title(report.as_of))
    table.add_column(names[report.by], overflow="fold", min_width=least)
    table.add_column(_("Currency"), no_wrap=True)
    for at in shown:
        table.add_column(heads[at], justify="right", no_wrap=True, min_width=widths[at])
    for row, key, cells in zip(report.rows, keys, body, strict=True):
        name = key if row.label == row.key else f"{key} {row.label}"
        table.add_row(name, row.currency, *(cells[at] for at in shown))
    table.add_section()
    for row, cells in zip(report.totals, sums, strict=True):
        table.add_row(_("Total"), row.currency, *(cells[at] for at in shown), style="bold")
    return table


def _spaced(row: AgingRow) -> list[str]:
    """Return the amounts with separators for people; nothing as a dash."""
    shown = []
    for text in _amounts(row):
        sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
        whole, point, part = digits.partition(".")
        shown.append(f"{sign}{int(whole):,}{point}{part}" if int(whole + (part or "0")) else _NOTHING)
    return shown


def _title(as_of: date) -> str:
    return _("Receivables aging as of {day}").format(day=as_of.isoformat())
