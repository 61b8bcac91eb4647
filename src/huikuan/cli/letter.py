"""`huikuan letter` writes one letter; `huikuan letters` lists, posts and prints them and reads the carrier's list."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from huikuan.adapters.tables.files import open_table
from huikuan.cli.answers import refusals_shown, said
from huikuan.cli.exporting import write_pieces
from huikuan.cli.home import MAIN, ensure_home
from huikuan.cli.lookup import entity_by_code
from huikuan.documents.docx import letter_docx
from huikuan.exchange.commands.carrier import import_carrier_list
from huikuan.exchange.commands.exporting import FileFormat
from huikuan.exchange.commands.printing import address_list, print_job, waiting_letters, write_waiting_letters
from huikuan.exchange.ports import FileMissing
from huikuan.kernel.money import format_money
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.commands.letters import draw_again, pdf_of
from huikuan.outreach.letters import LETTERS
from huikuan.outreach.models import Letter
from huikuan.parties.commands.letterhead import set_postal_address
from huikuan.parties.models import Customer
from huikuan.runs.commands.letters import post_letter, write_letter

ENTITY = click.option("--entity", "entity_code", default=MAIN, metavar="CODE", help=_("The creditor."))
JSON = click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
OUT = click.Path(path_type=Path, dir_okay=False)


class CustomerUnknown(Refusal):
    """No customer has this code."""

    code = "cli.customer-unknown"
    text = gettext_noop("{entity} has no customer {customer}.")


class LetterUnknown(Refusal):
    """No letter has this number."""

    code = "cli.letter-unknown"
    text = gettext_noop("There is no letter {number}.")


@click.command()
@click.argument("customer_code", metavar="CUSTOMER")
@ENTITY
@click.option("--template", default="demand", type=click.Choice(LETTERS), help=_("Which letter."))
@click.option("--language", type=click.Choice(["zh-hans", "en"]), help=_("The customer's when not given."))
@click.option("--currency", help=_("The customer's when not given."))
@click.option("--address", help=_("Where the customer's letters go; kept for the next one."))
@click.option("--output", type=OUT, help=_("Write the PDF to this file."))
@click.option("--docx", type=OUT, help=_("Write it as a Word document as well, without the seal."))
@JSON
@refusals_shown
def letter(
    *,
    customer_code: str,
    entity_code: str,
    template: str,
    language: str | None,
    currency: str | None,
    address: str | None,
    output: Path | None,
    docx: Path | None,
    as_json: bool,
) -> None:
    """Write a letter to the CUSTOMER with this code, from what is owed at this moment."""
    ensure_home()
    entity = entity_by_code(entity_code)
    customer = Customer.objects.filter(entity=entity, code=customer_code).first()
    if customer is None:
        raise CustomerUnknown(entity=entity.code, customer=customer_code)
    now = timezone.now()
    if address:
        set_postal_address(customer_id=customer.pk, address=address, actor=None, now=now)
    made = write_letter(
        customer_id=customer.pk, currency=currency or customer.currency, template=template, language=language or "",
        actor=None, now=now,
    )  # fmt: skip
    if output:
        write_pieces(iter([pdf_of(made)]), output)
    if docx:
        write_pieces(iter([letter_docx(made.data, language=made.language)]), docx)
    _say(_row(made), as_json=as_json)


@click.group()
def letters() -> None:
    """List letters, post them, print them, read the carrier's list."""


@letters.command("list")
@ENTITY
@click.option("--state", type=click.Choice(Letter.State.values), help=_("Only letters in this state."))
@JSON
@refusals_shown
def list_(*, entity_code: str, state: str | None, as_json: bool) -> None:
    """List the letters, newest first."""
    ensure_home()
    found = Letter.objects.filter(entity=entity_by_code(entity_code)).select_related("pdf", "customer")
    rows = [_row(each) for each in (found.filter(state=state) if state else found).order_by("-pk")]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo("  ".join(str(row[name]) for name in ("number", "dated", "state", "customer", "total")))


@letters.command("show")
@click.argument("number")
@click.option("--output", type=OUT, help=_("Write the PDF to this file."))
@click.option("--docx", type=OUT, help=_("Write it as a Word document as well, without the seal."))
@click.option("--verify", is_flag=True, help=_("Draw it again and compare every byte."))
@JSON
@refusals_shown
def show(*, number: str, output: Path | None, docx: Path | None, verify: bool, as_json: bool) -> None:
    """Show the letter with this NUMBER and what the post said of it."""
    ensure_home()
    found = _letter(number)
    row = _row(found)
    if verify:
        row["is_same_again"] = draw_again(found) == pdf_of(found)
    if output:
        write_pieces(iter([pdf_of(found)]), output)
    if docx:
        write_pieces(iter([letter_docx(found.data, language=found.language)]), docx)
    row["events"] = [
        {"state": event.state, "at": event.at.isoformat(), **event.detail}
        for event in found.events.order_by("at", "pk")
    ]
    _say(row, as_json=as_json)


