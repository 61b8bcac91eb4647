"""`huikuan policy`: show, check and replace the policy of an entity."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import MAIN, ensure_home
from huikuan.cli.lookup import entity_by_code
from huikuan.kernel.days import add_days, parse_day
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.kernel.zones import local_day
from huikuan.parties.models import Entity
from huikuan.policy.commands import PolicyHasFlaws, upload_version
from huikuan.policy.models import PolicyVersion
from huikuan.policy.queries import policy_in_force, versions_of
from huikuan.policy.reading.flaws import Flaw
from huikuan.policy.reading.policy import pack_text, read_policy
from huikuan.policy.reading.shape import schema as schema_of
from huikuan.runs.models import Run


class PolicyFileUnreadable(Refusal):
    """The file is no text."""

    code = "policy.file-unreadable"
    text = gettext_noop("{file} cannot be read as UTF-8 text. Save it as UTF-8 and try again.")


class PolicyVersionUnknown(Refusal):
    """No such number."""

    code = "policy.version-unknown"
    text = gettext_noop("{entity} has no policy version {number}. Versions: {known}.")


@click.group()
def policy() -> None:
    """Show, check and replace the policy: who is contacted when, how and by whom."""


entity_option = click.option(
    "--entity", "entity_code", default=MAIN, show_default=True, metavar="CODE", help=_("The creditor.")
)
json_option = click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))


@policy.command()
@entity_option
@click.option("--version", "number", type=int, help=_("This version; the one in force when not given."))
@click.option(
    "--as-of", "as_of_text", metavar="DATE", help=_("The version in force on that day; today when not given.")
)
@click.option("--default", "is_default", is_flag=True, help=_("The shipped default pack: a place to start from."))
@json_option
@refusals_shown
def show(
    *, entity_code: str, number: int | None, as_of_text: str | None, is_default: bool, as_json: bool
) -> None:  # fmt: skip
    """Print a policy file as it was uploaded."""
    if is_default:
        _print_source(pack_text(), {"name": "cn-default", "version": None}, as_json=as_json)
        return
    ensure_home()
    entity = entity_by_code(entity_code)
    version = _version(entity, number, parse_day(as_of_text) if as_of_text else _today(entity))
    if version is None:
        told = _("{entity} has no policy of its own yet: its first run puts this shipped one in force.")
        click.echo(told.format(entity=entity.code), err=True)
        _print_source(pack_text(), {"name": "cn-default", "version": None}, as_json=as_json)
        return
    _print_source(version.source, _row(version), as_json=as_json)


@policy.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@refusals_shown
def validate(*, file: Path, as_json: bool) -> None:
    """Check a policy FILE: status 0 when it can be used, 1 with every flaw otherwise. Nothing is stored."""
    reading = read_policy(_text_of(file))
    if as_json:
        answer = {"ok": not reading.flaws, "flaws": [flaw.as_dict() for flaw in reading.flaws]}
        click.echo(json.dumps(answer, ensure_ascii=False))
    elif reading.policy is not None:
        steps = sum(len(ladder.steps) for ladder in reading.policy.ladders.values())
        told = _("{file} is right: {ladders} ladders with {steps} steps, {segments} segments.")
        click.echo(
            told.format(
                file=file, ladders=len(reading.policy.ladders), steps=steps, segments=len(reading.policy.segments)
            )
        )
    else:
        _print_flaws(file, reading.flaws)
    sys.exit(1 if reading.flaws else 0)


@policy.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@entity_option
@click.option(
    "--from", "starts_on_text", metavar="DATE",
    help=_("First day it applies; when not given, today, or the day after the last run."),
)  # fmt: skip
@click.option("--note", default="", help=_("What changed and why."))
@json_option
@refusals_shown
def upload(*, file: Path, entity_code: str, starts_on_text: str | None, note: str, as_json: bool) -> None:
    """Store a policy FILE as the next version of an entity's policy."""
    ensure_home()
    entity = entity_by_code(entity_code)
    last_run_on = _last_run_on(entity)
    try:
        version = upload_version(
            entity_id=entity.pk,
            source=_text_of(file),
            starts_on=parse_day(starts_on_text) if starts_on_text else _first_free_day(entity, last_run_on),
            last_run_on=last_run_on,
            actor=None,
            now=timezone.now(),
            note=note,
        )
    except PolicyHasFlaws as refusal:
        if as_json:
            raise
        _print_flaws(file, refusal.flaws)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps(_row(version), ensure_ascii=False))
        return
    told = _("Stored as version {number}; {entity} follows it from {starts_on} on.")
    click.echo(told.format(number=version.number, entity=entity.code, starts_on=version.starts_on))


