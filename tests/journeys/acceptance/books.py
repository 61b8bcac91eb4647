"""The ledger of a case: every figure goes in by a command and comes out by a query."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.db.models import Sum

from huikuan.cash.commands.closing import close_the_loop
from huikuan.cash.commands.receive import NONE, allocate_money, receive_money
from huikuan.cash.commands.reverse import Why, reverse_money
from huikuan.kernel.money import parse_minor
from huikuan.parties.models import Customer
from huikuan.receivables.commands import bulk, credit_notes, items, payouts, returns, write_offs
from huikuan.receivables.commands.allocations import Wish
from huikuan.receivables.models import Allocation, CreditNote, OpenItem, Receipt
from tests.journeys.acceptance.words import Unsupported

if TYPE_CHECKING:
    from tests.journeys.acceptance.world import World

OLDEST_DUE_FIRST: Final = "PRINCIPAL_FIRST"


@dataclass(frozen=True, slots=True)
class Part:
    """One open item of ours."""

    pk: int
    name: str
    customer_id: int
    currency: str
    due: date


@dataclass(frozen=True, slots=True)
class Paper:
    """One receipt or credit note of ours."""

    pk: int
    customer_id: int


def book_item(
    world: "World",
    *,
    customer: Customer,
    number: str,
    issued: date,
    due: date,
    minor: int,
    currency: str,
    kind: str = "INVOICE",
) -> Part:
    """Book a receivable."""
    item = items.book_item(
        customer_id=customer.pk, number=number, amount_minor=minor, issued_on=issued, due_on=due, currency=currency,
        kind=kind, actor=world.clerk, now=world.now(),
    )  # fmt: skip
    return Part(item.pk, number, customer.pk, item.currency, item.due_on)


def pay(
    world: "World",
    customer: Customer,
    amount: Decimal,
    *,
    day: date,
    on: Mapping[str, Decimal | None] | None = None,
    currency: str | None = None,
) -> None:
    """Book a receipt and allocate it: to what the payer named and the rest on account, else by the order rule."""
    paper = receive(world, customer, amount, day=day, currency=currency or _currency(world, on))
    allocate_money(receipt_id=paper.pk, actor=world.clerk, now=world.now(), wish=_wish(world, on))


def pay_parts(world: "World", customer: Customer, parts: list[Part]) -> None:
    """Pay what is open in these items, which are of one currency."""
    amounts = {part.pk: minor for part in parts if (minor := open_minor(part))}
    paper = _book_receipt(world, customer, sum(amounts.values()), parts[0].currency, world.day)
    allocate_money(receipt_id=paper.pk, actor=world.clerk, now=world.now(), wish=Wish(amounts=amounts))


def receive(world: "World", customer: Customer, amount: Decimal, *, day: date, currency: str | None = None) -> Paper:
    """Book a receipt on account."""
    code = currency or world.currency
    return _book_receipt(world, customer, parse_minor(str(amount), code), code, day)


def _book_receipt(world: "World", customer: Customer, minor: int, currency: str, day: date) -> Paper:
    receipt = receive_money(
        entity_id=world.entity.pk, customer_id=customer.pk, received_on=day, amount_minor=minor, currency=currency,
        reference="PAY" if not world.paid_count else f"PAY-{world.paid_count + 1}", allocate=NONE, actor=world.clerk,
        now=world.now(),
    )  # fmt: skip
    world.paid_count += 1
    world.receipts.append(Paper(receipt.pk, customer.pk))
    return world.receipts[-1]


def unknown_money(world: "World", amount: Decimal) -> None:
    """Book bank money that nobody has recognized."""
    receive_money(
        entity_id=world.entity.pk, customer_id=None, reference=f"BANK-{amount}", received_on=world.day,
        amount_minor=parse_minor(str(amount), world.currency), currency=world.currency, actor=world.clerk,
        now=world.now(),
    )  # fmt: skip


def _currency(world: "World", on: Mapping[str, Decimal | None] | None) -> str | None:
    """Return the currency of the items named."""
    return world.parts_of(next(iter(on)))[0].currency if on else None


def _wish(world: "World", on: Mapping[str, Decimal | None] | None) -> Wish:
    """Return how the money is to be allocated."""
    if not on:
        return Wish(order=OLDEST_DUE_FIRST if "allocation" in world.given else None)
    named = {name: world.parts_of(name) for name in on}
    if all(amount is None for amount in on.values()):
        return Wish(designated=[part.pk for parts in named.values() for part in parts], only_designated=True)
    amounts = {}
    for name, amount in on.items():
        if amount is None or len(named[name]) != 1:
            raise Unsupported(what="words: some of the items named have an amount, others none")
        part = named[name][0]
        amounts[part.pk] = parse_minor(str(amount), part.currency)
    return Wish(amounts=amounts)


def allocate(world: "World", customer: Customer) -> None:
    """Allocate everything on account of a customer, oldest money first."""
    waiting = Receipt.objects.filter(customer=customer, unapplied_minor__gt=0).order_by("received_on", "pk")
    for receipt_id in list(waiting.values_list("pk", flat=True)):
        allocate_money(receipt_id=receipt_id, actor=world.clerk, now=world.now(), wish=_wish(world, None))


def credit(
    world: "World",
    customer: Customer,
    amount: Decimal,
    *,
    day: date,
    on: Mapping[str, Decimal | None] | None,
    currency: str | None,
    allocated: bool,
) -> None:
    """Book a credit note; allocate it, unless it is to stand by itself."""
    code = currency or _currency(world, on) or world.currency
    note = credit_notes.book_credit_note(
        customer_id=customer.pk, number="CN" if not world.credits else f"CN-{len(world.credits) + 1}", issued_on=day,
        amount_minor=parse_minor(str(amount), code), currency=code, reason="as the case says", actor=world.clerk,
        now=world.now(), wish=_wish(world, on) if allocated else None,
    )  # fmt: skip
    world.credits.append(Paper(note.pk, customer.pk))


def cancel_credit(world: "World") -> None:
    """Cancel the last credit note."""
    if not world.credits:
        raise Unsupported(what="words: there is no credit note to cancel")
    returns.withdraw_credit_note(
        credit_note_id=world.credits.pop().pk, reason="as the case says", withdrawn_on=world.day, actor=world.clerk,
        now=world.now(),
    )  # fmt: skip


def reverse_receipt(world: "World", paper: Paper | None) -> None:
    """Take a receipt back: the money did not come, or went back."""
    if paper is None:
        raise Unsupported(what="words: there is no payment to take back")
    reverse_money(
        receipt_id=paper.pk, why=Why.BOUNCED, reason="as the case says", returned_on=world.day, actor=world.clerk,
        now=world.now(),
    )  # fmt: skip


def write_off(world: "World", part: Part, *, kind: str = "BAD_DEBT") -> int:
    """Write off what is open of an item from the day on; return what identifies it."""
    made = write_offs.write_off(
        item_id=part.pk, amount_minor=open_minor(part), kind=kind, reason="as the case says", written_off_on=world.day,
        actor=world.clerk, now=world.now(),
    )  # fmt: skip
    close_the_loop(customer_id=part.customer_id, as_of=world.day, now=world.now(), actor=world.clerk)
    return made.pk


def undo_write_off(world: "World", write_off_id: int) -> None:
    """Let it be owed again from the day on."""
    write_offs.take_back_write_off(
        write_off_id=write_off_id, reason="as the case says", effective_on=world.day, actor=world.clerk, now=world.now()
    )


def keep_surplus(world: "World") -> None:
    """Take what is left of the last receipt as income."""
    receipt = Receipt.objects.get(pk=world.receipts[-1].pk)
    payouts.pay_out(
        receipt_id=receipt.pk, amount_minor=receipt.unapplied_minor, suffix="INCOME", reason="as the case says",
        paid_on=world.day, actor=world.clerk, now=world.now(),
    )  # fmt: skip


def written_off_minor(world: "World") -> int:
    """Return what the creditor has given up, less what he has kept: of all items and receipts of the case."""
    held = {"item__entity": world.entity, "reversed_by": None, "reverses": None}
    given_up = Allocation.objects.filter(write_off__isnull=False, **held)
    kept = Allocation.objects.filter(item__number__contains="-INCOME", **held)
    sums = [each.aggregate(sum=Sum("amount_minor"))["sum"] or 0 for each in (given_up, kept)]
    return sums[0] - sums[1]


def split_of(paper: Paper) -> list[int]:
    """Return what a receipt paid of each item, in the order of booking, and what is left of it."""
    receipt = Receipt.objects.get(pk=paper.pk)
    paid = Allocation.objects.filter(receipt=receipt, reverses=None, reversed_by=None).order_by("pk")
    parts = [*paid.values_list("amount_minor", flat=True), receipt.unapplied_minor]
    return [minor for minor in parts if minor]


def match(world: "World") -> None:
    """Let everything on account pay what its customer owes: the nightly job."""
    bulk.allocate_on_account(entity_id=world.entity.pk, actor=world.clerk, now=world.now())


def paid_by(world: "World", parts: list[Part]) -> Paper:
    """Return the one receipt that paid the items."""
    found = {each for each in world.receipts if _pays(each, parts)}
    if len(found) != 1:
        raise Unsupported(what="words: not exactly one payment to take back")
    return found.pop()


def _pays(paper: Paper, parts: list[Part]) -> bool:
    held = Allocation.objects.filter(receipt_id=paper.pk, item_id__in=[part.pk for part in parts])
    return (held.aggregate(sum=Sum("amount_minor"))["sum"] or 0) > 0


def open_minor(part: Part) -> int:
    """Return what is open now, everything booked counted, whatever its date."""
    return OpenItem.objects.get(pk=part.pk).open_minor


def unapplied_minor(customer: Customer) -> int:
    """Return what the customer has on account now, in all currencies (a case has one)."""
    total = 0
    for model in (Receipt, CreditNote):
        total += model.objects.filter(customer=customer).aggregate(sum=Sum("unapplied_minor"))["sum"] or 0
    return total


def unpaid(world: "World") -> list[tuple[Part, int]]:
    """Return every item with anything open now, and how much."""
    return [(part, minor) for part in world.all_parts() if (minor := open_minor(part))]


def oldest_issue(world: "World") -> str | None:
    """Return the day of issue of the oldest unpaid item."""
    days = OpenItem.objects.filter(pk__in=[part.pk for part, _minor in unpaid(world)]).values_list(
        "issued_on", flat=True
    )
    return min(days).isoformat() if days else None


def paid_minor(part: Part, day: date) -> int:
    """Return what money has paid of an item by the day."""
    held = Allocation.objects.filter(item_id=part.pk, receipt__isnull=False, effective_on__lte=day)
    return held.aggregate(sum=Sum("amount_minor"))["sum"] or 0
