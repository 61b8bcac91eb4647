"""`huikuan run` and `huikuan why`: the day's run, a look at any day, and the reasons."""

import json
import sys
from datetime import date, datetime
from typing import Any, Final

import click
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import ensure_home
from huikuan.cli.lookup import entity_by_code
from huikuan.kernel.days import parse_day
from huikuan.kernel.money import format_decimal
from huikuan.kernel.zones import local_day
from huikuan.parties.models import Entity
from huikuan.policy.commands import install_default
from huikuan.policy.queries import versions_of
from huikuan.runs.commands.run import ENGINES, run_day
from huikuan.runs.models import Decision, Run
from huikuan.runs.queries.plan import new_rows
from huikuan.runs.queries.preview import Preview, preview
from huikuan.runs.queries.warnings import words
from huikuan.runs.queries.why import PositionWhy, StepWhy, Why, customer_named
from huikuan.runs.queries.why import why as explain

SHOWN_MAX: Final = 30
"""Decisions of a dry run on a terminal; --json has them all."""


@click.command()
@click.option("--as-of", "as_of_text", metavar="DATE", help=_("The day, like 2026-01-31; today when not given."))
@click.option("--entity", "entity_code", metavar="CODE", help=_("Only this creditor; all of them when not given."))
@click.option("--dry-run", is_flag=True, help=_("Show what would be done, write nothing. Any past day as well."))
@click.option("--engine", type=click.Choice(ENGINES), default="local", help=_("What computes."))
@click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
@refusals_shown
def run(*, as_of_text: str | None, entity_code: str | None, dry_run: bool, engine: str, as_json: bool) -> None:
    """Run the day: decide who is contacted and how, make tasks, queue messages. Twice is once."""
    ensure_home()
    now = timezone.now()
    day = parse_day(as_of_text) if as_of_text else None
    entities = [entity_by_code(entity_code)] if entity_code else list(Entity.objects.order_by("code"))
    results = []
    for entity in entities:
        as_of = day or local_day(now, entity.time_zone)
        if dry_run:
            looked = preview(entity_id=entity.pk, as_of=as_of, now=now)
            results.append(_preview_row(looked))
            if not as_json:
                _print_preview(looked)
        else:
            done = _run_one(entity, as_of, now=now, engine=engine, is_quiet=as_json)
            results.append(_run_row(entity, done))
            if not as_json:
                _print_run(entity, done)
    if as_json:
        click.echo(json.dumps({"runs": results}, ensure_ascii=False))


