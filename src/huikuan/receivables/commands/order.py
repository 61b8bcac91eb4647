"""The order of contract or law for many accounts at once: plain ones as whole columns, the others one by one."""

from datetime import date, datetime
from typing import Any, Final

import polars as pl

from huikuan.parties.models import User
from huikuan.receivables.commands.allocations import BY_THE_ORDER, NothingToAllocate, apply
from huikuan.receivables.models import CreditNote, Receipt
from huikuan.receivables.ports import agreements
from huikuan.receivables.queries.claims import claims_frame, customers_with_reversals, money_frame, order_of
from huikuan.receivables.rules.allocation import CONTRACT, PRINCIPAL_FIRST, STATUTORY, oldest_first, pay_out
from huikuan.receivables.rules.beside import folded, unfolded

ACCOUNT: Final = ["customer_id", "currency"]
LINES: Final = pl.Schema(
    {
        "customer_id": pl.Int64,
        "currency": pl.String,
        "source_id": pl.Int64,
        "item_id": pl.Int64,
        "amount_minor": pl.Int64,
        "effective_on": pl.Date,
        "basis": pl.String,
    }
)


def by_the_order(customer_ids: list[int], *, actor: User | None, now: datetime) -> tuple[pl.DataFrame, int]:
    """Return the allocations to write (`LINES`), and how many that makes together with those written here already.

    Three ways, one meaning. Where every contract says principal first, or the law has nothing but age to go by, whole
    columns are laid side by side. Where security, burden or equal age decide, account by account in plain Python. Where
    something was ever taken back, or a plan was agreed, money by money through `apply`, which looks at every balance of
    the past and at what was agreed.
    """
    money = money_frame(customer_ids)
    paying = money["customer_id"].unique().to_list()
    difficult = sorted(customers_with_reversals(paying) | agreements().customers(paying)) if paying else []
    written = _one_by_one(money.filter(pl.col("customer_id").is_in(difficult)), actor=actor, now=now)
    money = money.filter(~pl.col("customer_id").is_in(difficult))
    claims = _with_order(claims_frame(money["customer_id"].unique().to_list()))
    plain = claims.filter("is_plain")
    lines = [_in_columns(plain, money), *_in_accounts(claims.filter(~pl.col("is_plain")), money)]
    found = pl.concat(lines)
    return found, found.height + written


def _with_order(claims: pl.DataFrame) -> pl.DataFrame:
    """Add the order of each account, and whether age alone decides in it."""
    nothing_but_age = (
        (pl.col("secured_minor") == 0).all()
        & (pl.col("burden_ppb").n_unique() == 1)
        & ~pl.col("due_on").is_duplicated().any()
    )
    ordered = claims.with_columns(account_order=order_of(pl.col("order")).over(ACCOUNT))
    return ordered.with_columns(
        is_plain=((pl.col("account_order") == PRINCIPAL_FIRST) | nothing_but_age.over(ACCOUNT))
        & pl.col("beside").is_null().all().over(ACCOUNT),
        basis=pl.when(pl.col("account_order") == PRINCIPAL_FIRST).then(pl.lit(CONTRACT)).otherwise(pl.lit(STATUTORY)),
    )


def _in_columns(claims: pl.DataFrame, money: pl.DataFrame) -> pl.DataFrame:
    facts = claims.select("item_id", "item_issued_on", "basis", *ACCOUNT)
    return (
        oldest_first(claims, money)
        .join(facts, on="item_id")
        .with_columns(effective_on=pl.max_horizontal("received_on", "item_issued_on"))
        .select(LINES.names())
    )


def _in_accounts(claims: pl.DataFrame, money: pl.DataFrame) -> list[pl.DataFrame]:
    """Let the money of each account pay in turn, the earliest first."""
    purses = money.partition_by(ACCOUNT, as_dict=True)
    lines: list[dict[str, Any]] = []
    for account, owed in claims.partition_by(ACCOUNT, as_dict=True).items():
        purse = purses.get(account)
        if purse is None:
            continue
        claims_left = owed.rows(named=True)
        for piece in purse.iter_rows(named=True):
            lines += _paid(claims_left, piece)
    return [pl.DataFrame(lines, schema=LINES)]


def _paid(claims: list[dict[str, Any]], piece: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what one piece of money pays, and take it off the claims."""
    by_id = {claim["item_id"]: claim for claim in claims}
    received_on: date = piece["received_on"]
    order = claims[0]["account_order"]
    paid = pay_out(folded(claims), sum_minor=piece["unapplied_minor"], order=order, as_of=received_on)
    lines = unfolded(paid, claims)
    for line in lines:
        claim = by_id[line["item_id"]]
        claim["open_minor"] -= line["amount_minor"]
        line |= {
            "customer_id": piece["customer_id"],
            "currency": piece["currency"],
            "source_id": piece["source_id"],
            "effective_on": max(received_on, claim["item_issued_on"]),
        }
    return lines


def _one_by_one(money: pl.DataFrame, *, actor: User | None, now: datetime) -> int:
    count = 0
    for source_id in money["source_id"]:
        source: Receipt | CreditNote
        if source_id > 0:
            source = Receipt.objects.select_related("customer").get(pk=source_id)
        else:
            source = CreditNote.objects.select_related("customer").get(pk=-source_id)
        try:
            count += len(apply(source, BY_THE_ORDER, actor=actor, now=now))
        except NothingToAllocate:
            continue
    return count
