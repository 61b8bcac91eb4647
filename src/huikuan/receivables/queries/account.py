"""A customer's account on a day: open items with the penalty calculated line by line, and balances per currency."""

from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

import polars as pl
from django.db.models import BigIntegerField, DateField, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Cast

from huikuan.receivables.models import Allocation, CreditNote, OpenItem, PenaltyWaiver, Receipt
from huikuan.receivables.queries.frames import ALLOCATION_SCHEMA
from huikuan.receivables.queries.terms import reference_frame
from huikuan.receivables.queries.words import percent_ppm, rate_words, terms_words
from huikuan.receivables.rules.lines import penalty_lines
from huikuan.receivables.rules.penalty import penalty
from huikuan.receivables.rules.reference import REFERENCE_SCHEMA
from huikuan.receivables.rules.terms import Terms, terms_table
from huikuan.receivables.rules.waiver import PRINTED, less_waived

ITEMS_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One stretch of days with one balance and one rate. Money in minor units of the item's currency."""

    first_on: date | None
    last_on: date | None
    days: int | None
    base_minor: int | None
    rate: str
    reference: str
    amount_minor: int
    is_cap: bool
    is_waived: bool
    is_charged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """An open item as it stands on the day."""

    pk: int
    number: str
    kind: str
    contract: str
    clause: str
    issued_on: date
    due_on: date
    currency: str
    amount_minor: int
    open_minor: int
    days: int
    penalty_minor: int
    fee_minor: int
    terms: str
    is_reference_missing: bool
    lines: tuple[Line, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a customer owes in one currency; money on account stands beside it, never netted silently (domain §2)."""

    currency: str
    open_minor: int
    overdue_minor: int
    penalty_minor: int
    on_account_minor: int
    overdue_count: int
    days: int

    @property
    def net_minor(self) -> int:
        """Return what is overdue less the money on account, at least nothing."""
        return max(self.overdue_minor - self.on_account_minor, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Items, the most overdue first, and a balance per currency."""

    items: tuple[ItemRow, ...]
    item_count: int
    balances: tuple[Balance, ...]

    @property
    def days(self) -> int:
        """Return the days overdue of the oldest item."""
        return max((balance.days for balance in self.balances), default=0)

    @property
    def hidden_count(self) -> int:
        """Return how many items are not shown."""
        return self.item_count - len(self.items)


FIELDS = (
    "id", "number", "kind", "issued_on", "due_on", "currency", "amount_minor", "open_minor", "terms_id",
    "contract__number", "contract__clause",
)  # fmt: skip


def account_of(customer_id: int, *, as_of: date, on_account: dict[str, int] | None = None) -> Account:
    """Return what a customer owes on a day that is not past, with penalties up to it. Two queries, three when a rate
    hangs on another.

    An allocation with effect after the day does not count yet: the item is open, and its money on account, until then.
    """  # noqa: D205  one sentence
    is_open = Q(settled_on=None) | Q(settled_on__gt=as_of)
    rows = list(
        OpenItem.objects.filter(is_open, customer_id=customer_id, issued_on__lte=as_of)
        .order_by("due_on", "pk")
        .annotate(waived_minor=_waived(as_of), charged_minor=_waived(as_of, about__startswith="charge:"))
        .values(*FIELDS, "waived_minor", "charged_minor", *(f"terms__{name}" for name in TERMS_FIELDS))
    )
    allocations, unapplied = _moved(customer_id, [row["id"] for row in rows])
    on_account = unapplied if on_account is None else dict(on_account)
    if not rows:
        return Account(items=(), item_count=0, balances=_balances([], on_account))
    by_key = {row["id"]: row for row in rows}
    for later in (each for each in allocations if each["effective_on"] > as_of):
        row = by_key[later["item_id"]]
        row["open_minor"] += later["amount_minor"]
        on_account[row["currency"]] = on_account.get(row["currency"], 0) + later["amount_minor"]
    reckoned, lines = _reckoned(rows, allocations, as_of=as_of)
    items = [_item(row, borne) for row, borne in zip(rows, reckoned, strict=True)]
    shown = [_with_lines(item, lines.get(item.pk, [])) for item in items[:ITEMS_SHOWN]]
    return Account(items=tuple(shown), item_count=len(items), balances=_balances(items, on_account))


def _waived(as_of: date, **narrower: str) -> Subquery:
    """Return what of each item's penalty is waived by a day: with the items themselves, so that it costs no query."""
    waivers = (
        PenaltyWaiver.objects.filter(item=OuterRef("pk"), effective_on__lte=as_of, **narrower).order_by().values("item")
    )
    return Subquery(waivers.annotate(minor=Sum("amount_minor")).values("minor"))


TERMS_FIELDS = tuple(each.name for each in fields(Terms))
NO_REFERENCE = pl.DataFrame(schema=REFERENCE_SCHEMA)


def _reckoned(
    rows: list[dict[str, Any]], allocations: list[dict[str, Any]], *, as_of: date
) -> tuple[list[dict[str, Any]], dict[int, list[dict[str, Any]]]]:
    """Let the rules reckon the items; return what each bears, in order, and the lines of those shown."""
    items = pl.DataFrame(
        [{name: row[name] for name in ("due_on", "amount_minor", "open_minor", "terms_id")} for row in rows],
        schema={"due_on": pl.Date, "amount_minor": pl.Int64, "open_minor": pl.Int64, "terms_id": pl.Int64},
    ).insert_column(0, pl.Series("item_id", [row["id"] for row in rows], dtype=pl.Int64))
    paid = pl.DataFrame(allocations, schema=ALLOCATION_SCHEMA)
    terms = terms_table({row["terms_id"]: terms_from(row, "terms__") for row in rows if row["terms_id"]})
    reference = reference_frame(as_of) if any(row["terms__reference_code"] for row in rows) else NO_REFERENCE
    waivers = pl.DataFrame(
        [(row["id"], row["waived_minor"], row["charged_minor"] or 0) for row in rows if row["waived_minor"]],
        schema=PRINTED,
        orient="row",
    )
    borne = penalty(items, allocations=paid, terms=terms, reference=reference, as_of=as_of)
    lines = penalty_lines(
        items.head(ITEMS_SHOWN), allocations=paid, terms=terms, reference=reference, as_of=as_of, waivers=waivers,
        borne=borne.head(ITEMS_SHOWN),
    )  # fmt: skip
    by_item: dict[int, list[dict[str, Any]]] = {}
    for line in lines.iter_rows(named=True):
        by_item.setdefault(line["item_id"], []).append(line)
    return list(less_waived(borne, waivers).iter_rows(named=True)), by_item


def terms_from(row: dict[str, Any], prefix: str) -> Terms:
    """Return penalty terms from a row of values whose names begin with `prefix`."""
    said = {name: row[f"{prefix}{name}"] for name in TERMS_FIELDS}
    return Terms(**said | {"fee_bands": tuple((low, fee) for low, fee in said["fee_bands"])})


def _item(row: dict[str, Any], borne: dict[str, Any]) -> ItemRow:
    return ItemRow(
        pk=row["id"],
        number=row["number"],
        kind=str(OpenItem.Kind(row["kind"]).label),
        contract=row["contract__number"] or "",
        clause=row["contract__clause"] or "",
        issued_on=row["issued_on"],
        due_on=row["due_on"],
        currency=row["currency"],
        amount_minor=row["amount_minor"],
        open_minor=row["open_minor"],
        days=borne["days_overdue"],
        penalty_minor=borne["penalty_minor"],
        fee_minor=borne["fee_minor"],
        terms=terms_words(terms_from(row, "terms__")) if row["terms_id"] else "",
        is_reference_missing=borne["is_reference_missing"],
    )


def _with_lines(item: ItemRow, lines: list[dict[str, Any]]) -> ItemRow:
    drawn = tuple(
        Line(
            first_on=line["starts_on"],
            last_on=line["ends_on"],
            days=line["days"],
            base_minor=line["base_minor"],
            rate="" if line["rate_num"] is None else rate_words(line["rate_num"], line["rate_den"]),
            reference="" if line["reference_ppm"] is None else percent_ppm(line["reference_ppm"]),
            amount_minor=line["amount_minor"],
            is_cap=line["kind"] == "CAP",
            is_waived=line["kind"] == "WAIVED",
            is_charged=line["kind"] == "CHARGED",
        )
        for line in lines
    )
    return replace(item, lines=drawn)


def _moved(customer_id: int, item_ids: list[int]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return what was allocated to the items, and what money and credit notes have left, per currency. One query."""
    # Typed: PostgreSQL takes a bare null of the first two parts for text, and then cannot add the third.
    no_item = {"item": Cast(Value(None), BigIntegerField()), "on": Cast(Value(None), DateField())}
    left = [
        source.objects.filter(customer_id=customer_id, unapplied_minor__gt=0)
        .order_by()
        .values_list("currency", "unapplied_minor", no_item["item"], no_item["on"])
        for source in (Receipt, CreditNote)
    ]
    paid = Allocation.objects.filter(item_id__in=item_ids).order_by()
    paid_rows = paid.values_list(Value(""), "amount_minor", "item_id", "effective_on")
    allocations, unapplied = [], dict[str, int]()
    for currency, minor, item_id, effective_on in left[0].union(left[1], paid_rows, all=True):
        if currency:
            unapplied[currency] = unapplied.get(currency, 0) + minor
        else:
            allocations.append({"item_id": item_id, "amount_minor": minor, "effective_on": effective_on})
    return allocations, unapplied


def _balances(items: list[ItemRow], on_account: dict[str, int]) -> tuple[Balance, ...]:
    currencies = sorted({item.currency for item in items} | set(on_account))
    return tuple(_balance(each, [item for item in items if item.currency == each], on_account) for each in currencies)


def _balance(currency: str, items: list[ItemRow], on_account: dict[str, int]) -> Balance:
    overdue = [item for item in items if item.days > 0]
    return Balance(
        currency=currency,
        open_minor=sum(item.open_minor for item in items),
        overdue_minor=sum(item.open_minor for item in overdue),
        penalty_minor=sum(item.penalty_minor + item.fee_minor for item in items),
        on_account_minor=on_account.get(currency, 0),
        overdue_count=len(overdue),
        days=max((item.days for item in overdue), default=0),
    )
