"""`huikuan entity`: the creditors whose receivables are collected."""

import json

import click
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import ensure_home
from huikuan.parties.commands import open_entity
from huikuan.parties.models import Entity
from huikuan.policy.commands import install_default
from huikuan.receivables.commands.terms import set_default_terms
from huikuan.receivables.rules.profiles import PROFILES


@click.group()
def entity() -> None:
    """Open and list creditor entities."""


@entity.command("add")
@click.argument("code")
@click.argument("name")
@click.option("--name-en", default="", help=_("The name in English notices."))
@click.option("--business", default="SALE", type=click.Choice(Entity.Business.values, case_sensitive=False))
@click.option("--currency", default="CNY", help=_("Three letters of ISO 4217."))
@click.option("--country", default="CN", help=_("Two letters of ISO 3166."))
@click.option("--time-zone", default="Asia/Shanghai", help=_("A name like Asia/Shanghai."))
@click.option("--email-from", default="", help=_("The sender of e-mails."))
@click.option("--bank-account", default="", help=_("How to pay, as printed in notices."))
@click.option("--payment-url", default="", help=_("Where customers pay."))
@click.option(
    "--terms", "profile", default="CN_SALE", type=click.Choice(["NONE", *PROFILES], case_sensitive=False),
    help=_("What items bear when their contract is silent."),
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
@refusals_shown
def add(*, code: str, name: str, business: str, profile: str, as_json: bool, **fields: str) -> None:
    """Open an entity with this CODE and NAME."""
    ensure_home()
    now = timezone.now()
    with transaction.atomic():
        opened = open_entity(
            code=code, name=name, business=business.upper(), actor=None, now=now, **fields
        )  # fmt: skip
        if profile.upper() != "NONE":
            set_default_terms(entity=opened, terms=PROFILES[profile.upper()].terms, actor=None, now=now)
        install_default(entity_id=opened.pk, now=now)
    if as_json:
        click.echo(json.dumps(_row(opened), ensure_ascii=False))
    else:
        click.echo(_("Opened {code} {name}.").format(code=opened.code, name=opened.name))


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
