"""`huikuan bill`: bills of exchange in the order in which they mature."""

import json

import click
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.console import Console
from rich.table import Table

from huikuan.cash.watching import watch_accounts
from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import MAIN, ensure_home
from huikuan.cli.lookup import entity_by_code
from huikuan.kernel.money import format_decimal
from huikuan.receivables.models import Bill
from huikuan.receivables.models.bill import BillState
from huikuan.receivables.rules.bill import present_until

ENTITY = click.option("--entity", "entity_code", default=MAIN, metavar="CODE", help=_("The creditor."))
JSON = click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
WIDTH = 200


@click.group()
def bill() -> None:
    """Bills of exchange: list them as they mature, make the reminders that are due."""


@bill.command("list")
@click.option("--state", type=click.Choice(BillState.values), help=_("Only bills in this state."))
@ENTITY
@JSON
@refusals_shown
def list_bills(*, state: str | None, entity_code: str, as_json: bool) -> None:
    """List the bills, the next to mature first."""
    ensure_home()
    found = Bill.objects.filter(entity=entity_by_code(entity_code)).select_related("customer")
    chosen = (found.filter(state=state) if state else found).order_by("matures_on", "pk")
    rows = [
        {
            "number": each.number,
            "kind": each.kind if as_json else str(each.get_kind_display()),
            "customer": each.customer.code,
            "acceptor": each.acceptor,
            "amount": format_decimal(each.amount_minor, each.currency),
            "currency": each.currency,
            "matures_on": each.matures_on.isoformat(),
            "present_until": present_until(each.matures_on).isoformat(),
            "state": each.state if as_json else str(each.get_state_display()),
            "recourse_ends_on": each.recourse_ends_on.isoformat() if each.recourse_ends_on else "",
        }
        for each in chosen
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table()
    for title in (
        _("Number"), _("Kind"), _("Customer"), _("Acceptor"), _("Amount"), _("Currency"), _("Matures"), _("Present by"),
        _("State"), _("Recourse ends"),
    ):  # fmt: skip
        table.add_column(title)
    for row in rows:
        table.add_row(*row.values())
    Console(width=WIDTH).print(table)


@bill.command()
@JSON
@refusals_shown
def watch(*, as_json: bool) -> None:
    """Make the reminders that are due, of statements without an answer too; the scheduler does it every hour."""
    ensure_home()
    counts = watch_accounts(now=timezone.now())
    if as_json:
        click.echo(json.dumps(counts))
        return
    reminded, tasks = counts["reminded"], counts["tasks"]
    click.echo(ngettext("{count} reminder queued.", "{count} reminders queued.", reminded).format(count=reminded))
    click.echo(ngettext("{count} task made.", "{count} tasks made.", tasks).format(count=tasks))
