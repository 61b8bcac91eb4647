"""`huikuan doctor`: is this installation well, and if not, what is to be done."""

import json
import sys
from dataclasses import asdict

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from huikuan.cli.checks import Finding, Level, look

MARKS = {Level.OK: "✓", Level.WARNING: "!", Level.ERROR: "✗"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help=_("Print the findings as JSON."))
def doctor(*, as_json: bool) -> None:
    """Look at everything that may stand in the way. Ends with 1 when something does not work, 0 otherwise."""
    findings = look(timezone.now())
    worst = max((list(Level).index(finding.level) for finding in findings), default=0)
    if as_json:
        level = list(Level)[worst].value
        click.echo(json.dumps({"level": level, "findings": [asdict(each) for each in findings]}, ensure_ascii=False))
    else:
        for finding in findings:
            tell(finding)
    sys.exit(1 if list(Level)[worst] is Level.ERROR else 0)


def tell(finding: Finding) -> None:
    """Print one finding, with its remedy under it."""
    click.echo(f"{MARKS[finding.level]} {finding.text}")
    if finding.remedy:
        click.echo(f"  → {finding.remedy}")
