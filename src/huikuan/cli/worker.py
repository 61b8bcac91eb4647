"""`huikuan worker` and `huikuan scheduler`: the machines behind the desk."""

import json
import signal
import threading
from types import FrameType

import click
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huikuan.outreach.worker import Worker


def stop_on_signals() -> threading.Event:
    """Return an event that SIGINT and SIGTERM set: whoever waits on it ends what it is doing and goes."""
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)
    return stop


@click.command()
@click.option("--once", is_flag=True, help=_("Deliver one batch and stop."))
@click.option("--drain", is_flag=True, help=_("Deliver until nothing more is due now and stop."))
@click.option("--json", "as_json", is_flag=True, help=_("Print the counts as JSON."))
def worker(*, once: bool, drain: bool, as_json: bool) -> None:
    """Send what is due. Any number of workers may run, on any machine."""
    machine = Worker()
    if once:
        machine.turn()
    elif drain:
        machine.drain()
    else:
        machine.run(stop_on_signals())
    machine.close()
    report(machine, as_json=as_json)


def report(machine: Worker, *, as_json: bool) -> None:
    """Say what was done and what stands in the way."""
    if as_json:
        click.echo(json.dumps({"counts": dict(machine.counts), "trouble": machine.trouble}, ensure_ascii=False))
        return
    sent = machine.counts["SENT"]
    click.echo(ngettext("{count} message sent.", "{count} messages sent.", sent).format(count=sent))
    for state, count in sorted(machine.counts.items()):
        if state != "SENT":
            click.echo(f"  {state}: {count}")
    if machine.trouble:
        click.echo(_("The mail server cannot be used: {trouble}").format(trouble=machine.trouble), err=True)
