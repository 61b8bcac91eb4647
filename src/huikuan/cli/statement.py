"""`huikuan statement`: account statements for a month end, made, sent and listed."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Final

import click
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.console import Console
from rich.progress import track
from rich.table import Table

from huikuan.cash.commands.account_statements import make_statements, send_statement
from huikuan.cash.models import AccountStatement
from huikuan.cash.models.account_statement import StatementState
from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import MAIN, ensure_home
from huikuan.cli.lookup import entity_by_code
from huikuan.kernel.days import end_of_month, month_start, parse_day
from huikuan.kernel.money import format_decimal
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.kernel.zones import local_day
from huikuan.parties.models import Customer, Entity

ENTITY = click.option("--entity", "entity_code", default=MAIN, metavar="CODE", help=_("The creditor."))
JSON = click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
AT_ONCE: Final = 200
"""Customers read together: the memory of a month end does not grow with their number."""
WIDTH = 200


class CustomerUnknown(Refusal):
    """No customer of the entity has this code."""

    code = "cli.customer-unknown"
    text = gettext_noop("{entity} has no customer {customer}.")


class NobodyNamed(Refusal):
    """One customer or all: a month end is not made by mistake."""

    code = "cli.nobody-named"
    text = gettext_noop("Say --customer CODE for one customer, or --all for every customer.")


@click.group()
def statement() -> None:
    """Account statements: make them for a period, send them, list their answers."""


@statement.command()
@click.option("--period", required=True, metavar="MONTH", help=_("The month, like 2026-10."))
@click.option("--customer", "customer_code", metavar="CODE", help=_("Only this customer."))
@click.option("--all", "is_all", is_flag=True, help=_("Every customer with anything to state."))
@click.option("--send", "is_sent", is_flag=True, help=_("Put them into the outbox at once."))
@ENTITY
@JSON
@refusals_shown
def make(
    *, period: str, customer_code: str | None, is_all: bool, is_sent: bool, entity_code: str, as_json: bool
) -> None:
    """Make the statements of a month. Called again, it makes only those that are missing."""
    ensure_home()
    if (customer_code is None) != is_all:
        raise NobodyNamed
    entity = entity_by_code(entity_code)
    now = timezone.now()
    today = local_day(now, entity.time_zone)
    starts_on = month_start(parse_day(f"{period}-01"))
    ids = _customer_ids(entity, customer_code)
    numbers: list[str] = []
    told = Console(stderr=True)
    for chunk in track(list(_chunks(ids)), description=_("Statements"), console=told, disable=as_json):
        made = make_statements(
            entity_id=entity.pk, customer_ids=chunk, starts_on=starts_on, ends_on=end_of_month(starts_on), as_of=today,
            now=now, actor=None,
        )  # fmt: skip
        numbers += [each.number for each in made]
    sent_count = _send(entity, starts_on, ids, today) if is_sent else 0
    if as_json:
        answer = {"made": len(numbers), "sent": sent_count, "numbers": numbers}
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    click.echo(ngettext("{count} statement made.", "{count} statements made.", len(numbers)).format(count=len(numbers)))
    if is_sent:
        click.echo(
            ngettext("{count} put into the outbox.", "{count} put into the outbox.", sent_count).format(
                count=sent_count
            )
        )


def _customer_ids(entity: Entity, code: str | None) -> list[int]:
    """Return the ids of all customers of the entity, or of one. Raises CustomerUnknown."""
    found = Customer.objects.filter(entity=entity)
    if code is not None:
        found = found.filter(code__iexact=code)
        if not found.exists():
            raise CustomerUnknown(entity=entity.code, customer=code)
    return list(found.order_by("pk").values_list("pk", flat=True))


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]


def _send(entity: Entity, starts_on: date, ids: list[int], today: date) -> int:
    """Send those of the period that were made and not sent, whoever made them; return how many."""
    count = 0
    for chunk in _chunks(ids):
        waiting = AccountStatement.objects.filter(
            entity=entity, customer_id__in=chunk, starts_on=starts_on, state=StatementState.MADE
        )
        for pk in list(waiting.order_by("pk").values_list("pk", flat=True)):
            send_statement(statement_id=pk, as_of=today, now=timezone.now(), actor=None)
            count += 1
    return count


@statement.command("list")
@click.option("--state", type=click.Choice(StatementState.values), help=_("Only statements in this state."))
@ENTITY
@JSON
@refusals_shown
def list_statements(*, state: str | None, entity_code: str, as_json: bool) -> None:
    """List the statements, the latest period first."""
    ensure_home()
    found = AccountStatement.objects.filter(entity=entity_by_code(entity_code)).select_related("customer")
    chosen = (found.filter(state=state) if state else found).order_by("-ends_on", "-pk")
    rows = [
        {
            "number": each.number,
            "customer": each.customer.code,
            "period": f"{each.starts_on.isoformat()}/{each.ends_on.isoformat()}",
            "currency": each.currency,
            "closing": format_decimal(each.closing_minor, each.currency),
            "state": each.state if as_json else str(each.get_state_display()),
            "answer_by": each.answer_by.isoformat() if each.answer_by else "",
        }
        for each in chosen.iterator()
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table()
    for title in (_("Number"), _("Customer"), _("Period"), _("Currency"), _("Balance"), _("State"), _("Answer by")):
        table.add_column(title)
    for row in rows:
        table.add_row(*row.values())
    Console(width=WIDTH).print(table)
