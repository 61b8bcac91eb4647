"""`huikuan plan` and `huikuan promise`: the calculator, and what was agreed with whom."""

import json
from collections.abc import Sequence
from typing import Any

import click
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from huikuan.arrangements.commands.linking import issue_plan_link
from huikuan.arrangements.models import Plan, Promise
from huikuan.arrangements.models.plan import PlanState
from huikuan.arrangements.models.promise import PromiseState
from huikuan.arrangements.rules.schedule import Cycle, Kind, Shape, in_books, schedule
from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import MAIN, ensure_home
from huikuan.cli.lookup import entity_by_code
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.days import parse_day
from huikuan.kernel.money import format_decimal, parse_minor
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.commands.links import address_of_link
from huikuan.policy.rules.plan import PERCENT

ENTITY = click.option("--entity", "entity_code", default=MAIN, metavar="CODE", help=_("The creditor."))
JSON = click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
WIDTH = 200


class PlanUnknown(Refusal):
    """No plan has this number."""

    code = "cli.plan-unknown"
    text = gettext_noop("There is no plan {number}.")


class PercentUnreadable(Refusal):
    """Not a whole percentage."""

    code = "cli.percent-unreadable"
    text = gettext_noop("“{value}” is not a whole percentage. Write it like 30%.")


@click.group()
def plan() -> None:
    """Installment plans: calculate one, list them, show one."""


@plan.command()
@click.option("--total", required=True, metavar="AMOUNT", help=_("The claim, like 86500.00."))
@click.option("--first", default="0%", show_default=True, metavar="PERCENT", help=_("Share of the first part."))
@click.option("--parts", type=int, required=True, help=_("Parts in all, the first included."))
@click.option("--start", required=True, metavar="DATE", help=_("Day of the first part."))
@click.option("--declining", is_flag=True, help=_("Larger parts first."))
@click.option("--weekly", is_flag=True, help=_("A week apart instead of a month."))
@click.option("--working-days", is_flag=True, help=_("Move days off to the next working day."))
@click.option("--currency", default="CNY", show_default=True, help=_("Of the amounts."))
@click.option("--in-books", "booked", metavar="AMOUNT", help=_("What the claim is booked at in your own currency."))
@click.option("--books-currency", default="CNY", show_default=True, help=_("Of the books."))
@click.option("--country", default="CN", show_default=True, help=_("Whose working days count."))
@JSON
@refusals_shown
def calculate(
    *, total: str, first: str, parts: int, start: str, declining: bool, weekly: bool, working_days: bool,
    currency: str, booked: str | None, books_currency: str, country: str, as_json: bool,
) -> None:  # fmt: skip
    """Cut an amount into installments that add up to it, to the cent. Needs no database."""
    shape = Shape(
        parts_count=parts,
        starts_on=parse_day(start),
        kind=Kind.DECLINING if declining else Kind.EVEN,
        cycle=Cycle.WEEKLY if weekly else Cycle.MONTHLY,
        first_ppm=_percent(first) * PERCENT,
        is_on_working_days=working_days,
    )
    total_minor = parse_minor(total, currency)
    lines = schedule(total_minor, currency, shape, WorkingCalendar(country))
    rows = [
        {
            "number": line.number,
            "due_on": line.due_on.isoformat(),
            "last_on": line.last_on.isoformat(),
            "amount": format_decimal(line.amount_minor, currency),
            "amount_minor": line.amount_minor,
        }
        for line in lines
    ]
    answer: dict[str, Any] = {"currency": currency, "total_minor": total_minor, "installments": rows}
    titles = [_("Part"), _("Payable by"), _("Last day of grace"), _("Amount")]
    if booked is not None:
        booked_minor = parse_minor(booked, books_currency)
        for row, minor in zip(rows, in_books([line.amount_minor for line in lines], booked_minor), strict=True):
            row |= {"in_books": format_decimal(minor, books_currency), "in_books_minor": minor}
        answer |= {"books_currency": books_currency, "booked_minor": booked_minor}
        titles.append(_("In the books"))
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    _table(titles, [[value for name, value in row.items() if not name.endswith("_minor")] for row in rows])


def _percent(text: str) -> int:
    digits = text.strip().removesuffix("%").strip()
    if not digits.isascii() or not digits.isdigit():
        raise PercentUnreadable(value=text)
    return int(digits)


