"""Why (为什么): everything that led to what a day decided for one customer, step by step, as plain data."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from huikuan.cases.models import Case
from huikuan.kernel.money import format_decimal
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Customer
from huikuan.policy.queries import running_holds
from huikuan.policy.rules.compile import PolicyFrames, compile_ladders
from huikuan.receivables.models import OpenItem
from huikuan.runs.queries import wording
from huikuan.runs.queries.preparation import Preparation
from huikuan.runs.queries.preview import look_at_customer
from huikuan.runs.rules.day import Decisions
from huikuan.runs.rules.rungs import rungs


class NobodyOfThatName(Refusal):
    """Neither a case nor a customer."""

    code = "runs.nobody-of-that-name"
    text = gettext_noop(
        "“{name}” is neither a case number nor a customer's code or name. List customers with: huikuan export customers"
    )


class NameNotUnique(Refusal):
    """Several customers are called this."""

    code = "runs.name-not-unique"
    text = gettext_noop("“{name}” means several customers: {found}. Add --entity, or give the case number.")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWhy:
    """One step of the ladder: whether it is taken today, and why or why not. `answer`: `rungs.ANSWERS`."""

    step_code: str
    rank: int
    trigger: str
    action: str
    is_taken: bool
    answer: str
    answer_on: date | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemWhy:
    """How one item stands that climbs a ladder of its own. Amounts as decimal text."""

    number: str
    overdue: str
    pursued: str
    days_overdue: int
    last_step: str | None
    last_step_on: date | None
    reason: str
    words: str
    steps: tuple[StepWhy, ...]
    next_action: str
    next_action_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionWhy:
    """How the customer stands in one currency. Amounts as decimal text.

    Where every item climbs by itself, `items` say how each stands, and `steps` are empty.
    """

    currency: str
    open: str
    overdue: str
    held: str
    on_account: str
    pursued: str
    item_count: int
    days_overdue: int
    oldest_due_on: date | None
    arrears_type: str | None
    segment: str | None
    ladder: str | None
    last_step: str | None
    last_step_on: date | None
    fruitless_count: int
    reason: str
    words: str
    steps: tuple[StepWhy, ...]
    items: tuple[ItemWhy, ...]
    upcoming: tuple[str, ...]
    next_action: str
    next_action_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldWhy:
    """A hold that runs on the day."""

    kind: str
    item_number: str | None
    amount: str | None
    starts_on: date
    ends_on: date
    reason: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The whole explanation of one customer's day."""

    entity: str
    customer_code: str
    customer_name: str
    case_number: str | None
    as_of: date
    previous_on: date | None
    policy: str
    is_replay: bool
    grade: str | None
    score: int | None
    grade_explanation: dict[str, Any]
    risk_marks: tuple[str, ...]
    holds: tuple[HoldWhy, ...]
    positions: tuple[PositionWhy, ...]

    def as_json(self) -> dict[str, Any]:
        """Return plain values; days as ISO text."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self), default=str, ensure_ascii=False))
        return plain


def customer_named(name: str, *, entity_id: int | None = None) -> Customer:
    """Return the customer of a case number, a code or an exact name. Raises NobodyOfThatName, NameNotUnique."""
    case = Case.objects.filter(number__iexact=name.strip()).select_related("customer__entity").first()
    if case is not None:
        return case.customer
    known = Customer.objects.select_related("entity")
    if entity_id is not None:
        known = known.filter(entity_id=entity_id)
    found = list(known.filter(code=name)[:5]) or list(known.filter(code__iexact=name)[:5])
    found = found or list(known.filter(name=name)[:5])
    if not found:
        raise NobodyOfThatName(name=name)
    if len(found) > 1:
        listed = ", ".join(f"{each.entity.code} {each.code} {each.name}" for each in found)
        raise NameNotUnique(name=name, found=listed)
    return found[0]


def why(customer: Customer, *, as_of: date, now: datetime) -> Why:
    """Explain one customer's day. Raises NoPolicyInForce.

    Args:
        customer: With its entity.
        as_of: Any day; one that has been run is explained as its run saw it.
        now: Instant of asking.
    """
    prepared, policy_name, what = look_at_customer(customer, as_of, now=now)
    graded = what.stand.customers.to_dicts()
    is_graded = bool(graded) and not what.positions.is_empty()
    case = (
        Case.objects.filter(customer=customer, opened_on__lte=as_of)
        .exclude(closed_on__lt=as_of)
        .order_by("-opened_on")
        .first()
    )
    return Why(
        entity=customer.entity.code,
        customer_code=customer.code,
        customer_name=customer.name,
        case_number=case.number if case else None,
        as_of=as_of,
        previous_on=prepared.setting.previous_on,
        policy=policy_name,
        is_replay=prepared.scope.is_replay,
        grade=graded[0]["letter"] if is_graded else None,
        score=graded[0]["score"] if is_graded else None,
        grade_explanation=json.loads(graded[0]["explanation"]) if is_graded else {},
        risk_marks=tuple(what.stand.marks["kind"].to_list()),
        holds=_holds(customer, as_of),
        positions=_positions(prepared, what, as_of),
    )


def _holds(customer: Customer, as_of: date) -> tuple[HoldWhy, ...]:
    found = []
    for hold in running_holds(customer.pk, as_of).select_related("item"):
        amount = None
        if hold.item is not None and hold.amount_minor is not None:
            amount = format_decimal(hold.amount_minor, hold.item.currency)
        number = hold.item.number if hold.item else None
        found.append(
            HoldWhy(
                kind=hold.kind,
                item_number=number,
                amount=amount,
                starts_on=hold.starts_on,
                ends_on=hold.ends_on,
                reason=hold.reason,
                words=wording.hold(hold.get_kind_display(), number, amount, hold.ends_on, hold.reason),
            )
        )
    return tuple(found)


def _positions(prepared: Preparation, what: Decisions, as_of: date) -> tuple[PositionWhy, ...]:
    currencies = what.positions["currency"].unique().to_list()
    frames = compile_ladders(prepared.policy, currencies=currencies)
    of_items = _items(what, frames, as_of)
    whole = what.positions.join(frames.ladders.filter(pl.col("scope") == "item"), on=["ladder", "currency"], how="anti")
    steps = rungs(whole, what.decisions, frames=frames, as_of=as_of)
    return tuple(
        _position(
            row,
            steps.filter(pl.col("currency") == row["currency"]),
            of_items.get(row["currency"], ()),
            what.decisions,
            as_of,
        )
        for row in what.positions.sort("currency").to_dicts()
    )


def _items(what: Decisions, frames: PolicyFrames, as_of: date) -> dict[str, tuple[ItemWhy, ...]]:
    """Return by currency how the items stand that climb by themselves, the oldest first."""
    if what.by_item is None:
        return {}
    standing = what.by_item.positions.sort("currency", "oldest_due_on", "item_id", nulls_last=True)
    steps = rungs(standing, what.by_item.decisions, frames=frames, as_of=as_of)
    numbers = dict(OpenItem.objects.filter(pk__in=standing["item_id"].to_list()).values_list("pk", "number"))
    found: dict[str, tuple[ItemWhy, ...]] = {}
    for row in standing.to_dicts():
        of_item = steps.filter(pl.col("item_id") == row["item_id"])
        said = _item(row, numbers[row["item_id"]], of_item, as_of)
        found[row["currency"]] = (*found.get(row["currency"], ()), said)
    return found


def _item(row: dict[str, Any], number: str, steps: pl.DataFrame, as_of: date) -> ItemWhy:
    oldest = row["oldest_due_on"]
    return ItemWhy(
        number=number,
        overdue=format_decimal(row["overdue_minor"], row["currency"]),
        pursued=format_decimal(row["net_overdue_minor"], row["currency"]),
        days_overdue=max((as_of - oldest).days, 0) if oldest else 0,
        last_step=row["last_step_code"] or None,
        last_step_on=row["last_step_on"],
        reason=row["reason"],
        words=wording.reason(row["reason"]),
        steps=tuple(_step(step) for step in steps.to_dicts()),
        next_action=row["next_action"],
        next_action_on=row["next_action_on"],
    )


def _position(
    row: dict[str, Any], steps: pl.DataFrame, items: tuple[ItemWhy, ...], decisions: pl.DataFrame, as_of: date
) -> PositionWhy:
    currency, oldest = row["currency"], row["oldest_due_on"]
    coming = decisions.filter((pl.col("currency") == currency) & ~pl.col("is_overdue_step"))
    amounts = {
        "open": "open_minor",
        "overdue": "overdue_minor",
        "held": "held_minor",
        "on_account": "on_account_minor",
        "pursued": "net_overdue_minor",
    }
    return PositionWhy(
        currency=currency,
        **{name: format_decimal(row[column], currency) for name, column in amounts.items()},
        item_count=row["item_count"],
        days_overdue=max((as_of - oldest).days, 0) if oldest else 0,
        oldest_due_on=oldest,
        arrears_type=row["arrears_type"],
        segment=row["segment"],
        ladder=row["ladder"],
        last_step=row["last_step_code"] or None,
        last_step_on=row["last_step_on"],
        fruitless_count=row["fruitless_count"],
        reason=row["reason"],
        words=wording.reason(row["reason"]),
        steps=tuple(_step(step) for step in steps.to_dicts()),
        items=items,
        upcoming=tuple(wording.upcoming(each["step_code"], each["action"]) for each in coming.to_dicts()),
        next_action=row["next_action"],
        next_action_on=row["next_action_on"],
    )


def _step(row: dict[str, Any]) -> StepWhy:
    return StepWhy(
        step_code=row["step_code"],
        rank=row["rank"],
        trigger=row["trigger"],
        action=row["action"],
        is_taken=row["answer"] == "TAKEN",
        answer=row["answer"],
        answer_on=row["answer_on"],
        words=wording.answer(row["answer"], row["answer_on"]),
    )
