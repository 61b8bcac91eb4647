"""Sums that a rule of ours works out: penalty, recovery cost, fee, due day, what a claim states."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from huikuan.kernel.money import format_decimal, parse_minor
from huikuan.policy.reading.build import amount as policy_amount
from huikuan.receivables.models import Contract, OpenItem
from huikuan.receivables.queries.frames import Scope, allocation_frame, item_frame
from huikuan.receivables.queries.terms import reference_frame, terms_frame
from huikuan.receivables.rules.due import due_on as due_by_contract
from huikuan.receivables.rules.penalty import penalty
from huikuan.receivables.rules.reference import rates_by_day
from huikuan.receivables.rules.terms import Terms, terms_table
from tests.journeys.acceptance import looking
from tests.journeys.acceptance.terms import terms_of
from tests.journeys.acceptance.words import BASE_DAY, Unsupported, amount_in
from tests.journeys.acceptance.world import World


def _borne(world: World, day: date) -> pl.DataFrame:
    """Return every item with what it bears as of the day, from the ledger."""
    scope = Scope(as_of=day, entity_id=world.entity.pk)
    return penalty(
        item_frame(scope),
        allocations=allocation_frame(scope),
        terms=terms_frame(),
        reference=reference_frame(day),
        as_of=day,
    )


def penalty_minor(world: World, day: date) -> int:
    """Return the penalty of all items as of the day."""
    return int(_borne(world, day)["penalty_minor"].sum())


def recovery_cost_of_items(world: World) -> int:
    """Return the fixed cost of recovery of all items as of the day."""
    return int(_borne(world, world.day)["fee_minor"].sum())


def with_interest(world: World) -> int:
    """Return what is open on the day together with what it bears."""
    day = _borne(world, world.day)
    return int(day["open_minor"].sum() + day["penalty_minor"].sum() + day["fee_minor"].sum())


def _rule(principal_minor: int, terms: Terms, *, days_late: int) -> dict[str, Any]:
    """Ask the penalty rule about one amount, so many days late."""
    item = pl.DataFrame(
        {
            "item_id": [1],
            "due_on": [BASE_DAY],
            "amount_minor": [principal_minor],
            "open_minor": [principal_minor],
            "terms_id": [1],
        }
    )
    none = pl.DataFrame(schema={"item_id": pl.Int64, "amount_minor": pl.Int64, "effective_on": pl.Date})
    as_of = BASE_DAY + timedelta(days=days_late)
    no_rates = pl.DataFrame(schema={"reference_code": pl.String, "starts_on": pl.Date, "rate_ppm": pl.Int64})
    answer = penalty(
        item,
        allocations=none,
        terms=terms_table({1: terms}),
        reference=rates_by_day(no_rates, through=as_of),
        as_of=as_of,
    )
    return answer.row(0, named=True)


def penalty_of_principal(world: World, *, days: int) -> int:
    """Return what the whole principal bears in so many days, rounded once: the words "per year" and "per day"."""
    given = {**world.given, "interest": {**world.given["interest"], "round_daily": False}}
    terms = terms_of(given)
    assert terms is not None
    principal = sum(OpenItem.objects.get(pk=part.pk).amount_minor for part in world.all_parts())
    return int(_rule(principal, terms, days_late=days)["penalty_minor"])


def recovery_cost(world: World, principal: Decimal) -> int:
    """Return the fixed cost of recovery of an amount."""
    terms = terms_of(world.given)
    if terms is None:
        raise Unsupported(what="recovery_cost: no bands are given")
    return int(_rule(parse_minor(str(principal), world.currency), terms, days_late=1)["fee_minor"])


def fee(world: World) -> str:
    """Return the fee of a step for a debt in a currency, written as the case writes it."""
    number, named = amount_in(world.given["fee"])
    currency = world.given["item_currency"]
    written: Any = {named: str(number)} if named and currency else str(number)
    minor = policy_amount(written).minor(currency or named or world.currency)
    if minor is None:
        raise Unsupported(what="compute_fee: a fee in another currency than the debt, which needs a rate of exchange")
    plain = format_decimal(minor, currency or named or world.currency)
    return f"{plain} {currency}" if named and currency else plain


TERMS = [
    (r"(?P<days>\d+) days?", "NET_DAYS"),
    (r"(?P<days>\d+) days?,? (to the )?end of (the )?month", "END_OF_MONTH"),
    (r"end of (the )?month", "END_OF_MONTH"),
]
NEXT_MONTH = r"((the )?last day|end) of (the )?next month"


def due_on(world: World) -> str:
    """Return the due day of an invoice of the day, by a contract with these terms."""
    written = world.given.get("terms")
    if written is None:
        return _due(world, Contract.DueBasis.NET_DAYS, 0)
    for pattern, basis in TERMS:
        if found := re.fullmatch(pattern, written.strip().lower()):
            return _due(world, basis, int(found.groupdict().get("days") or 0))
    raise Unsupported(what=f"terms: {written}")


def _due(world: World, basis: str, days_after: int) -> str:
    return due_by_contract(world.day, basis=basis, term_days=days_after).isoformat()


def days_late(world: World) -> int:
    """Return how late the oldest overdue item is on the day, 0 when nothing is."""
    due = {part.name: part.due for part in world.all_parts()}
    return max(((world.day - due[row.key]).days for row in looking.overdue_rows(world)), default=0)


def state_of(world: World, name: str, word: str) -> str:
    """Return the word if it is true of the item, else the first that is."""
    owed = looking.open_on_day(world)
    parts = world.parts_of(name)
    whole = sum(OpenItem.objects.get(pk=part.pk).amount_minor for part in parts)
    left = sum(owed.get(part.name, 0) for part in parts)
    is_true = {
        "paid": left == 0,
        "overdue": any(owed.get(part.name) and part.due < world.day for part in parts),
        "partly paid": 0 < left < whole,
        "unpaid": left == whole,
        "open": left > 0,
    }
    if word not in is_true:
        raise Unsupported(what=f"expect: state {word!r}")
    return word if is_true[word] else next(each for each, holds in is_true.items() if holds)


def claim_amount(world: World, name: str) -> str:
    """Return what the notice that left states: principal, interest, recovery cost, both together, everything."""
    facts = world.told["claim"]
    if not facts:
        return "nothing left"
    outstanding = sum(line["due_minor"] for line in facts["items"])
    interest = sum(line["penalty_minor"] for line in facts["items"])
    cost = sum(line["fee_minor"] for line in facts["items"])
    sums = {
        "outstanding": outstanding,
        "interest": interest,
        "fee": cost,
        "extra": interest + cost,
        "total": outstanding + interest + cost,
    }
    return format_decimal(sums[name], facts["currency"])
