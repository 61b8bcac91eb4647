"""`huikuan money`: book money and take it back, charge the penalty, ask to write off and to pay back."""

import json
import mimetypes
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from huikuan.cash.commands.receive import NONE, ORDER, receive_money
from huikuan.cash.commands.requests import request_payout, request_write_off
from huikuan.cash.commands.reverse import Why, reverse_money
from huikuan.cash.commands.set_off import Declaration, set_off
from huikuan.cash.models import MoneyRequest
from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import MAIN, ensure_home
from huikuan.cli.ledger import CustomerUnknown, ReceiptUnknown
from huikuan.cli.lookup import entity_by_code
from huikuan.kernel.money import format_decimal, parse_minor
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.kernel.zones import local_day
from huikuan.parties.models import Customer, Entity, User
from huikuan.receivables.commands.assignments import record_assignment
from huikuan.receivables.commands.charges import charge_penalty
from huikuan.receivables.commands.limitation import note_interruption
from huikuan.receivables.commands.third_party import PaidBy
from huikuan.receivables.models import Assignment, LimitationEvent, OpenItem, Receipt

_SHOWN: Final = 200
_entity = click.option("--entity", "entity_code", default=MAIN, metavar="CODE", help=_("Of this entity (code)."))
_json = click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
_by = click.option("--by", "username", required=True, metavar="USER", help=_("Who asks (user name)."))
_why = click.option("--reason", required=True, metavar="TEXT", help=_("Why; it is kept."))
_day = click.DateTime(["%Y-%m-%d"])


class ItemUnknown(Refusal):
    """No item has this number."""

    code = "cli.item-unknown"
    text = gettext_noop("{entity} has no item {number}. List them: huikuan export items --entity {entity}.")


class UserUnknown(Refusal):
    """Nobody has this name."""

    code = "cli.user-unknown"
    text = gettext_noop("There is no user {username}. List them: huikuan user list.")


@click.group()
def money() -> None:
    """Book money, take it back, charge, write off, pay back."""


@money.command()
@click.argument("customer_code", metavar="CUSTOMER")
@click.argument("amount")
@click.option("--reference", required=True, metavar="TEXT", help=_("The bank's reference; unique in the entity."))
@click.option("--on", "received_on", type=_day, help=_("Value date; today when not given."))
@click.option("--currency", default="", metavar="CODE", help=_("The entity's when not given."))
@click.option("--payer", default="", metavar="NAME", help=_("As the bank says."))
@click.option("--item", "designation", default="", metavar="NUMBER", help=_("The item that the payer named."))
@click.option("--on-account", is_flag=True, help=_("It pays nothing but the item named."))
@click.option("--paid-by", default="", metavar="NAME", help=_("Somebody else pays in the customer's place."))
@click.option("--ground", default="", metavar="TEXT", help=_("On what ground he pays: the letter, the agreement."))
@_entity
@_json
@refusals_shown
def receive(*, customer_code: str, amount: str, entity_code: str, as_json: bool, **said: Any) -> None:
    """Book money of the customer with this code; it pays, and closes what it settles."""
    ensure_home()
    entity, customer = _customer(entity_code, customer_code)
    now = timezone.now()
    currency = said["currency"].upper() or entity.currency
    receipt = receive_money(
        entity_id=entity.pk, customer_id=customer.pk, reference=said["reference"],
        received_on=_day_of(said["received_on"], entity, now), currency=currency,
        amount_minor=parse_minor(amount, currency), payer_name=said["payer"], designation=said["designation"],
        paid_by=PaidBy(said["paid_by"], said["ground"]) if said["paid_by"] or said["ground"] else None,
        allocate=NONE if said["on_account"] else ORDER, actor=None, now=now,
    )  # fmt: skip
    receipt.refresh_from_db()
    left = format_decimal(receipt.unapplied_minor, receipt.currency)
    row = {
        "reference": receipt.reference, "customer": customer.code, "currency": receipt.currency,
        "amount": format_decimal(receipt.amount_minor, receipt.currency), "unapplied": left,
        "paid": [
            {"item": each.item.number, "amount": format_decimal(each.amount_minor, each.currency)}
            for each in receipt.allocations.select_related("item").order_by("pk")
        ],
    }  # fmt: skip
    told = _("{reference} is booked; {left} {currency} of it on account.")
    _tell(row, told.format(reference=receipt.reference, left=left, currency=receipt.currency), as_json=as_json)


@money.command()
@click.argument("reference")
@click.option("--mistaken", is_flag=True, help=_("It never came, or was booked twice; else it came and went back."))
@_why
@_entity
@_json
@refusals_shown
def reverse(*, reference: str, mistaken: bool, reason: str, entity_code: str, as_json: bool) -> None:
    """Take back the money with this REFERENCE; what it paid is open again."""
    ensure_home()
    receipt = _receipt(entity_code, reference)
    again = reverse_money(
        receipt_id=receipt.pk, why=Why.MISTAKEN if mistaken else Why.BOUNCED, reason=reason, actor=None,
        now=timezone.now(),
    )  # fmt: skip
    row = {"reference": reference, "case_id": again.case_id, "tasks": again.tasks, "messages": again.deliveries}
    _tell(row, _("{reference} is taken back; what it had paid is open again.").format(**row), as_json=as_json)


