"""`huikuan mail`: the mailbox in which answers and returned mail arrive."""

import json

import click
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import ensure_home
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.mailbox import MailboxTroubleError


class MailboxNotSet(Refusal):
    """Nobody said which mailbox."""

    code = "cli.mailbox-not-set"
    text = gettext_noop("No mailbox is set. Set HUIKUAN_IMAP_HOST, HUIKUAN_IMAP_USER and HUIKUAN_IMAP_PASSWORD.")


class MailboxUnusable(Refusal):
    """It cannot be read now."""

    code = "cli.mailbox-unusable"
    text = gettext_noop("The mailbox cannot be read: {said}")


@click.group()
def mail() -> None:
    """Read the mailbox in which answers and returned mail arrive."""


@mail.command()
@click.option("--json", "as_json", is_flag=True, help=_("Print the counts as JSON."))
@refusals_shown
def fetch(*, as_json: bool) -> None:
    """Take what is new in the mailbox; each message once, however often this is called."""
    from huikuan.cases.jobs import fetch_answers  # noqa: PLC0415  imports the rules

    ensure_home()
    if not settings.HUIKUAN_IMAP_HOST:
        raise MailboxNotSet
    try:
        counts = fetch_answers(clock=timezone.now)
    except MailboxTroubleError as trouble:
        raise MailboxUnusable(said=str(trouble)) from trouble
    if as_json:
        click.echo(json.dumps(dict(counts), ensure_ascii=False))
        return
    total = sum(count for kind, count in counts.items() if kind.isupper())
    click.echo(ngettext("{count} message taken.", "{count} messages taken.", total).format(count=total))
    for kind, count in sorted(counts.items()):
        click.echo(f"  {kind}: {count}")