def _run_one(entity: Entity, as_of: date, *, now: datetime, engine: str, is_quiet: bool) -> Run:
    """Run one entity, with a progress bar on a terminal; an entity without any policy gets the shipped one."""
    if not versions_of(entity.pk).exists():
        version = install_default(entity_id=entity.pk, now=now)
        told = _("{entity} had no policy: the shipped {name} is in force.")
        click.echo(told.format(entity=entity.code, name=version), err=True)
    if is_quiet or not sys.stderr.isatty():
        return run_day(entity_id=entity.pk, as_of=as_of, now=now, engine=engine)
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{entity.code} {as_of}", total=None)
        return run_day(
            entity_id=entity.pk,
            as_of=as_of,
            now=now,
            engine=engine,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _run_row(entity: Entity, done: Run) -> dict[str, Any]:
    return {
        "entity": entity.code,
        "as_of": done.as_of.isoformat(),
        "previous_on": done.previous_on.isoformat() if done.previous_on else None,
        "dry_run": False,
        "state": done.state,
        "policy": str(done.policy_version),
        "engine": done.engine,
        "counts": done.counts,
        "new": new_rows(done),
        "warnings": [{**each, "text": words(each)} for each in done.warnings],
    }


def _preview_row(looked: Preview) -> dict[str, Any]:
    return {
        "entity": looked.entity_code,
        "as_of": looked.as_of.isoformat(),
        "previous_on": looked.previous_on.isoformat() if looked.previous_on else None,
        "dry_run": True,
        "replay": looked.is_replay,
        "policy": looked.policy_name,
        "counts": looked.counts,
        "warnings": [{**each, "text": words(each)} for each in looked.warnings],
        "decisions": looked.decisions.to_dicts(),
    }


def _print_run(entity: Entity, done: Run) -> None:
    said = _("{entity}: {day} is done.") if new_rows(done) else _("{entity}: {day} is done; there was nothing new.")
    click.echo(said.format(entity=entity.code, day=done.as_of))
    _print_numbers(done.counts, done.warnings)


def _print_preview(looked: Preview) -> None:
    title = (
        _("{entity}: {day} would bring (nothing is written)")
        if not looked.is_replay
        else _("{entity}: {day} again, as it was that morning (nothing is written)")
    )
    click.echo(title.format(entity=looked.entity_code, day=looked.as_of))
    _print_numbers(looked.counts, looked.warnings)
    if looked.decisions.is_empty():
        return
    table = Table()
    for head in (_("Customer"), _("Step"), _("Action"), _("Days overdue"), _("Overdue"), _("Penalty"), _("Grade")):
        table.add_column(head, overflow="fold")
    for row in looked.decisions.head(SHOWN_MAX).to_dicts():
        money = [
            f"{format_decimal(row[name], row['currency'])} {row['currency']}"
            for name in ("overdue_minor", "penalty_minor")
        ]
        name = f"{row['customer_code']} {row['customer_name']}"
        action = str(Decision.Action(row["action"]).label)
        table.add_row(name, row["step_code"], action, str(row["days_overdue"]), *money, row["grade"])
    Console().print(table)
    if looked.decisions.height > SHOWN_MAX:
        click.echo(_("… and {count} more: add --json to see all.").format(count=looked.decisions.height - SHOWN_MAX))


def _print_numbers(counts: dict[str, int], warnings: list[dict[str, Any]]) -> None:
    labels = {
        "customers": _("customers looked at"), "items": _("open items"), "decisions": _("decisions"),
        "tasks": _("tasks"), "deliveries": _("messages queued"), "cases_opened": _("cases opened"),
        "cases_closed": _("cases closed"), "grades_changed": _("grades changed"),
        "warnings_begun": _("risk marks begun"), "warnings_ended": _("risk marks ended"),
        "tasks_cancelled": _("tasks called off"), "deliveries_cancelled": _("messages called off"),
    }  # fmt: skip
    for name, label in labels.items():
        if counts.get(name) or name in {"customers", "items", "decisions"}:
            click.echo(f"  {counts.get(name, 0):>9,}  {label}")
    for each in warnings:
        click.echo(f"  ! {words(each)}")


@click.command()
@click.argument("name", metavar="CASE|CUSTOMER")
@click.option("--as-of", "as_of_text", metavar="DATE", help=_("The day, like 2026-01-31; today when not given."))
@click.option("--entity", "entity_code", metavar="CODE", help=_("The creditor, when a code is used by several."))
@click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
@refusals_shown
def why(*, name: str, as_of_text: str | None, entity_code: str | None, as_json: bool) -> None:
    """Say why a customer is, or is not, contacted on a day: facts, grade, ladder step by step, what comes next."""
    ensure_home()
    now = timezone.now()
    entity_id = entity_by_code(entity_code).pk if entity_code else None
    customer = customer_named(name, entity_id=entity_id)
    as_of = parse_day(as_of_text) if as_of_text else local_day(now, customer.entity.time_zone)
    answer = explain(customer, as_of=as_of, now=now)
    if as_json:
        click.echo(json.dumps(answer.as_json(), ensure_ascii=False))
    else:
        _print_why(answer)


def _print_why(answer: Why) -> None:
    case = answer.case_number or _("no case")
    click.echo(f"{answer.entity} · {answer.customer_code} {answer.customer_name} · {case} · {answer.as_of}")
    click.echo(_("Policy: {name}").format(name=answer.policy))
    if answer.grade is not None:
        points = ", ".join(f"{code} {earned}" for code, earned in answer.grade_explanation["points"].items())
        click.echo(_("Grade: {letter}, {score} points ({points})").format(
            letter=answer.grade, score=answer.score, points=points
        ))  # fmt: skip
    if answer.risk_marks:
        click.echo(_("Risk marks: {marks}").format(marks=", ".join(answer.risk_marks)))
    for hold in answer.holds:
        click.echo(_("On hold: {hold}").format(hold=hold.words))
    if not answer.positions:
        click.echo(_("Nothing is open on this day."))
    for position in answer.positions:
        _print_position(position)


def _print_steps(steps: tuple[StepWhy, ...]) -> None:
    for step in steps:
        click.echo(f"  {step.rank:>4} {step.step_code:<18} {step.trigger:<10} {step.words}")


def _print_position(position: PositionWhy) -> None:
    click.echo("")
    click.echo(_(
        "{currency}: overdue {overdue} in {count} items, {days} days; held {held}, on account {on_account}, open {open}"
    ).format(
        currency=position.currency, overdue=position.overdue, count=position.item_count, days=position.days_overdue,
        held=position.held, on_account=position.on_account, open=position.open,
    ))  # fmt: skip
    if position.ladder:
        click.echo(_("Segment {segment}, ladder {ladder}").format(segment=position.segment, ladder=position.ladder))
    if position.last_step:
        click.echo(_("Last step: {step} on {day}").format(step=position.last_step, day=position.last_step_on))
    click.echo(position.words)
    for line in position.upcoming:
        click.echo(f"  {line}")
    _print_steps(position.steps)
    for item in position.items:
        click.echo("")
        click.echo(_("{number}: overdue {overdue}, {days} days. {words}").format(
            number=item.number, overdue=item.overdue, days=item.days_overdue, words=item.words
        ))  # fmt: skip
        if item.last_step:
            click.echo(_("Last step: {step} on {day}").format(step=item.last_step, day=item.last_step_on))
        _print_steps(item.steps)
    if position.next_action_on:
        click.echo(_("Next: {action} on {day}").format(action=position.next_action, day=position.next_action_on))
