"""`huikuan demo`: an invented portfolio, the days that led up to today, today's run, and the desk."""

import json
import time
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, Final

import click
from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from huikuan.adapters.mailbox_folder.channel import FolderChannel
from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import ensure_home
from huikuan.cli.serve import HOST, PORT, check_free, serve
from huikuan.demo import reset, words
from huikuan.demo.bank import bank_days
from huikuan.demo.loading import check_empty, load
from huikuan.demo.paying import pay_online
from huikuan.demo.reconciling import reconcile
from huikuan.demo.replay import live, morning_of, working_days
from huikuan.demo.replies import replies
from huikuan.demo.summary import Figures, figures
from huikuan.demo.visits import visits_ahead
from huikuan.kernel.money import format_decimal, format_money
from huikuan.kernel.zones import local_day
from huikuan.parties.models import Entity, User
from huikuan.runs.commands.run import run_day
from huikuan.runs.models import Run

DEFAULT_ITEMS: Final = 4_000
REPLAY_DAYS: Final = 25
"""Working days lived through before today."""
REPLAY_ITEMS_MAX: Final = 20_000
"""Larger portfolios see one day only: their point is size."""
FOLDER_CHANNEL: Final = "huikuan.adapters.mailbox_folder.channel.FolderChannel"


@click.command()
@click.option(
    "--items", default=DEFAULT_ITEMS, show_default=True, type=click.IntRange(min=20), help=_("About how many items.")
)
@click.option("--no-serve", is_flag=True, help=_("Do not open the desk afterwards."))
@click.option("--host", default=HOST, show_default=True, help=_("Address of the desk."))
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535), help=_("Port of the desk."))
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help=_("The day to stop at; today if not given."))
@click.option("--reset", "is_reset", is_flag=True, help=_("Throw an earlier demo away and begin again."))
@click.option("--yes", is_flag=True, help=_("Do not ask before throwing the earlier demo away."))
@click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
@refusals_shown
def demo(
    *,
    items: int,
    no_serve: bool,
    host: str,
    port: int,
    as_of: datetime | None,
    is_reset: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Load an invented portfolio, live through the days before today, do today's run and serve the desk.

    The same rows every time. Nothing leaves this machine: the letters are files in the folder "outbox".
    """
    if not no_serve:
        check_free(host, port)
    if is_reset and reset.is_demo():
        if not yes:
            click.confirm(_("Throw away the demo in {folder}?").format(folder=settings.HUIKUAN_HOME), abort=True)
        reset.empty()
    ensure_home()
    settings.HUIKUAN_PORTS["outreach.email"], settings.HUIKUAN_IS_DEMO = FOLDER_CHANNEL, True
    url = f"http://{host}:{port}/"
    today = as_of.date() if as_of else local_day(timezone.now(), settings.TIME_ZONE)
    is_fresh = not (reset.is_demo() and User.objects.exists())
    result = _fresh(items, today, quiet=as_json) if is_fresh else _again(today)
    summed = figures(result["as_of"])
    if as_json:
        click.echo(json.dumps(_as_json(result, summed, url), ensure_ascii=False, default=str))
    else:
        _print(result, summed, url)
    if not no_serve:
        click.get_current_context().invoke(serve, host=host, port=port)


def _fresh(items: int, today: date, *, quiet: bool) -> dict[str, Any]:
    """Load, live, run; return what was done and how long it took."""
    check_empty()
    reset.put_mark({"as_of": today.isoformat(), "items": items})
    console = Console(stderr=True, quiet=quiet)
    begun = time.perf_counter()
    bars = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console, transient=True
    )
    with bars:
        loading = bars.add_task(_("Loading the portfolio"), total=items)
        loaded = load(
            items=items,
            as_of=today,
            now=_opening(today),
            on_progress=lambda count: bars.update(loading, completed=count),
        )
        loaded_at = time.perf_counter()
        days = working_days(today, count=REPLAY_DAYS) if items <= REPLAY_ITEMS_MAX else []
        living = bars.add_task(_("Living through the past days"), total=len(days), visible=bool(days))
        lived = live(
            days,
            payers=loaded.payers,
            channel=FolderChannel(),
            on_day=lambda count: bars.update(living, completed=count),
        )
    lived_at = time.perf_counter()
    bank_days(as_of=today, now=_opening(today))
    pay_online(now=_opening(today))
    reconcile(as_of=today, now=_opening(today))
    _run_today(today)
    visits_ahead(as_of=today, now=_opening(today))
    replies(now=_opening(today))
    return {
        "is_fresh": True,
        "as_of": today,
        "rows": loaded.counts,
        "days_replayed": lived.days,
        "seconds": {
            "load": round(loaded_at - begun, 2),
            "replay": round(lived_at - loaded_at, 2),
            "run": round(time.perf_counter() - lived_at, 2),
        },
    }


def _again(today: date) -> dict[str, Any]:
    """Return the demo as it stands, with the run of today done where days have passed since."""
    last = Run.objects.aggregate(last=Max("as_of"))["last"]
    day = max(today, last) if last else today
    begun = time.perf_counter()
    _run_today(day)
    return {
        "is_fresh": False, "as_of": day, "rows": {}, "days_replayed": 0,
        "seconds": {"run": round(time.perf_counter() - begun, 2)},
    }  # fmt: skip


def _run_today(today: date) -> None:
    now = (
        max(morning_of(today), _opening(today))
        if today < local_day(timezone.now(), settings.TIME_ZONE)
        else timezone.now()
    )
    for entity in Entity.objects.order_by("pk"):
        run_day(entity_id=entity.pk, as_of=today, now=now)


def _opening(day: date) -> datetime:
    """Return midnight UTC of a day, eight in the morning in China, or now if that is still to come."""
    return min(datetime(day.year, day.month, day.day, tzinfo=UTC), timezone.now())


def _as_json(result: dict[str, Any], summed: Figures, url: str) -> dict[str, Any]:
    """Return the result for scripts; money as decimal strings."""
    entities = [
        {**asdict(each), "overdue": {code: format_decimal(minor, code) for code, minor in each.overdue.items()}}
        for each in summed.entities
    ]
    return {
        **result,
        "home": str(settings.HUIKUAN_HOME),
        "database": "sqlite" if settings.EMBEDDED else "postgresql",
        "entities": entities,
        "contacts": summed.contacts,
        "letters": {"sent": summed.letters_sent, "waiting": summed.letters_waiting, "folder": summed.mail_folder},
        "users": [{"username": user.username, "role": user.role} for user in words.USERS],
        "password": words.PASSWORD,
        "url": url,
    }


def _print(result: dict[str, Any], summed: Figures, url: str) -> None:
    """Show what there is and how to sign in."""
    console = Console()
    table = Table(title=_("The demo on {day}").format(day=result["as_of"].isoformat()))
    for heading in (
        _("Entity"),
        _("Customers"),
        _("Open items"),
        _("Overdue items"),
        _("Overdue"),
        _("Cases"),
        _("Tasks"),
    ):
        table.add_column(heading, justify="left" if heading == _("Entity") else "right")
    for each in summed.entities:
        amounts = "\n".join(format_money(minor, code, settings.LANGUAGE_CODE) for code, minor in each.overdue.items())
        table.add_row(
            f"{each.code} {each.name}", str(each.customers), str(each.open_items), str(each.overdue_items), amounts,
            str(each.open_cases), str(each.open_tasks),
        )  # fmt: skip
    console.print(table)
    if result["days_replayed"]:
        count = result["days_replayed"]
        past = ngettext("{count} working day lived through.", "{count} working days lived through.", count)
        console.print(past.format(count=count), highlight=False)
    console.print(
        _("{contacts} contacts logged, {sent} letters sent, {waiting} waiting. Letters are files in {folder}").format(
            contacts=summed.contacts, sent=summed.letters_sent, waiting=summed.letters_waiting,
            folder=summed.mail_folder,
        ),
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    logins = Table(title=_("Sign in at {url} with the password {password}").format(
        url=url, password=words.PASSWORD
    ))  # fmt: skip
    for heading in (_("User"), _("Name"), _("Role"), _("Entities")):
        logins.add_column(heading)
    for user in words.USERS:
        logins.add_row(user.username, user.display_name, user.role, ", ".join(user.entities))
    console.print(logins)
