"""`huikuan ledger`: add the ledger up again, and the journal's chain with it."""

import json
import sys

import click
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huikuan.cash.commands.receive import NONE, ORDER, recognize_money
from huikuan.cli.answers import refusals_shown
from huikuan.cli.home import MAIN, ensure_home
from huikuan.cli.lookup import entity_by_code
from huikuan.journal.commands import seal as seal_journal
from huikuan.journal.queries import Chain
from huikuan.journal.queries import verify as verify_journal
from huikuan.kernel.money import format_decimal
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Customer
from huikuan.receivables.commands.repair import repair_ledger
from huikuan.receivables.models import Receipt
from huikuan.receivables.queries.verify import Report
from huikuan.receivables.queries.verify import verify as verify_ledger


@click.group()
def ledger() -> None:
    """Check the books, and say whose unrecognized money is."""


class ReceiptUnknown(Refusal):
    """No receipt has this reference."""

    code = "cli.receipt-unknown"
    text = gettext_noop("{entity} has no receipt {reference}. List them: huikuan export receipts --entity {entity}.")


class CustomerUnknown(Refusal):
    """No customer has this code."""

    code = "cli.customer-unknown"
    text = gettext_noop("{entity} has no customer {customer}. List them: huikuan export customers --entity {entity}.")


@ledger.command()
@click.argument("reference")
@click.argument("customer_code")
@click.option("--entity", "entity_code", metavar="CODE", default=MAIN, show_default=True)
@click.option("--allocate", "pays", is_flag=True, help=_("Let it pay what is open, in the order of contract or law."))
@click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
@refusals_shown
def assign(*, reference: str, customer_code: str, entity_code: str, pays: bool, as_json: bool) -> None:
    """Say that the money with this REFERENCE came from the customer with this CODE."""
    ensure_home()
    entity = entity_by_code(entity_code)
    receipt = Receipt.objects.filter(entity=entity, reference=reference).first()
    if receipt is None:
        raise ReceiptUnknown(entity=entity.code, reference=reference)
    customer = Customer.objects.filter(entity=entity, code=customer_code).first()
    if customer is None:
        raise CustomerUnknown(entity=entity.code, customer=customer_code)
    recognize_money(
        receipt_id=receipt.pk, customer_id=customer.pk, actor=None, now=timezone.now(), allocate=ORDER if pays else NONE
    )
    receipt.refresh_from_db()
    left = format_decimal(receipt.unapplied_minor, receipt.currency)
    if as_json:
        click.echo(json.dumps({"reference": reference, "customer": customer.code, "unapplied": left}))
        return
    told = _("{reference} is money of {customer} now; {left} {currency} of it on account.")
    click.echo(told.format(reference=reference, customer=customer.name, left=left, currency=receipt.currency))


@ledger.command()
@click.option("--repair", is_flag=True, help=_("Correct what differs: the allocations are the truth."))
@click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
@refusals_shown
def verify(*, repair: bool, as_json: bool) -> None:
    """Recompute every balance, day of settlement, payment record and settled penalty, and walk along the journal.

    Status 1 if something differs.
    """
    ensure_home()
    chain = verify_journal()
    before = verify_ledger()
    after = repair_ledger(actor=None, now=timezone.now()) if repair and not before.is_right else before
    if as_json:
        click.echo(
            json.dumps(
                {
                    "is_right": after.is_right and chain.is_whole,
                    "items": before.item_count,
                    "allocations": before.allocation_count,
                    "differences": before.differences,
                    "examples": before.examples,
                    "left_after_repair": after.differences if repair else None,
                    "journal": {
                        "is_whole": chain.is_whole,
                        "sealed": chain.sealed_count,
                        "unsealed": chain.unsealed_count,
                        "head": chain.head,
                        "breaks": [{"position": found.position, "reason": found.reason} for found in chain.breaks],
                    },
                },
                ensure_ascii=False,
            )
        )
    else:
        _tell(before, after, repaired=repair)
        _tell_chain(chain)
    if not (after.is_right and chain.is_whole):
        sys.exit(1)


@ledger.command()
@click.option("--json", "as_json", is_flag=True, help=_("Print the result as JSON."))
@refusals_shown
def seal(*, as_json: bool) -> None:
    """Seal what was written in the journal since the last time: later changes can then be proved."""
    ensure_home()
    count = seal_journal(now=timezone.now())
    if as_json:
        click.echo(json.dumps({"sealed": count}))
    else:
        click.echo(ngettext("{count} entry sealed.", "{count} entries sealed.", count).format(count=count))


def _tell_chain(chain: Chain) -> None:
    counts = {"sealed": chain.sealed_count, "unsealed": chain.unsealed_count}
    click.echo(_("{sealed} journal entries sealed, {unsealed} not yet.").format(**counts))
    for found in chain.breaks:
        click.echo(f"  {found.position}: {found.reason}")


def _tell(before: Report, after: Report, *, repaired: bool) -> None:
    counts = {"items": before.item_count, "allocations": before.allocation_count}
    click.echo(_("{items} items and {allocations} allocations looked at.").format(**counts))
    if before.is_right:
        click.echo(_("Everything adds up."))
        return
    for kind, count in sorted(before.differences.items()):
        click.echo(f"  {kind}: {count} ({', '.join(before.examples[kind])})")
    if repaired and after.is_right:
        click.echo(_("Corrected. Everything adds up now."))
    elif repaired:
        click.echo(_("Corrected but for what needs a person: {kinds}.").format(kinds=", ".join(after.differences)))
    else:
        click.echo(_("Correct it with: huikuan ledger verify --repair"))
