"""`huikuan entity`: the creditors whose receivables are collected."""

import json
from collections.abc import Callable
from typing import cast

import click
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import ensure_home
from huikuan.cli.lookup import entity_by_code
from huikuan.parties.commands import change_entity, open_entity
from huikuan.parties.commands.entities import EntityFields
from huikuan.parties.models import Entity
from huikuan.policy.commands import install_default
from huikuan.receivables.commands.terms import set_default_terms
from huikuan.receivables.rules.profiles import PROFILES


@click.group()
def entity() -> None:
    """Open, change and list creditor entities."""


_FIELDS = (
    click.option("--name-en", help=_("The name in English notices.")),
    click.option("--business", type=click.Choice(Entity.Business.values, case_sensitive=False)),
    click.option("--currency", help=_("Three letters of ISO 4217.")),
    click.option("--country", help=_("Two letters of ISO 3166.")),
    click.option("--time-zone", help=_("A name like Asia/Shanghai.")),
    click.option("--address", help=_("As printed in notices.")),
    click.option("--phone", help=_("Whom customers call.")),
    click.option("--email-from", help=_("The sender of e-mails.")),
    click.option("--bank-account", help=_("How to pay, as printed in notices.")),
    click.option("--payment-url", help=_("Where customers pay.")),
    click.option("--registration-no", help=_("Registration number, as printed in letters.")),
    click.option(
        "--counts-clicks/--no-counts-clicks",
        default=None,
        help=_("Whether it is noted that links in mails are followed."),
    ),
)


def _with_fields(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for everything that is known of an entity."""
    for option in reversed(_FIELDS):
        command = option(command)
    return command


def _named(fields: dict[str, str | bool | None]) -> EntityFields:
    """Return the fields that were named on the command line."""
    named = {name: value for name, value in fields.items() if value is not None}
    if isinstance(business := named.get("business"), str):
        named["business"] = business.upper()
    return cast("EntityFields", named)


@entity.command("add")
@click.argument("code")
@click.argument("name")
@_with_fields
@click.option(
    "--terms", "profile", default="CN_SALE", type=click.Choice(["NONE", *PROFILES], case_sensitive=False),
    help=_("What items bear when their contract is silent."),
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
@refusals_shown
def add(*, code: str, name: str, profile: str, as_json: bool, **fields: str | bool | None) -> None:
    """Open an entity with this CODE and NAME."""
    ensure_home()
    now = timezone.now()
    with transaction.atomic():
        opened = open_entity(code=code, name=name, actor=None, now=now, **_named(fields))
        if profile.upper() != "NONE":
            set_default_terms(entity=opened, terms=PROFILES[profile.upper()].terms, actor=None, now=now)
        install_default(entity_id=opened.pk, now=now)
    if as_json:
        click.echo(json.dumps(_row(opened), ensure_ascii=False))
    else:
        click.echo(_("Opened: {code} {name}").format(code=opened.code, name=opened.name))


@entity.command("change")
@click.argument("code")
@click.option("--name", default="", help=_("The name in notices."))
@_with_fields
@click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
@refusals_shown
def change(*, code: str, name: str, as_json: bool, **fields: str | bool | None) -> None:
    """Change what is known of the entity with this CODE; what is not named stays."""
    ensure_home()
    named = _named(fields)
    if not name and not named:
        raise click.UsageError(_("Name at least one thing to change; --help lists them."))
    found = entity_by_code(code)
    changed = change_entity(entity_id=found.pk, actor=None, now=timezone.now(), name=name, **named)
    if as_json:
        click.echo(json.dumps(_row(changed), ensure_ascii=False))
    else:
        click.echo(_("Changed: {code} {name}").format(code=changed.code, name=changed.name))


@entity.command("list")
@click.option("--json", "as_json", is_flag=True, help=_("Print the list as JSON."))
@refusals_shown
def list_(*, as_json: bool) -> None:
    """List the entities."""
    ensure_home()
    rows = [_row(each) for each in Entity.objects.select_related("default_terms__terms").order_by("code")]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo("  ".join(str(row[name]) for name in ("code", "name", "business", "currency", "time_zone")))


def _row(each: Entity) -> dict[str, object]:
    default = getattr(each, "default_terms", None)
    return {
        "code": each.code,
        "name": each.name,
        "name_en": each.name_en,
        "business": each.business,
        "currency": each.currency,
        "country": each.country,
        "time_zone": each.time_zone,
        "default_terms": default.terms.source if default else None,
    }
