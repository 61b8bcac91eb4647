"""`huikuan bench`: how long the work takes on this machine, beside references that give the same answer."""

import json
from collections.abc import Callable
from typing import Any

import click
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from huikuan.bench import match
from huikuan.bench.plan import STEPS, bench_alone, bench_day, bench_one
from huikuan.bench.throwaway import SQLITE
from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import ensure_home

Option = Callable[[Callable[..., None]], Callable[..., None]]
ITEMS = 100_000
JSON_OPTION: Option = click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
ITEMS_OPTION: Option = click.option(
    "--items", default=ITEMS, show_default=True, type=click.IntRange(min=100), help=_("How many open items.")
)
DATABASE_OPTION: Option = click.option(
    "--database", default=SQLITE, show_default=True, metavar="sqlite|URL",
    help=_("SQLite, or a PostgreSQL server; a database of its own is made there and dropped."),
)  # fmt: skip


@click.group()
def bench() -> None:
    """Measure in a throw-away installation. Nothing of yours is touched."""


@bench.command("day")
@ITEMS_OPTION
@DATABASE_OPTION
@JSON_OPTION
@refusals_shown
def day(*, items: int, database: str, as_json: bool) -> None:
    """Measure the daily run: the first one, the next day, a day with nothing to do; beside DuckDB and raw copying."""
    _show(bench_day(items, database, _teller(quiet=as_json)), as_json=as_json)


@bench.command("aging")
@ITEMS_OPTION
@DATABASE_OPTION
@JSON_OPTION
@refusals_shown
def aging(*, items: int, database: str, as_json: bool) -> None:
    """Measure the aging report beside a group-by on DuckDB."""
    _show(bench_one("aging", items, database, _teller(quiet=as_json)), as_json=as_json)


@bench.command("import")
@ITEMS_OPTION
@DATABASE_OPTION
@JSON_OPTION
@refusals_shown
def import_(*, items: int, database: str, as_json: bool) -> None:
    """Measure the import of items beside the plainest way of the same rows into a plain table."""
    _show(bench_one("import", items, database, _teller(quiet=as_json)), as_json=as_json)


@bench.command("pages")
@ITEMS_OPTION
@DATABASE_OPTION
@JSON_OPTION
@refusals_shown
def pages(*, items: int, database: str, as_json: bool) -> None:
    """Measure the pages of the desk: milliseconds and queries."""
    _show(bench_one("pages", items, database, _teller(quiet=as_json)), as_json=as_json)


@bench.command("match")
@click.option(
    "--lines", default=match.LINES, show_default=True, type=click.IntRange(min=100), help=_("How many bank lines.")
)
@ITEMS_OPTION
@click.option("--seed", default=match.SEED, show_default=True, type=int, help=_("Another seed, another story."))
@JSON_OPTION
@refusals_shown
def match_(*, lines: int, items: int, seed: int, as_json: bool) -> None:
    """Measure the matching of bank lines on a labeled set: how often right, how often found, beside rapidfuzz."""
    _show(match.measure(lines=lines, items=items, seed=seed), as_json=as_json)


@bench.command("letters")
@click.option("--count", default=1_000, show_default=True, type=click.IntRange(min=1), help=_("How many letters."))
@DATABASE_OPTION
@JSON_OPTION
@refusals_shown
def letters(*, count: int, database: str, as_json: bool) -> None:
    """Measure letters per second, database and archive included, beside bare Typst on the same data."""
    _show(bench_alone("letters", count, database, _teller(quiet=as_json)), as_json=as_json)


@bench.command("mail")
@click.option("--count", default=1_000, show_default=True, type=click.IntRange(min=1), help=_("How many messages."))
@DATABASE_OPTION
@JSON_OPTION
@refusals_shown
def mail(*, count: int, database: str, as_json: bool) -> None:
    """Measure messages per second through real SMTP on loopback, beside a bare smtplib loop with the same bytes."""
    _show(bench_alone("mail", count, database, _teller(quiet=as_json)), as_json=as_json)


@bench.command("step", hidden=True)
@click.argument("name", type=click.Choice(list(STEPS)))
@click.option("--items", required=True, type=int)
@refusals_shown
def step(*, name: str, items: int) -> None:
    """Do one step of a benchmark in the installation of the environment; the benchmark calls it."""
    ensure_home()
    click.echo(json.dumps(STEPS[name](items), ensure_ascii=False, default=str))


def _teller(*, quiet: bool) -> Callable[[str], None]:
    console = Console(stderr=True, quiet=quiet)
    return lambda name: console.print(f"… {name}")


def _show(result: dict[str, Any], *, as_json: bool) -> None:
    """Print the result: as JSON, or every figure in a line of its own."""
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=2))
        return
    table = Table(title=_("Benchmark {name}").format(name=result["benchmark"]))
    table.add_column(_("Figure"))
    table.add_column(_("Value"), justify="right")
    for name, value in _flat(result, ""):
        table.add_row(name, str(value))
    Console().print(table)


def _flat(value: object, name: str) -> list[tuple[str, object]]:
    """Return a nested result as lines."""
    if isinstance(value, dict):
        return [line for key, inner in value.items() for line in _flat(inner, f"{name}.{key}" if name else key)]
    return [(name, value)]
