"""`huikuan bank match`: match the open bank lines of an entity with what is owed."""

import json
from dataclasses import asdict

import click
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console

from huikuan.cash.commands.matching import match_lines
from huikuan.cash.wording import matched_text
from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import MAIN, ensure_home
from huikuan.cli.lookup import entity_by_code


@click.command("match")
@click.option("--entity", "entity_code", default=MAIN, metavar="CODE", help=_("Whose bank accounts."))
@click.option(
    "--threshold", type=click.IntRange(1, 101), help=_("From this confidence on by itself; else as the entity has set.")
)
@click.option("--dry-run", is_flag=True, help=_("Say what would be matched, and write nothing."))
@click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
@refusals_shown
def match(*, entity_code: str, threshold: int | None, dry_run: bool, as_json: bool) -> None:
    """Match open bank lines with customers and items: sure ones are booked, others proposed."""
    ensure_home()
    console = Console(stderr=True, quiet=as_json)
    done = match_lines(
        entity_id=entity_by_code(entity_code).pk,
        now=timezone.now(),
        threshold=threshold,
        dry_run=dry_run,
        progress=lambda lines: console.print(f"… {lines}"),
    )
    if as_json:
        click.echo(json.dumps({**asdict(done), "dry_run": dry_run}, ensure_ascii=False))
        return
    click.echo(matched_text(**done.counts))
    if dry_run:
        click.echo(_("Nothing was written."))
