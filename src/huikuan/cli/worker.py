"""`huikuan worker` and `huikuan scheduler`: the machines behind the desk."""

import json
import logging
import threading
from collections import Counter
from collections.abc import Sequence

import click
from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import ensure_home
from huikuan.cli.processes import end_with_parent, stop_on_signals
from huikuan.outreach.models import Delivery
from huikuan.outreach.ports import machine_channels
from huikuan.outreach.worker import Worker

logger = logging.getLogger(__name__)

RUN_CHECK_SECONDS = 60
SEAL_SECONDS = 300
WATCH_SECONDS = 3600
MAILBOX_SECONDS = 180
ASK_BACK_SECONDS = 300


@click.command()
@click.option("--once", is_flag=True, help=_("Deliver one batch and stop."))
@click.option("--drain", is_flag=True, help=_("Deliver until nothing more is due now and stop."))
@click.option("--json", "as_json", is_flag=True, help=_("Print the counts as JSON."))
@refusals_shown
def worker(*, once: bool, drain: bool, as_json: bool) -> None:
    """Send what is due. Any number of workers may run, on any machine."""
    ensure_home()
    machines = [Worker(kind) for kind in machine_channels()]
    if not (once or drain):
        stop = stop_on_signals()
        end_with_parent()
        run_together(machines, stop)
        return
    for machine in machines:
        if once:
            machine.turn()
        else:
            machine.drain()
        machine.close()
    report(machines, as_json=as_json)


def run_together(machines: Sequence[Worker], stop: threading.Event) -> None:
    """Run one worker per channel, each in a thread of its own: one provider that is slow keeps no other waiting."""
    threads = [threading.Thread(target=machine.run, args=[stop], daemon=True) for machine in machines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def report(machines: Sequence[Worker], *, as_json: bool) -> None:
    """Say what was done and what stands in the way."""
    counts = sum((machine.counts for machine in machines), Counter[str]())
    troubles = {machine.kind: machine.trouble for machine in machines if machine.trouble}
    if as_json:
        trouble = "; ".join(troubles.values())
        click.echo(json.dumps({"counts": dict(counts), "trouble": trouble}, ensure_ascii=False))
        return
    sent = counts["SENT"]
    click.echo(ngettext("{count} message sent.", "{count} messages sent.", sent).format(count=sent))
    for state, count in sorted(counts.items()):
        if state != "SENT":
            click.echo(f"  {state}: {count}")
    for kind, trouble in troubles.items():
        name = Delivery.Channel(kind).label
        click.echo(_("{channel} cannot be sent: {trouble}").format(channel=name, trouble=trouble), err=True)


@click.command()
@click.option("--once", is_flag=True, help=_("Do what is due now and stop."))
@refusals_shown
def scheduler(*, once: bool) -> None:
    """Start the daily run of each entity at its hour (HUIKUAN_RUN_HOUR) and seal the journal."""
    ensure_home()
    if once:
        run_due_days()
        fall_back()
        settle_payments()
        watch_accounts()
        ask_back()
        seal_journal()
        return
    stop = stop_on_signals()
    end_with_parent()
    keep_time(stop)


def keep_time(stop: threading.Event) -> None:
    """Call what is due again and again until told to stop. Nothing is remembered here: the tables say what is due."""
    from apscheduler.executors.pool import ThreadPoolExecutor  # noqa: PLC0415  only the scheduler needs them
    from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415

    clock = BackgroundScheduler(
        timezone="UTC",
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    clock.add_job(run_due_days, "interval", seconds=RUN_CHECK_SECONDS, next_run_time=timezone.now())
    clock.add_job(settle_payments, "interval", seconds=RUN_CHECK_SECONDS, next_run_time=timezone.now())
    clock.add_job(watch_accounts, "interval", seconds=WATCH_SECONDS, next_run_time=timezone.now())
    clock.add_job(fall_back, "interval", seconds=RUN_CHECK_SECONDS, next_run_time=timezone.now())
    clock.add_job(read_mailbox, "interval", seconds=MAILBOX_SECONDS, next_run_time=timezone.now())
    clock.add_job(seal_journal, "interval", seconds=SEAL_SECONDS, next_run_time=timezone.now())
    clock.add_job(ask_back, "interval", seconds=ASK_BACK_SECONDS, next_run_time=timezone.now())
    clock.start()
    stop.wait()
    clock.shutdown(wait=False)
    connection.close()


def run_due_days() -> None:
    """Run the day of every entity whose hour has come."""
    from huikuan.runs.jobs import run_due  # noqa: PLC0415  the rules take a while to import
    from huikuan.runs.staff import tell_staff  # noqa: PLC0415

    close_old_connections()
    for run in run_due(now=timezone.now(), from_hour=settings.HUIKUAN_RUN_HOUR):
        logger.info("%s: %s is done", run.entity_id, run.as_of)
        tell_staff(run, now=timezone.now())


def ask_back() -> None:
    """Ask the providers that can be asked about messages of which nobody knows whether they left."""
    from huikuan.outreach.jobs import settle_doubts  # noqa: PLC0415

    close_old_connections()
    settle_doubts(now=timezone.now())


def settle_payments() -> None:
    """Ask gateways about payments that nobody has told us of, and send back what was approved."""
    from huikuan.cash.jobs import settle_payments as settle  # noqa: PLC0415

    close_old_connections()
    settle(now=timezone.now())


def fall_back() -> None:
    """Send by another channel what nobody has read, or what did not arrive."""
    from huikuan.runs.jobs import fall_back_due  # noqa: PLC0415

    close_old_connections()
    fall_back_due(now=timezone.now())


def read_mailbox() -> None:
    """Take the answers and the returned mail that have arrived."""
    from huikuan.cases.jobs import fetch_answers_quietly  # noqa: PLC0415

    close_old_connections()
    fetch_answers_quietly(clock=timezone.now)


def watch_accounts() -> None:
    """Remind of statements without an answer, of bills to present and of recourse that ends."""
    from huikuan.cash.watching import watch_accounts as watch  # noqa: PLC0415

    close_old_connections()
    watch(now=timezone.now())


def seal_journal() -> None:
    """Chain the journal entries written since the last time."""
    from huikuan.journal.commands import seal  # noqa: PLC0415

    close_old_connections()
    seal(now=timezone.now())
