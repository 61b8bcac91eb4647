"""`huikuan bank`: bank accounts, statements into the ledger, and the money nobody has claimed yet."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huikuan.adapters.bank_tables.profile import profiles
from huikuan.cash.commands.accounts import add_account
from huikuan.cash.commands.matching import Matched, MatchingBusy, match_lines
from huikuan.cash.commands.statements import Brought, Imported, import_statement, preview_statement, withdraw_statement
from huikuan.cash.models import BankAccount, StatementFile, StatementLine
from huikuan.cash.ports import open_statement
from huikuan.cash.queries.accounts import account_named
from huikuan.cash.queries.lines import open_lines
from huikuan.cash.wording import matched_text, remark_text
from huikuan.cli.answers import refusals_shown, said
from huikuan.cli.bank_match import match
from huikuan.cli.home import MAIN, ensure_home
from huikuan.cli.lookup import entity_by_code
from huikuan.kernel.money import format_decimal
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.kernel.zones import local_day

_LINES_SHOWN: Final = 200
_entity = click.option("--entity", "entity_code", default=MAIN, metavar="CODE", help=_("Whose bank accounts."))
_json = click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))


class FileUnknown(Refusal):
    """No such import."""

    code = "bank.file-unknown"
    text = gettext_noop("There is no imported statement with the number {number} in {entity}.")


@click.group()
def bank() -> None:
    """Bank accounts and statements."""


bank.add_command(match)


@bank.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@_entity
@click.option("--account", "number", default="", metavar="NUMBER", help=_("The account, where the file is silent."))
@click.option("--profile", default="", metavar="NAME", help=_("Layout of a table; found out when not given."))
@click.option("--encoding", default="", metavar="NAME", help=_("Encoding of a text file; found out when not given."))
@click.option("--dry-run", is_flag=True, help=_("Read and check the file, and write nothing."))
@click.option("--no-match", is_flag=True, help=_("Book the lines only; match them later: huikuan bank match."))
@_json
@refusals_shown
def import_(
    *,
    file: Path,
    entity_code: str,
    number: str,
    profile: str,
    encoding: str,
    dry_run: bool,
    no_match: bool,
    as_json: bool,
) -> None:
    """Book a bank statement (camt.052-054, MT940, MT942, or an export of a bank or wallet) and match its lines."""
    ensure_home()
    entity = entity_by_code(entity_code)
    chosen = account_named(entity, number) if number else None
    source = open_statement(file, profile=profile, encoding=encoding)
    if dry_run:
        imported = preview_statement(entity_id=entity.pk, source=source, chosen=chosen)
    else:
        imported = import_statement(
            entity_id=entity.pk, source=source, path=file, actor=None, now=timezone.now(), chosen=chosen
        )
    done: Matched | None = None
    busy = ""
    if not dry_run and not no_match and imported.booked_count:
        try:
            done = match_lines(entity_id=entity.pk, now=timezone.now())
        except MatchingBusy as no:  # what matches them right now takes the new lines, too, or the next one does
            busy = said(no)
    if as_json:
        matched = None if done is None else asdict(done)
        click.echo(json.dumps(_as_json(imported, dry_run=dry_run) | {"matched": matched}, ensure_ascii=False))
        return
    _say(imported, dry_run=dry_run)
    if done is not None or busy:
        click.echo(busy if done is None else matched_text(**done.counts))


def _as_json(imported: Imported, *, dry_run: bool) -> dict[str, Any]:
    return {
        "file": imported.source.name,
        "sha256": imported.source.sha256,
        "format": imported.source.format,
        "dry_run": dry_run,
        "accounts": [_brought(each) for each in imported.accounts],
        "recognized": imported.recognized_count,
        "remarks": [remark._asdict() for remark in imported.judgment.remarks],
    }


def _brought(brought: Brought) -> dict[str, Any]:
    judged = brought.judged
    return {
        "account": brought.account.number,
        "currency": judged.currency,
        "file_id": brought.file.pk if brought.file else None,
        "earlier_file_id": brought.earlier.pk if brought.earlier else None,
        "lines": judged.line_count,
        "booked": brought.booked_count,
        "repeated": brought.repeated_count,
        "credit_minor": judged.credit_minor,
        "debit_minor": judged.debit_minor,
        "opening_minor": judged.opening_minor,
        "closing_minor": judged.closing_minor,
        "starts_on": judged.starts_on.isoformat() if judged.starts_on else None,
        "ends_on": judged.ends_on.isoformat() if judged.ends_on else None,
    }


def _say(imported: Imported, *, dry_run: bool) -> None:
    click.echo(f"{imported.source.name} · {imported.source.format}")
    for brought in imported.accounts:
        judged = brought.judged
        click.echo(f"{brought.account} · {judged.starts_on} – {judged.ends_on}")
        if judged.opening_minor is not None and judged.closing_minor is not None:
            parts = (judged.opening_minor, judged.credit_minor, -judged.debit_minor, judged.closing_minor)
            opening, credit, debit, closing = (format_decimal(minor, judged.currency) for minor in parts)
            click.echo(f"  {opening} + {credit} − {debit} = {closing} {judged.currency}")
        if brought.earlier is not None:
            click.echo(_("  This very file was imported before: nothing is booked."))
        new = ngettext("{n} new line", "{n} new lines", brought.booked_count).format(n=brought.booked_count)
        known = ngettext("{n} known", "{n} known", brought.repeated_count).format(n=brought.repeated_count)
        click.echo(f"  {new}, {known}")
    if imported.recognized_count:
        told = ngettext("{n} was told by a gateway.", "{n} were told by a gateway.", imported.recognized_count)
        click.echo("  " + told.format(n=imported.recognized_count))
    for remark in imported.judgment.remarks:
        click.echo("  " + remark_text(remark.code, remark.place, remark.said))
    click.echo(_("Checked; nothing was written.") if dry_run else _("Done."))


@bank.command("withdraw")
@click.argument("number", type=int)
@_entity
@_json
@refusals_shown
def withdraw(*, number: int, entity_code: str, as_json: bool) -> None:
    """Undo the import with this NUMBER (see `bank accounts`), while none of its lines is matched."""
    ensure_home()
    entity = entity_by_code(entity_code)
    if not StatementFile.objects.filter(pk=number, entity=entity).exists():
        raise FileUnknown(number=number, entity=entity.code)
    file = withdraw_statement(file_id=number, actor=None, now=timezone.now())
    if as_json:
        click.echo(json.dumps({"file_id": file.pk, "name": file.name, "lines": file.booked_count}, ensure_ascii=False))
    else:
        click.echo(_("Withdrawn: {name}.").format(name=file.name))


@bank.command("accounts")
@click.option("--add", "number", metavar="NUMBER", help=_("Enter this account."))
@click.option("--currency", default="", metavar="CODE", help=_("Of the new account; the entity's when not given."))
@click.option("--bank", "bank_name", default="", metavar="NAME", help=_("Bank or wallet of the new account."))
@_entity
@_json
@refusals_shown
def accounts(*, number: str | None, currency: str, bank_name: str, entity_code: str, as_json: bool) -> None:
    """List the bank accounts with their last statements, or enter one."""
    ensure_home()
    entity = entity_by_code(entity_code)
    if number:
        add_account(
            entity_id=entity.pk, number=number, currency=currency, bank=bank_name, actor=None, now=timezone.now()
        )
    rows = [_account(each) for each in BankAccount.objects.filter(entity=entity).order_by("number", "currency")]
    if as_json:
        click.echo(json.dumps({"accounts": rows}, ensure_ascii=False))
        return
    if not rows:
        click.echo(_("No bank account yet: huikuan bank accounts --add NUMBER"))
    for row in rows:
        last = row["last_file"]
        said = f"{last['id']} {last['name']} ({last['ends_on']})" if last else _("no statement yet")
        click.echo(f"{row['bank']} {row['number']} {row['currency']} · {said}".strip())


def _account(account: BankAccount) -> dict[str, Any]:
    last = account.statement_files.filter(withdrawn_at=None).order_by("-imported_at", "-pk").first()
    return {
        "number": account.number,
        "currency": account.currency,
        "bank": account.bank,
        "last_file": {
            "id": last.pk,
            "name": last.name,
            "ends_on": last.period_ends_on.isoformat() if last.period_ends_on else None,
            "closing_minor": last.closing_minor,
        }
        if last
        else None,
    }


@bank.command("lines")
@click.option("--open", "only_open", is_flag=True, help=_("Only money that came in and is not matched."))
@click.option("--account", "number", default="", metavar="NUMBER", help=_("Of one account."))
@_entity
@_json
@refusals_shown
def lines(*, only_open: bool, number: str, entity_code: str, as_json: bool) -> None:
    """List the newest statement lines, with the age in days of those that are open."""
    ensure_home()
    entity = entity_by_code(entity_code)
    today = local_day(timezone.now(), entity.time_zone)
    found = open_lines(entity_id=entity.pk) if only_open else StatementLine.objects.filter(account__entity=entity)
    if number:
        found = found.filter(account=account_named(entity, number))
    shown = found.select_related("account", "receipt").order_by("-booked_on", "-pk")[:_LINES_SHOWN]
    rows = [
        {
            "id": each.pk,
            "account": each.account.number,
            "booked_on": each.booked_on.isoformat(),
            "amount_minor": each.amount_minor,
            "currency": each.currency,
            "counterparty": each.counterparty_name,
            "remittance": each.remittance,
            "receipt": each.receipt.reference if each.receipt else None,
            "age_days": (today - each.booked_on).days,
        }
        for each in shown
    ]
    if as_json:
        click.echo(json.dumps({"lines": rows}, ensure_ascii=False))
        return
    for row in rows:
        amount = format_decimal(int(str(row["amount_minor"])), str(row["currency"]))
        matched = row["receipt"] or "—"
        words = f"{row['counterparty']} {row['remittance']}".strip()[:60]
        click.echo(f"{row['booked_on']} {amount:>16} {row['currency']} {matched} {words}")


@bank.command("layouts")
@_json
@refusals_shown
def layouts(*, as_json: bool) -> None:
    """List the layouts of bank tables; your own are YAML files in the folder that is named."""
    folder = settings.HUIKUAN_BANK_PROFILES
    rows = [{"name": each.name, "title": each.title} for each in profiles(folder).values()]
    if as_json:
        click.echo(json.dumps({"folder": str(folder), "layouts": rows}, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['name']:<16} {row['title']}")
    click.echo(_("Your own: {folder}").format(folder=folder))
