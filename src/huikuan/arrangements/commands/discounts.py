"""Early-payment discounts (现金折扣): agreed, taken by themselves when money is in time, refused when it is late."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from huikuan.arrangements.models import Discount, DiscountTerms
from huikuan.arrangements.rules.discount import TAKEN, Offered, Verdict, offered, verdict
from huikuan.arrangements.rules.offer import Paid
from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import User
from huikuan.receivables.commands.account import locked_customer
from huikuan.receivables.commands.allocations import Wish
from huikuan.receivables.commands.credit_notes import book_credit_note
from huikuan.receivables.commands.returns import withdraw_credit_note
from huikuan.receivables.models import Allocation, Contract, OpenItem

WHOLE = 1_000_000


class DiscountOutOfRange(Refusal):
    """A share of the amount, within some days."""

    code = "arrangements.discount-out-of-range"
    text = gettext_noop("A discount is a share below 100 % and at least one day: {share_ppm} ppm within {days} days.")


@transaction.atomic
def agree_discount(
    *,
    share_ppm: int,
    days: int,
    starts_on: date,
    actor: User | None,
    now: datetime,
    contract_id: int | None = None,
    item_id: int | None = None,
) -> DiscountTerms:
    """Agree a discount for early payment, on a contract or on one item; what was agreed before is replaced.

    Args:
        share_ppm: 20 000 = 2 %; 0 takes the discount away.
        days: After the issue.
        starts_on: For items issued from this day on.
        actor: Who agrees.
        now: The instant.
        contract_id, item_id: One of them.

    Raises: DiscountOutOfRange.
    """
    if not 0 <= share_ppm < WHOLE or days < 1:
        raise DiscountOutOfRange(share_ppm=share_ppm, days=days)
    owner: Contract | OpenItem
    owner = OpenItem.objects.get(pk=item_id) if item_id is not None else Contract.objects.get(pk=contract_id or 0)
    customer = locked_customer(owner.customer_id)
    of = {"item": owner} if isinstance(owner, OpenItem) else {"contract": owner}
    terms, _ = DiscountTerms.objects.update_or_create(
        **of,
        defaults={"share_ppm": share_ppm, "days": days, "starts_on": starts_on, "agreed_by": actor, "agreed_at": now},
    )
    record(
        "arrangements.discount-agreed", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk,
        subject=terms, on=owner.number, share_ppm=share_ppm, days=days, starts_on=starts_on,
    )  # fmt: skip
    return terms


def with_discount_terms(customer_ids: Collection[int]) -> list[int]:
    """Return those customers to whom a discount was ever offered: a bulk booking looks at nobody else."""
    of_contract = DiscountTerms.objects.filter(contract__customer_id__in=customer_ids)
    of_item = DiscountTerms.objects.filter(item__customer_id__in=customer_ids)
    owners = [*of_contract.values_list("contract__customer_id", flat=True)]
    return sorted({*owners, *of_item.values_list("item__customer_id", flat=True)})


def discounts_of(items: Collection[OpenItem]) -> dict[int, Offered]:
    """Return by item id the discount that its own terms, else those of its contract, offer. One query."""
    by_contract = {item.contract_id for item in items if item.contract_id}
    found = DiscountTerms.objects.filter(Q(item__in=[item.pk for item in items]) | Q(contract__in=by_contract))
    of_item = {terms.item_id: terms for terms in found if terms.item_id}
    of_contract = {terms.contract_id: terms for terms in found if terms.contract_id}
    chosen: dict[int, Offered] = {}
    for item in items:
        terms = of_item.get(item.pk) or of_contract.get(item.contract_id or 0)
        if terms is not None and terms.share_ppm and item.issued_on >= terms.starts_on:
            chosen[item.pk] = offered(
                amount_minor=item.amount_minor, issued_on=item.issued_on, share=terms.share_ppm, days=terms.days
            )
    return chosen


@transaction.atomic
def take_discounts(*, customer_id: int, as_of: date, now: datetime) -> list[Discount]:
    """Let the discounts of a customer follow the money: called inside the transaction that books or takes it back.

    In time: a credit note for exactly what is missing settles the item. Late by exactly the discount: it stays open and
    the refusal is kept with its reason. Money that went back takes the credit note with it.

    Returns: what was decided, or undone, now.
    """
    terms = DiscountTerms.objects.filter(Q(contract__customer_id=customer_id) | Q(item__customer_id=customer_id))
    if not terms.exists():
        return []
    locked_customer(customer_id)
    standing = {
        each.item_id: each
        for each in Discount.objects.select_for_update(of=("self",)).filter(
            item__customer_id=customer_id, undone_at=None
        )
    }
    concerned = OpenItem.objects.filter(customer_id=customer_id).filter(
        Q(settled_on=None, allocations__isnull=False) | Q(pk__in=standing)
    )
    items = list(concerned.distinct().select_related("customer").order_by("pk"))
    by_item = discounts_of(items)
    changed = [
        _judged(item, by_item[item.pk], standing.get(item.pk), as_of=as_of, now=now)
        for item in items
        if item.pk in by_item
    ]
    return [each for each in changed if each is not None]


def _judged(item: OpenItem, terms: Offered, known: Discount | None, *, as_of: date, now: datetime) -> Discount | None:
    """Bring the discount of one item in line with its money; None when it is already."""
    said = verdict(amount_minor=item.amount_minor, paid=_paid(item, known), terms=terms)
    if known is not None and said is not None and _same(known, said):
        return None
    if known is not None:
        _undo(known, as_of=as_of, now=now)
        return known
    return None if said is None else _decided(item, terms, said, now=now)


def _paid(item: OpenItem, known: Discount | None) -> list[Paid]:
    """Return the allocations of an item that stand, without the credit note of its discount."""
    standing = Allocation.objects.filter(item=item, reverses=None, reversed_by=None)
    if known is not None and known.credit_note_id:
        standing = standing.exclude(credit_note_id=known.credit_note_id)
    return [Paid(day, minor) for day, minor in standing.values_list("effective_on", "amount_minor")]


def _same(known: Discount, said: Verdict) -> bool:
    return (known.is_taken, known.discount_minor, known.paid_on) == (said.state == TAKEN, said.minor, said.paid_on)


def _undo(known: Discount, *, as_of: date, now: datetime) -> None:
    """End what was decided: the money that it rested on is no longer there, or the rest was paid after all."""
    known.undone_at = now
    known.save(update_fields=["undone_at"])
    note = known.credit_note
    if note is not None:
        withdraw_credit_note(
            credit_note_id=note.pk, actor=None, now=now, reason="DISCOUNT_UNDONE",
            withdrawn_on=max(as_of, note.issued_on, known.paid_on),
        )  # fmt: skip
    _record("arrangements.discount-undone", known, now=now)


def _decided(item: OpenItem, terms: Offered, said: Verdict, *, now: datetime) -> Discount:
    note = None
    if said.state == TAKEN:
        note = book_credit_note(
            customer_id=item.customer_id, number=_number(item), issued_on=said.paid_on, amount_minor=said.minor,
            currency=item.currency, reason="EARLY_PAYMENT", actor=None, now=now,
            wish=Wish(amounts={item.pk: said.minor}, basis=Allocation.Basis.CONTRACT),
        )  # fmt: skip
    made = Discount.objects.create(
        item=item, discount_minor=said.minor, last_on=terms.last_on, paid_on=said.paid_on, credit_note=note,
        is_taken=said.state == TAKEN, decided_at=now,
    )  # fmt: skip
    _record(f"arrangements.discount-{'taken' if made.is_taken else 'refused'}", made, now=now)
    return made


def _number(item: OpenItem) -> str:
    """Return the number of the credit note; counted, because money may go back and come again."""
    earlier = Discount.objects.filter(item=item, is_taken=True).count()
    return f"{item.number[-50:]}-SK{earlier + 1}"


def _record(event: str, discount: Discount, *, now: datetime) -> None:
    item = discount.item
    record(
        event, now=now, entity_id=item.entity_id, customer_id=item.customer_id, subject=discount, item=item.number,
        currency=item.currency, discount_minor=discount.discount_minor, last_on=discount.last_on,
        paid_on=discount.paid_on,
    )  # fmt: skip