@money.command()
@click.argument("customer_code", metavar="CUSTOMER")
@click.option("--through", "through_on", type=_day, help=_("Up to this day; today when not given."))
@click.option("--reason", default="", metavar="TEXT", help=_("A note."))
@_entity
@_json
@refusals_shown
def charge(*, customer_code: str, through_on: datetime | None, reason: str, entity_code: str, as_json: bool) -> None:
    """Make the penalty that has run an item of its own, so that money can pay it."""
    ensure_home()
    entity, customer = _customer(entity_code, customer_code)
    now = timezone.now()
    made = charge_penalty(
        customer_id=customer.pk, through_on=_day_of(through_on, entity, now), reason=reason, actor=None, now=now
    )
    rows = [
        {
            "number": each.booked_as.number, "item": each.item.number, "currency": each.currency,
            "amount": format_decimal(each.amount_minor, each.currency), "through": each.through_on.isoformat(),
        }
        for each in made
    ]  # fmt: skip
    _tell_all(rows, _("No penalty to charge."), as_json=as_json)


@money.command("write-off")
@click.argument("item_number", metavar="ITEM")
@click.argument("amount", required=False)
@_why
@_by
@_entity
@_json
@refusals_shown
def write_off(
    *, item_number: str, amount: str | None, reason: str, username: str, entity_code: str, as_json: bool
) -> None:
    """Ask to write off the ITEM, or so much of it; others decide."""
    ensure_home()
    item = _item(entity_by_code(entity_code), item_number)
    asked = request_write_off(
        item_id=item.pk, amount_minor=parse_minor(amount, item.currency) if amount else item.open_minor, reason=reason,
        actor=_user(username), now=timezone.now(),
    )  # fmt: skip
    _told_of(asked, as_json=as_json)


@money.command()
@click.argument("reference")
@click.argument("amount")
@click.option("--keep", is_flag=True, help=_("Keep it as income instead: a small difference."))
@click.option("--paid-out", default="", metavar="TEXT", help=_("Reference of the outgoing payment."))
@_why
@_by
@_entity
@_json
@refusals_shown
def refund(*, reference: str, amount: str, keep: bool, paid_out: str, entity_code: str, **said: Any) -> None:
    """Ask to pay back AMOUNT of the money on account with this REFERENCE; others decide."""
    ensure_home()
    receipt = _receipt(entity_code, reference)
    kind = MoneyRequest.Kind.INCOME if keep else MoneyRequest.Kind.REFUND
    asked = request_payout(
        receipt_id=receipt.pk, kind=kind, amount_minor=parse_minor(amount, receipt.currency), reason=said["reason"],
        reference=paid_out, actor=_user(said["username"]), now=timezone.now(),
    )  # fmt: skip
    _told_of(asked, as_json=said["as_json"])


@money.group()
def request() -> None:
    """What was asked: write-offs, payments back, kept differences."""


@request.command("list")
@click.option("--all", "with_over", is_flag=True, help=_("Also those that are over."))
@_entity
@_json
@refusals_shown
def list_requests(*, with_over: bool, entity_code: str, as_json: bool) -> None:
    """List what waits for a decision, the oldest first."""
    ensure_home()
    found = MoneyRequest.objects.filter(entity=entity_by_code(entity_code)).select_related(
        "item", "receipt", "customer"
    )
    if not with_over:
        found = found.filter(booked_at=None, declined_at=None)
    _tell_all([_request(each) for each in found.order_by("asked_at")[:_SHOWN]], _("Nothing waits."), as_json=as_json)


