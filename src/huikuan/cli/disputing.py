"""`huikuan dispute` and `huikuan offer`: what customers object to, and what they are offered."""

import json
from typing import Any

import click
from django.utils.translation import gettext as _

from huikuan.arrangements.models import Dispute, Offer
from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import ensure_home
from huikuan.cli.lookup import entity_by_code
from huikuan.kernel.money import format_decimal
from huikuan.kernel.rates import format_rate

_ENTITY = click.option("--entity", "entity_code", default="", help=_("Only of this entity (code)."))
_ALL = click.option("--all", "with_over", is_flag=True, help=_("Also those that are over."))
_JSON = click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))


@click.group()
def dispute() -> None:
    """Disputes: what customers object to."""


@dispute.command("list")
@_ENTITY
@_ALL
@_JSON
@refusals_shown
def list_disputes(*, entity_code: str, with_over: bool, as_json: bool) -> None:
    """List the disputes that are open, the first due first."""
    ensure_home()
    found = Dispute.objects.select_related("item", "customer").order_by("resolve_due_on", "pk")
    if entity_code:
        found = found.filter(entity=entity_by_code(entity_code))
    if not with_over:
        found = found.filter(decided_at=None)
    rows = [
        {
            "id": each.pk,
            "customer": each.customer.code,
            "item": each.item.number,
            "amount": format_decimal(each.amount_minor, each.currency),
            "currency": each.currency,
            "kind": each.kind,
            "department": each.department,
            "answered": each.answered_at is not None,
            "decide_by": each.resolve_due_on.isoformat(),
            "decision": each.decision,
        }
        for each in found
    ]
    _print(rows, _("No dispute."), as_json=as_json)


@click.group()
def offer() -> None:
    """Offers: penalty that is waived if the money arrives in time."""


@offer.command("list")
@_ENTITY
@_ALL
@_JSON
@refusals_shown
def list_offers(*, entity_code: str, with_over: bool, as_json: bool) -> None:
    """List the offers that run or wait for approval, the first to end first."""
    ensure_home()
    found = Offer.objects.select_related("customer").order_by("expires_on", "pk")
    if entity_code:
        found = found.filter(entity=entity_by_code(entity_code))
    if not with_over:
        found = found.filter(taken_at=None, lapsed_at=None, withdrawn_at=None)
    rows = [
        {
            "id": each.pk,
            "customer": each.customer.code,
            "currency": each.currency,
            "share": format_rate(each.waive_ppm * 1000),
            "principal": format_decimal(each.principal_minor, each.currency),
            "waived": format_decimal(
                each.waived_minor if each.granted_minor is None else each.granted_minor, each.currency
            ),
            "expires_on": each.expires_on.isoformat(),
            "state": _state(each),
        }
        for each in found
    ]
    _print(rows, _("No offer."), as_json=as_json)


def _state(offer: Offer) -> str:
    """Return the stable code of how an offer stands."""
    if offer.taken_at:
        return "TAKEN"
    if offer.lapsed_at:
        return "LAPSED"
    if offer.withdrawn_at:
        return "WITHDRAWN"
    return "RUNNING" if offer.approved_at else "PROPOSED"


def _print(rows: list[dict[str, Any]], none: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo("  ".join(str(value) for value in row.values() if value not in {"", False, True}))
    if not rows:
        click.echo(none)