@plan.command("list")
@ENTITY
@click.option("--state", type=click.Choice(PlanState.values), help=_("Only plans in this state."))
@JSON
@refusals_shown
def list_plans(*, entity_code: str, state: str | None, as_json: bool) -> None:
    """List the plans, newest first."""
    ensure_home()
    found = Plan.objects.filter(entity=entity_by_code(entity_code)).select_related("customer")
    rows = [_plan_row(each) for each in (found.filter(state=state) if state else found).order_by("-pk")]
    titles = (_("Number"), _("Customer"), _("State"), _("Currency"), _("In all"), _("Paid so far"), _("Ends"))
    _answer(rows, titles, as_json=as_json)


@plan.command()
@click.argument("number")
@JSON
@refusals_shown
def show(*, number: str, as_json: bool) -> None:
    """Show the plan with this NUMBER and its installments."""
    ensure_home()
    found = Plan.objects.filter(number__iexact=number).select_related("customer").first()
    if found is None:
        raise PlanUnknown(number=number)
    parts = [
        {
            "number": part.number,
            "due_on": part.due_on.isoformat(),
            "last_on": part.last_on.isoformat(),
            "amount": format_decimal(part.amount_minor, found.currency),
            "paid": format_decimal(part.paid_minor, found.currency),
            "paid_on": part.paid_on.isoformat() if part.paid_on else None,
        }
        for part in found.installments.order_by("number")
    ]
    if as_json:
        click.echo(json.dumps({**_plan_row(found), "installments": parts}, ensure_ascii=False))
        return
    click.echo("  ".join(str(value) for value in _plan_row(found).values()))
    titles = (_("Part"), _("Payable by"), _("Last day of grace"), _("Amount"), _("Paid so far"), _("Complete on"))
    _table(titles, [list(part.values()) for part in parts])


@click.group()
def promise() -> None:
    """Promises to pay."""


@promise.command("list")
@ENTITY
@click.option("--state", type=click.Choice(PromiseState.values), help=_("Only promises in this state."))
@JSON
@refusals_shown
def list_promises(*, entity_code: str, state: str | None, as_json: bool) -> None:
    """List the promises, newest first, with the money that counts for each."""
    ensure_home()
    found = Promise.objects.filter(entity=entity_by_code(entity_code)).select_related("customer")
    chosen = (found.filter(state=state) if state else found).order_by("-pk").prefetch_related("parts")
    titles = (_("Customer"), _("Made"), _("State"), _("Currency"), _("Amount"), _("Arrived in time"), _("Promised for"))
    _answer([_promise_row(each) for each in chosen], titles, as_json=as_json)


def _plan_row(found: Plan) -> dict[str, Any]:
    return {
        "plan": found.number,
        "customer": found.customer.code,
        "state": found.state,
        "currency": found.currency,
        "total": format_decimal(found.total_minor, found.currency),
        "paid": format_decimal(found.paid_minor, found.currency),
        "ends_on": found.ends_on.isoformat(),
    }


def _promise_row(found: Promise) -> dict[str, Any]:
    return {
        "customer": found.customer.code,
        "made_on": found.made_on.isoformat(),
        "state": found.state,
        "currency": found.currency,
        "amount": format_decimal(found.amount_minor, found.currency),
        "counted": format_decimal(found.counted_minor, found.currency),
        "due_on": ", ".join(part.due_on.isoformat() for part in found.parts.all()),
    }


def _answer(rows: Sequence[dict[str, Any]], titles: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        _table(titles, [list(row.values()) for row in rows])


def _table(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    table = Table(box=None, pad_edge=False)
    for title in titles:
        table.add_column(title)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    Console(width=WIDTH, highlight=False).print(table)


@plan.command()
@click.argument("number")
@JSON
@refusals_shown
def link(*, number: str, as_json: bool) -> None:
    """Print the link by which the customer accepts or declines the approved plan with this NUMBER."""
    ensure_home()
    found = Plan.objects.filter(number__iexact=number).first()
    if found is None:
        raise PlanUnknown(number=number)
    made = issue_plan_link(plan_id=found.pk, now=timezone.now())
    answer = {"plan": found.number, "address": address_of_link(made), "expires_at": made.expires_at.isoformat()}
    click.echo(json.dumps(answer, ensure_ascii=False) if as_json else answer["address"])
