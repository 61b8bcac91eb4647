"""`huikuan user`: who may sign in, with which role where."""

import json
import sys
from typing import Any

import click
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import ensure_home
from huikuan.cli.lookup import entity_by_code
from huikuan.parties.commands import add_user, grant_role, open_team
from huikuan.parties.models import Role, User


@click.group()
def user() -> None:
    """Add and list the people who may sign in."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(Role.values, case_sensitive=False), help=_("What he does in the entity."))
@click.option("--entity", "entity_code", metavar="CODE", help=_("The entity of the role."))
@click.option("--team", "team_name", metavar="NAME", help=_("The team; made if there is none of this name."))
@click.option("--display-name", default="", help=_("The name that pages show."))
@click.option("--language", default="zh-hans", type=click.Choice(["zh-hans", "en"]), help=_("Language of the pages."))
@click.option("--superuser", is_flag=True, help=_("May see and do everything."))
@click.option("--password-stdin", is_flag=True, help=_("Read the password from standard input instead of asking."))
@click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
@refusals_shown
def add(
    *, name: str, role: str | None, entity_code: str | None, team_name: str | None, display_name: str, language: str,
    superuser: bool, password_stdin: bool, as_json: bool,
) -> None:  # fmt: skip
    """Add a person; NAME is what he signs in with."""
    if bool(role) != bool(entity_code):
        raise click.UsageError(_("Give --role and --entity together."))
    ensure_home()
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt(_("Password"), hide_input=True, confirmation_prompt=True)
    now = timezone.now()
    with transaction.atomic():
        added = add_user(
            username=name, password=password, display_name=display_name, language=language, is_superuser=superuser,
            actor=None, now=now,
        )  # fmt: skip
        if role and entity_code:
            entity = entity_by_code(entity_code)
            team = open_team(entity=entity, name=team_name, actor=None, now=now) if team_name else None
            grant_role(user=added, entity=entity, role=role.upper(), team=team, actor=None, now=now)
    if as_json:
        click.echo(json.dumps(_row(added), ensure_ascii=False))
    else:
        click.echo(_("{name} may sign in now.").format(name=name))


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help=_("Print the list as JSON."))
@refusals_shown
def list_(*, as_json: bool) -> None:
    """List the people and their roles."""
    ensure_home()
    people = [_row(each) for each in User.objects.order_by("username").prefetch_related("memberships__entity")]
    if as_json:
        click.echo(json.dumps(people, ensure_ascii=False))
        return
    for each in people:
        roles = ", ".join(f"{held['role']}@{held['entity']}" for held in each["roles"])
        marks = _("superuser") if each["is_superuser"] else ""
        click.echo("  ".join(filter(None, [each["name"], each["display_name"], roles, marks])))


def _row(each: User) -> dict[str, Any]:
    held = each.memberships.select_related("entity", "team").order_by("entity__code")
    return {
        "name": each.username,
        "display_name": each.display_name,
        "is_active": each.is_active,
        "is_superuser": each.is_superuser,
        "roles": [
            {"entity": one.entity.code, "role": one.role, "team": one.team.name if one.team else None} for one in held
        ],
    }
