"""How commands answer: a refusal is one clear sentence and status 1, or the same as JSON; never a traceback."""

import functools
import json
import sys
from collections.abc import Callable
from typing import ParamSpec

import click
from django.utils.translation import gettext

from huikuan.kernel.refusal import Refusal

P = ParamSpec("P")


def said(refusal: Refusal) -> str:
    """Return a refusal in the language of the command line."""
    return gettext(refusal.text).format(**refusal.facts)


def refusals_shown(command: Callable[P, None]) -> Callable[P, None]:
    """Show a refusal of the command instead of raising it, and end with status 1.

    With `--json` (a parameter `as_json`) it is an object on standard output: code, message, facts.
    """

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except Refusal as refusal:
            if kwargs.get("as_json"):
                click.echo(json.dumps({"error": refusal.as_dict()}, ensure_ascii=False))
            else:
                click.echo(said(refusal), err=True)
            sys.exit(1)

    return wrapped
