"""The `huikuan` command: each subcommand lives in its own file and is loaded only when called."""

import importlib
import logging
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import NoReturn

import click

COMMANDS = {
    "init": "huikuan.cli.init:init",
    "demo": "huikuan.cli.demo:demo",
    "serve": "huikuan.cli.serve:serve",
    "web": "huikuan.cli.serve:web",
    "worker": "huikuan.cli.worker:worker",
    "scheduler": "huikuan.cli.worker:scheduler",
    "import": "huikuan.cli.importing:import_",
    "export": "huikuan.cli.exporting:export",
    "bank": "huikuan.cli.bank:bank",
    "pay": "huikuan.cli.pay:pay",
    "money": "huikuan.cli.money:money",
    "run": "huikuan.cli.run:run",
    "why": "huikuan.cli.run:why",
    "mail": "huikuan.cli.mail:mail",
    "letter": "huikuan.cli.letter:letter",
    "letters": "huikuan.cli.letter:letters",
    "plan": "huikuan.cli.plan:plan",
    "promise": "huikuan.cli.plan:promise",
    "statement": "huikuan.cli.statement:statement",
    "bill": "huikuan.cli.bill:bill",
    "dispute": "huikuan.cli.disputing:dispute",
    "offer": "huikuan.cli.disputing:offer",
    "policy": "huikuan.cli.policy:policy",
    "template": "huikuan.cli.template:template",
    "aging": "huikuan.cli.aging:aging",
    "ledger": "huikuan.cli.ledger:ledger",
    "doctor": "huikuan.cli.doctor:doctor",
    "user": "huikuan.cli.user:user",
    "entity": "huikuan.cli.entity:entity",
    "bench": "huikuan.cli.bench:bench",
}


class LazyGroup(click.Group):
    """A group that imports a subcommand, and Django with it, only when that subcommand is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order a new user meets them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one subcommand, or None when there is no such name."""
        del ctx
        target = COMMANDS.get(cmd_name)
        if target is None:
            return None
        module, _, attribute = target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="huikuan")
def huikuan() -> None:
    """回款 huikuan: bring overdue receivables home, inside the law."""


def language_of(environment: Mapping[str, str], *, default: str) -> str:
    """Return the language of the terminal: HUIKUAN_LANGUAGE, else what the locale says, else the default.

    >>> language_of({"LANG": "en_US.UTF-8"}, default="zh-hans")
    'en'
    """
    if environment.get("HUIKUAN_LANGUAGE", "").strip():
        return default
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        spoken = environment.get(name, "").lower()
        if spoken.startswith("en"):
            return "en"
        if spoken.startswith("zh"):
            return "zh-hans"
    return default


def main() -> None:
    """Run the command line: set up Django, choose the language, then hand over to click."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huikuan.project.settings")
    # The settings variable must be set before Django is imported, and a bad setting must read as a sentence.
    import django  # noqa: PLC0415
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415

    try:
        django.setup()
        from django.conf import settings  # noqa: PLC0415
        from django.utils import translation  # noqa: PLC0415

        translation.activate(language_of(os.environ, default=settings.LANGUAGE_CODE))
    except ImproperlyConfigured as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    _leave(_status_of_command())


def _status_of_command() -> int:
    """Run the command that the words name and return its exit status."""
    try:
        huikuan.main(prog_name="huikuan", standalone_mode=True)
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            return ended.code or 0
        click.echo(ended.code, err=True)
        return 1


def _leave(status: int) -> NoReturn:
    """End the process with the status of the command, whatever idle threads of a library are still about.

    Arrow's reader threads may be taking their leave when the interpreter goes, and then abort the process
    (status 134, seen once in some hundred runs) although all work is done and said. So nothing is torn down: what is
    said is flushed, connections are closed, and the process ends.
    """
    from django.db import connections  # noqa: PLC0415  Django is set up by now

    connections.close_all()
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # the reader of a pipe may have left before us
            stream.flush()
    os._exit(status)
