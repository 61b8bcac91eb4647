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
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.commands import add_user, change_password, grant_role, open_team
from huikuan.parties.models import Role, User


class UserUnknown(Refusal):
    """Nobody signs in with this name."""

    code = "cli.user-unknown"
    text = gettext_noop("Nobody signs in as {name}. Known: {known}.")


@click.group()
def user() -> None:
    """Add and list the people who may sign in, and say what they may do."""


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
    password = _asked_for(from_stdin=password_stdin)
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


@user.command("grant")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(Role.values, case_sensitive=False))
@click.option("--entity", "entity_code", metavar="CODE", required=True, help=_("The entity of the role."))
@click.option("--team", "team_name", metavar="NAME", help=_("The team; made if there is none of this name."))
@click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
@refusals_shown
def grant(*, name: str, role: str, entity_code: str, team_name: str | None, as_json: bool) -> None:
    """Give NAME a role in an entity; a role held there before ends."""
    ensure_home()
    found, entity, now = _by_name(name), entity_by_code(entity_code), timezone.now()
    with transaction.atomic():
        team = open_team(entity=entity, name=team_name, actor=None, now=now) if team_name else None
        grant_role(user=found, entity=entity, role=role.upper(), team=team, actor=None, now=now)
    if as_json:
        click.echo(json.dumps(_row(found), ensure_ascii=False))
    else:
        click.echo(_("{name} is {role} in {entity} now.").format(name=name, role=role.upper(), entity=entity.code))


@user.command("password")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help=_("Read the password from standard input instead of asking."))
@refusals_shown
def password_(*, name: str, password_stdin: bool) -> None:
    """Give NAME a new password."""
    ensure_home()
    found = _by_name(name)
    change_password(user=found, password=_asked_for(from_stdin=password_stdin), actor=None, now=timezone.now())
    click.echo(_("{name} has a new password.").format(name=name))


def _asked_for(*, from_stdin: bool) -> str:
    """Return the password from standard input, or ask for it twice."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = click.prompt(_("Password"), hide_input=True, confirmation_prompt=True)
    return asked


def _by_name(name: str) -> User:
    found = User.objects.filter(username__iexact=name).first()
    if found is None:
        raise UserUnknown(
            name=name, known=", ".join(User.objects.order_by("username").values_list("username", flat=True))
        )
    return found


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