@letters.command("hand-over")
@click.argument("number")
@click.option("--carrier", default="EMS", type=click.Choice(Letter.Carrier.values), help=_("Who carries it."))
@click.option("--tracking", "tracking_number", default="", help=_("The carrier's number."))
@click.option("--at", "at_text", metavar="TIME", help=_("When, as 2026-07-12T10:30; now when not given."))
@JSON
@refusals_shown
def hand_over(*, number: str, carrier: str, tracking_number: str, at_text: str | None, as_json: bool) -> None:
    """Record that the letter with this NUMBER was handed to the post; the contact guard is asked first."""
    ensure_home()
    now = timezone.now()
    posted = post_letter(
        letter_id=_letter(number).pk, carrier=carrier, at=_instant(at_text) if at_text else now, actor=None, now=now,
        tracking_number=tracking_number,
    )  # fmt: skip
    _say(_row(posted), as_json=as_json)


@letters.command("post")
@click.argument("file", type=click.Path(path_type=Path))
@ENTITY
@JSON
@refusals_shown
def post(*, file: Path, entity_code: str, as_json: bool) -> None:
    """Read the carrier's FILE (CSV or workbook): who signed, what was refused, what came back."""
    ensure_home()
    if not file.is_file():
        raise FileMissing(path=str(file))
    heard = import_carrier_list(
        entity_id=entity_by_code(entity_code).pk, table=open_table(file), content=file.read_bytes(),
        media_type="text/csv", actor=None, now=timezone.now(),
    )  # fmt: skip
    problems = [{"row": row, **no.as_dict()} for row, no in heard.problems]
    if as_json:
        said_all = {"new": heard.new_count, "known": heard.known_count, "problems": problems}
        click.echo(json.dumps(said_all, ensure_ascii=False))
        return
    click.echo(_("{new} new, {known} known already, {problems} not taken.").format(
        new=heard.new_count, known=heard.known_count, problems=len(problems)
    ))  # fmt: skip
    for row, no in heard.problems:
        click.echo(_("Row {row}: {problem}").format(row=row, problem=said(no)), err=True)


@letters.command("print")
@ENTITY
@click.option("--output", type=OUT, required=True, help=_("Write the PDF for the print shop to this file."))
@click.option("--addresses", type=OUT, help=_("Write the list of addresses to this file, .csv or .xlsx."))
@click.option("--write", is_flag=True, help=_("Write the letters of the waiting letter tasks first."))
@click.option("--duplex", is_flag=True, help=_("Every letter begins on a sheet of its own, printed on both sides."))
@JSON
@refusals_shown
def print_(*, entity_code: str, output: Path, addresses: Path | None, write: bool, duplex: bool, as_json: bool) -> None:
    """Put every letter that waits to be posted into one PDF, with the list of addresses."""
    ensure_home()
    entity, now = entity_by_code(entity_code), timezone.now()
    refusals = write_waiting_letters(entity_id=entity.pk, actor=None, now=now).refusals if write else ()
    waiting = list(waiting_letters(entity_id=entity.pk, user=None))
    write_pieces(iter([print_job(entity=entity, letters=waiting, is_duplex=duplex, actor=None, now=now)]), output)
    if addresses:
        kind = FileFormat.XLSX if addresses.suffix.lower() == ".xlsx" else FileFormat.CSV
        write_pieces(address_list(waiting, kind), addresses)
    row = {
        "letters": [each.number for each in waiting],
        "refused": [{"customer": code, **no.as_dict()} for code, no in refusals],
    }
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    click.echo(_("{count} letters in {file}.").format(count=len(waiting), file=output))
    for code, no in refusals:
        click.echo(f"{code}: {said(no)}", err=True)


def _letter(number: str) -> Letter:
    found = Letter.objects.filter(number__iexact=number).select_related("pdf", "customer").first()
    if found is None:
        raise LetterUnknown(number=number)
    return found


def _instant(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(_("--at is written as 2026-07-12T10:30.")) from error
    return read if read.tzinfo else timezone.make_aware(read)


def _row(letter: Letter) -> dict[str, Any]:
    return {
        "number": letter.number,
        "dated": letter.as_of.isoformat(),
        "state": letter.state,
        "customer": letter.customer.code,
        "addressee": letter.addressee,
        "address": letter.address,
        "template": letter.template,
        "language": letter.language,
        "currency": letter.currency,
        "principal_minor": letter.principal_minor,
        "penalty_minor": letter.penalty_minor,
        "total": format_money(letter.principal_minor + letter.penalty_minor, letter.currency, letter.language),
        "deadline_on": None if letter.deadline_on is None else letter.deadline_on.isoformat(),
        "tracking_number": letter.tracking_number,
        "signed_by": letter.signed_by,
        "sha256": letter.pdf.sha256,
    }


def _say(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    for name, value in row.items():
        if value not in (None, ""):
            click.echo(f"{name}: {value}")
