"""`huikuan pay`: the link by which a customer pays online, the payments, and asking the gateways about them."""

import json
from datetime import timedelta
from typing import Final

import click
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from huikuan.cash.jobs import settle_payments
from huikuan.cash.models import Payment
from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import MAIN, ensure_home
from huikuan.cli.lookup import entity_by_code
from huikuan.kernel.money import format_decimal
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.commands.links import address_of_link, issue_link
from huikuan.parties.models import Customer, SignedLink

VALID_DAYS: Final = 30
_SHOWN: Final = 200
_entity = click.option("--entity", "entity_code", default=MAIN, metavar="CODE", help=_("The creditor."))
_json = click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))


class CustomerUnknown(Refusal):
    """No such customer."""

    code = "cli.customer-unknown"
    text = gettext_noop("There is no customer {customer} in {entity}.")


@click.group()
def pay() -> None:
    """Paying online: links, payments, gateways."""


@pay.command()
@click.argument("customer")
@click.option(
    "--days", default=VALID_DAYS, show_default=True, type=click.IntRange(1, 365), help=_("How long it works.")
)
@_entity
@_json
@refusals_shown
def link(*, customer: str, days: int, entity_code: str, as_json: bool) -> None:
    """Print the link of the CUSTOMER (its code): the bill, and where a gateway is switched on, the way to pay it."""
    ensure_home()
    entity = entity_by_code(entity_code)
    found = Customer.objects.filter(entity=entity, code__iexact=customer).first()
    if found is None:
        raise CustomerUnknown(customer=customer, entity=entity.code)
    now = timezone.now()
    made = issue_link(
        customer_id=found.pk, purpose=SignedLink.Purpose.BILL, about=f"pay:{found.pk}",
        expires_at=now + timedelta(days=days), now=now,
    )  # fmt: skip
    answer = {
        "customer": found.code,
        "address": address_of_link(made),
        "expires_at": made.expires_at.isoformat(),
        "gateways": list(settings.HUIKUAN_GATEWAY_PORTS) if entity.code in settings.HUIKUAN_GATEWAY_ENTITIES else [],
    }
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    click.echo(answer["address"])
    if not answer["gateways"]:
        click.echo(_("No gateway is switched on for it: the page shows the bank account."), err=True)


@pay.command("list")
@click.option("--state", type=click.Choice(Payment.State.values), help=_("Only payments in this state."))
@_entity
@_json
@refusals_shown
def list_payments(*, state: str | None, entity_code: str, as_json: bool) -> None:
    """List the newest payments."""
    ensure_home()
    found = Payment.objects.filter(entity=entity_by_code(entity_code)).select_related("customer", "receipt")
    chosen = found.filter(state=state) if state else found
    rows = [
        {
            "number": each.number,
            "gateway": each.gateway,
            "state": each.state,
            "customer": each.customer.code,
            "currency": each.currency,
            "amount": format_decimal(each.amount_minor, each.currency),
            "created_at": each.created_at.isoformat(),
            "receipt": each.receipt.reference if each.receipt else None,
        }
        for each in chosen.order_by("-created_at", "-pk")[:_SHOWN]
    ]
    if as_json:
        click.echo(json.dumps({"payments": rows}, ensure_ascii=False))
        return
    for row in rows:
        click.echo(
            "  ".join(str(row[name]) for name in ("number", "gateway", "state", "customer", "currency", "amount"))
        )


@pay.command()
@_json
@refusals_shown
def check(*, as_json: bool) -> None:
    """Ask the gateways about payments that are due to be asked about, and send refunds that were approved."""
    ensure_home()
    counts = settle_payments(now=timezone.now())
    if as_json:
        click.echo(json.dumps(counts))
        return
    click.echo(_("{checked} asked about, {ended} ended, {refunds} refunds tried.").format(**counts))
