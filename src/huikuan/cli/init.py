"""`huikuan init`: make or upgrade an installation, and say what comes next."""

import json

import click
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huikuan.cli.home import MAIN, init_home
from huikuan.parties.models import Entity, User


@click.command()
@click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
def init(*, as_json: bool) -> None:
    """Make the home folder, the database and the entity MAIN; bring an older database up to date."""
    prepared = init_home()
    entities = list(Entity.objects.order_by("code").values_list("code", flat=True))
    if as_json:
        click.echo(
            json.dumps(
                {
                    "home": str(settings.HUIKUAN_HOME),
                    "database": "sqlite" if settings.EMBEDDED else "postgresql",
                    "migrations_applied": prepared.migrations_count,
                    "rates_loaded": prepared.rates_count,
                    "entities": entities,
                    "users": User.objects.count(),
                },
                ensure_ascii=False,
            )
        )
        return
    click.echo(_("Home: {folder}").format(folder=settings.HUIKUAN_HOME))
    if prepared.migrations_count:
        changes = ngettext(
            "{count} change to the database.", "{count} changes to the database.", prepared.migrations_count
        )
        click.echo(changes.format(count=prepared.migrations_count))
    else:
        click.echo(_("The database is up to date."))
    click.echo(_("Entities: {codes}").format(codes=", ".join(entities)))
    click.echo(_("What comes next:"))
    if Entity.objects.filter(code=MAIN, name=_("Our company")).exists():
        click.echo(f"  huikuan entity change {MAIN} --name NAME")
    if not User.objects.exists():
        click.echo("  huikuan user add NAME --role ADMINISTRATOR --entity " + entities[0])
    click.echo("  huikuan import customers FILE")
    click.echo("  huikuan import items FILE")
    click.echo("  huikuan run")
    click.echo("  huikuan serve")