@money.command("set-off")
@click.argument("customer_code", metavar="CUSTOMER")
@click.argument("amount")
@click.option("--number", required=True, metavar="NUMBER", help=_("Of the credit note; unique in the entity."))
@click.option("--against", required=True, metavar="TEXT", help=_("What we owe: the number of the customer's invoice."))
@click.option("--on", "declared_on", type=_day, help=_("Day on which the declaration arrived; today when not given."))
@click.option("--file", "file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help=_("The declaration or the agreement."))  # fmt: skip
@click.option("--currency", default="", metavar="CODE", help=_("The entity's when not given."))
@_entity
@_json
@refusals_shown
def set_off_debt(*, customer_code: str, amount: str, file: Path, entity_code: str, as_json: bool, **said: Any) -> None:
    """Set what we owe the customer off against what the customer owes us."""
    ensure_home()
    entity, customer = _customer(entity_code, customer_code)
    now = timezone.now()
    currency = said["currency"].upper() or entity.currency
    note = set_off(
        customer_id=customer.pk, number=said["number"], against=said["against"], currency=currency,
        declared_on=_day_of(said["declared_on"], entity, now), amount_minor=parse_minor(amount, currency),
        document=Declaration(file.name, mimetypes.guess_type(file.name)[0] or "", file.read_bytes()), actor=None,
        now=now,
    )  # fmt: skip
    note.refresh_from_db()
    left = format_decimal(note.unapplied_minor, note.currency)
    row = {"number": note.number, "customer": customer.code, "currency": note.currency, "unapplied": left}
    _tell(row, _("{number} is set off; {unapplied} {currency} of it on account.").format(**row), as_json=as_json)


@money.command()
@click.argument("customer_code", metavar="CUSTOMER")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@click.option("--to", "party", required=True, metavar="NAME", help=_("The new creditor or debtor."))
@click.option("--kind", type=click.Choice([kind.value for kind in Assignment.Kind]), default="CLAIM", show_default=True)
@click.option("--agreed", "agreed_on", type=_day, required=True, help=_("Day of the agreement."))
@click.option("--notified", "notified_on", type=_day, help=_("Day on which the other side was told, or agreed."))
@click.option("--note", default="", metavar="TEXT", help=_("A note."))
@_entity
@_json
@refusals_shown
def assign(*, customer_code: str, items: tuple[str, ...], entity_code: str, as_json: bool, **said: Any) -> None:
    """Record that ITEMs passed to another creditor (CLAIM) or debtor (DEBT); it moves no money."""
    ensure_home()
    entity, customer = _customer(entity_code, customer_code)
    made = record_assignment(
        customer_id=customer.pk, kind=said["kind"], party=said["party"],
        item_ids=[_item(entity, number).pk for number in items], agreed_on=said["agreed_on"].date(),
        notified_on=said["notified_on"].date() if said["notified_on"] else None, note=said["note"], actor=None,
        now=timezone.now(),
    )  # fmt: skip
    row = {"id": made.pk, "customer": customer.code, "kind": made.kind, "party": made.party, "items": list(items)}
    _tell(row, _("Recorded."), as_json=as_json)


@money.command()
@click.argument("customer_code", metavar="CUSTOMER")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@click.option("--kind", type=click.Choice([kind.value for kind in LimitationEvent.Kind]), required=True)
@click.option("--on", "happened_on", type=_day, required=True, help=_("The day from which the period runs anew."))
@click.option("--evidence", required=True, metavar="TEXT", help=_("What proves it: the message, the file, its number."))
@click.option("--who", default="", metavar="NAME", help=_("On the debtor's side."))
@_entity
@_json
@refusals_shown
def interrupt(*, customer_code: str, items: tuple[str, ...], entity_code: str, as_json: bool, **said: Any) -> None:
    """Write down that the limitation period of ITEMs begins anew, with what proves it."""
    ensure_home()
    entity, customer = _customer(entity_code, customer_code)
    count = note_interruption(
        customer_id=customer.pk, kind=said["kind"], happened_on=said["happened_on"].date(),
        evidence=said["evidence"][:80], proof=said["evidence"], who=said["who"],
        item_ids=[_item(entity, number).pk for number in items], actor=None, now=timezone.now(),
    )  # fmt: skip
    _tell({"customer": customer.code, "kind": said["kind"], "items": count}, _("Recorded."), as_json=as_json)


def _customer(entity_code: str, code: str) -> tuple[Entity, Customer]:
    entity = entity_by_code(entity_code)
    customer = Customer.objects.filter(entity=entity, code=code).first()
    if customer is None:
        raise CustomerUnknown(entity=entity.code, customer=code)
    return entity, customer


def _receipt(entity_code: str, reference: str) -> Receipt:
    entity = entity_by_code(entity_code)
    receipt = Receipt.objects.filter(entity=entity, reference=reference).first()
    if receipt is None:
        raise ReceiptUnknown(entity=entity.code, reference=reference)
    return receipt


def _item(entity: Entity, number: str) -> OpenItem:
    item = OpenItem.objects.filter(entity=entity, number=number).first()
    if item is None:
        raise ItemUnknown(entity=entity.code, number=number)
    return item


def _user(username: str) -> User:
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise UserUnknown(username=username)
    return user


def _day_of(said: datetime | None, entity: Entity, now: datetime) -> date:
    return local_day(now, entity.time_zone) if said is None else said.date()


def _request(asked: MoneyRequest) -> dict[str, Any]:
    return {
        "id": asked.pk,
        "customer": asked.customer.code,
        "kind": asked.kind,
        "about": asked.item.number if asked.item else str(asked.receipt),
        "amount": format_decimal(asked.amount_minor, asked.currency),
        "currency": asked.currency,
        "reason": asked.reason,
        "state": "BOOKED" if asked.booked_at else "DECLINED" if asked.declined_at else "WAITING",
    }


def _told_of(asked: MoneyRequest, *, as_json: bool) -> None:
    asked.refresh_from_db()
    _tell(_request(asked), _("Asked: it is booked as soon as somebody else has approved it."), as_json=as_json)


def _tell(row: dict[str, Any], told: str, *, as_json: bool) -> None:
    click.echo(json.dumps(row, ensure_ascii=False) if as_json else told)


def _tell_all(rows: list[dict[str, Any]], none: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo("  ".join(str(value) for value in row.values()))
    if not rows:
        click.echo(none)
