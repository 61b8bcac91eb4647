"""`huikuan serve` and `huikuan web`: the desk in a browser, with or without the machines behind it."""

import socket
from collections.abc import Callable, Iterable

import click
from django.conf import settings
from django.utils.translation import gettext as _

from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import ensure_home
from huikuan.cli.processes import Together, end_when_orphaned, end_with_parent, stop_on_signals
from huikuan.kernel.refusal import Refusal, gettext_noop

HOST = "127.0.0.1"
PORT = 8000


class AddressTaken(Refusal):
    """Another program listens there."""

    code = "serve.address-taken"
    text = gettext_noop("{host}:{port} cannot be opened ({reason}). Choose another one: --port {other}")


@click.command()
@click.option("--host", default=HOST, show_default=True, help=_("Address to listen on."))
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535), help=_("Port to listen on."))
@refusals_shown
def serve(*, host: str = HOST, port: int = PORT) -> None:
    """Serve the desk, send what is due and run every day, all in one: for one machine."""
    ensure_home()
    check_free(host, port)
    click.echo(_("The desk is at http://{host}:{port}/  (end with Ctrl-C)").format(host=host, port=port))
    if not settings.EMAIL_HOST and not settings.HUIKUAN_IS_DEMO:
        click.echo(_("No mail server is set (HUIKUAN_SMTP_HOST): messages wait in the queue."))
    commands = {
        "web": ["web", "--host", host, "--port", str(port)],
        "worker": ["worker"],
        "scheduler": ["scheduler"],
    }
    Together(commands).run(stop_on_signals())


@click.command()
@click.option("--host", default=HOST, show_default=True, help=_("Address to listen on."))
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535), help=_("Port to listen on."))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help=_("Web processes."))
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64), help=_("Threads of each process."))
@refusals_shown
def web(*, host: str = HOST, port: int = PORT, workers: int = 1, threads: int = 4) -> None:
    """Serve the desk alone: in production, beside `huikuan worker` and `huikuan scheduler`."""
    from granian import Granian  # noqa: PLC0415  the other commands start without a web server
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    ensure_home()
    check_free(host, port)
    end_with_parent()
    Granian(
        "huikuan.project.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backpressure=max(64, threads * 8),
        log_access=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        websockets=False,
    ).serve(target_loader=application, wrap_loader=False)


def application() -> Callable[..., Iterable[bytes]]:
    """Load the site in a web process, which ends with the one that started it."""
    from huikuan.project.wsgi import application as site  # noqa: PLC0415  loads Django's views

    end_when_orphaned()
    return site


def check_free(host: str, port: int) -> None:
    """Refuse an address that cannot be opened, before any process is started. Raises AddressTaken."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, kind, protocol, _name, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise AddressTaken(host=host, port=port, reason=error.strerror or error, other=port + 1) from error