@policy.command("list")
@entity_option
@json_option
@refusals_shown
def list_(*, entity_code: str, as_json: bool) -> None:
    """List the versions of an entity's policy, the newest first."""
    ensure_home()
    entity = entity_by_code(entity_code)
    in_force = policy_in_force(entity.pk, _today(entity))
    current = in_force.version.number if in_force else None
    rows = [{**_row(each), "is_in_force": each.number == current} for each in versions_of(entity.pk)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        click.echo(_("{entity} has no policy of its own yet.").format(entity=entity.code))
    for row in rows:
        mark = "*" if row["is_in_force"] else " "
        click.echo(f"{mark} {row['number']}  {row['starts_on']}  {row['name']}  {row['note']}".rstrip())


@policy.command()
@click.option("--guard", "is_guard", is_flag=True, help=_("The schema of contact guard packs instead."))
def schema(*, is_guard: bool) -> None:
    """Print the JSON Schema of policy files, for editors that check while you write."""
    click.echo(json.dumps(schema_of("guard" if is_guard else "policy"), ensure_ascii=False, indent=2))


def _text_of(file: Path) -> str:
    """Return the text of a file; a byte order mark is dropped. Raises PolicyFileUnreadable."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (UnicodeDecodeError, OSError):
        raise PolicyFileUnreadable(file=file) from None


def _version(entity: Entity, number: int | None, day: date) -> PolicyVersion | None:
    """Return the version asked for, or the one in force on the day. Raises PolicyVersionUnknown."""
    if number is None:
        in_force = policy_in_force(entity.pk, day)
        return in_force.version if in_force else None
    version = versions_of(entity.pk).filter(number=number).first()
    if version is None:
        known = ", ".join(str(each) for each in versions_of(entity.pk).values_list("number", flat=True)) or "–"
        raise PolicyVersionUnknown(entity=entity.code, number=number, known=known)
    return version


def _today(entity: Entity) -> date:
    return local_day(timezone.now(), entity.time_zone)


def _last_run_on(entity: Entity) -> date | None:
    return Run.objects.filter(entity=entity).order_by("-as_of").values_list("as_of", flat=True).first()


def _first_free_day(entity: Entity, last_run_on: date | None) -> date:
    today = _today(entity)
    return today if last_run_on is None else max(today, add_days(last_run_on, 1))


def _row(version: PolicyVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "name": version.name,
        "starts_on": version.starts_on.isoformat(),
        "sha256": version.sha256,
        "note": version.note,
        "uploaded_at": version.uploaded_at.isoformat(),
    }


def _print_source(source: str, row: dict[str, Any], *, as_json: bool) -> None:
    click.echo(json.dumps({**row, "source": source}, ensure_ascii=False) if as_json else source, nl=as_json)


def _print_flaws(file: Path, flaws: tuple[Flaw, ...]) -> None:
    """Print the flaws as compilers do, so that editors can jump to them."""
    for flaw in flaws:
        where = f"{file}:{flaw.place[0]}:{flaw.place[1]}"
        field = f" {flaw.field}:" if flaw.path else ""
        click.echo(f"{where}:{field} {_(flaw.text).format(**flaw.facts)}", err=True)
