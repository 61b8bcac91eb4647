"""Frames for ladder rules, built from the plain objects of the twin."""

from datetime import date

import polars as pl

from huikuan.policy.rules.compile import PolicyFrames
from huikuan.policy.rules.events import EVENTS
from huikuan.policy.rules.holds import apply_holds
from huikuan.policy.rules.ladder import Climb, climb
from huikuan.policy.rules.positions import positions
from tests.twins.ladder import Debt, Happened, Pause, State

HOLDS = {
    "customer_id": pl.Int64,
    "item_id": pl.Int64,
    "kind": pl.String,
    "amount_minor": pl.Int64,
    "starts_on": pl.Date,
    "ends_on": pl.Date,
}
STATE = {
    "customer_id": pl.Int64,
    "currency": pl.String,
    "opened_on": pl.Date,
    "last_step_code": pl.String,
    "last_step_rank": pl.Int32,
    "last_step_on": pl.Date,
    "last_occurrence": pl.Int64,
    "last_is_sent": pl.Boolean,
    "not_before_on": pl.Date,
}
ITEMS = {
    "item_id": pl.Int64,
    "customer_id": pl.Int64,
    "currency": pl.String,
    "issued_on": pl.Date,
    "due_on": pl.Date,
    "open_minor": pl.Int64,
}
CONTACTS = {"customer_id": pl.Int64, "fruitless_count": pl.Int64, "last_inbound_on": pl.Date}
ON_ACCOUNT = {"customer_id": pl.Int64, "currency": pl.String, "on_account_minor": pl.Int64}


def no(schema: dict) -> pl.DataFrame:
    return pl.DataFrame(schema=schema)


def items_frame(debts: dict[int, list[Debt]], day: date) -> pl.DataFrame:
    """Return what is open on the day; item ids are unique over customers."""
    rows = [
        (customer * 1000 + debt.number, customer, debt.currency, debt.issued_on, debt.due_on, debt.open_on(day))
        for customer, owed in debts.items()
        for debt in owed
        if debt.issued_on <= day and debt.open_on(day) > 0
    ]
    return pl.DataFrame(rows, schema=ITEMS, orient="row")


def holds_frame(pauses: dict[int, list[Pause]]) -> pl.DataFrame:
    rows = [
        (
            customer,
            None if pause.number is None else customer * 1000 + pause.number,
            "DISPUTE",
            pause.part,
            pause.starts_on,
            pause.ends_on,
        )
        for customer, held in pauses.items()
        for pause in held
    ]
    return pl.DataFrame(rows, schema=HOLDS, orient="row")


def state_frame(states: dict[int, State], **more: dict) -> pl.DataFrame:
    rows = [
        {
            "customer_id": customer,
            "currency": "CNY",
            "opened_on": state.opened_on,
            "last_step_code": state.last.code if state.last else None,
            "last_step_rank": state.last.rank if state.last else 0,
            "last_step_on": state.last_on,
            "last_occurrence": state.occurrence,
            "last_is_sent": more.get("is_sent", {}).get(customer, True),
            "not_before_on": more.get("not_before", {}).get(customer),
        }
        for customer, state in states.items()
    ]
    return pl.DataFrame(rows, schema=STATE, orient="row")


def happened_frame(happened: dict[int, Happened], states: dict[int, State]) -> pl.DataFrame:
    rows = [
        {
            "customer_id": customer,
            **{f"{event}_on": each.events.get(event) for event in EVENTS},
            "unread_hours": each.unread_hours,
            "standing_signals": sorted(each.signals) or None,
            "since_on": each.counts_from(states.get(customer, State())),
        }
        for customer, each in happened.items()
    ]
    days = dict.fromkeys((*(f"{event}_on" for event in EVENTS), "since_on"), pl.Date)
    more = {"unread_hours": pl.Int64, "standing_signals": pl.List(pl.String)}
    return pl.DataFrame(rows, schema_overrides={"customer_id": pl.Int64, **days, **more})


def climb_all(
    debts: dict[int, list[Debt]],
    *,
    frames: PolicyFrames,
    ladder: str,
    day: date,
    pauses: dict[int, list[Pause]] | None = None,
    states: dict[int, State] | None = None,
    grades: dict[int, str] | None = None,
    contacts: pl.DataFrame | None = None,
    on_account: pl.DataFrame | None = None,
    review_every_days: int = 30,
    happened: dict[int, Happened] | None = None,
    **state_more: dict,
) -> Climb:
    """Run the ladder over all customers on one day, from items and holds to decisions."""
    held = apply_holds(items_frame(debts, day), holds=holds_frame(pauses or {}), as_of=day)
    placed = positions(
        held,
        on_account=no(ON_ACCOUNT) if on_account is None else on_account,
        ladder_state=state_frame(states or {}, **state_more),
        customers=pl.DataFrame(
            [(customer, (grades or {}).get(customer, "B")) for customer in debts],
            schema={"customer_id": pl.Int64, "grade": pl.String},
            orient="row",
        ),
        contacts=no(CONTACTS) if contacts is None else contacts,
        as_of=day,
    ).with_columns(segment=pl.lit("default"), ladder=pl.lit(ladder))
    if happened is not None:
        placed = placed.join(happened_frame(happened, states or {}), on="customer_id", how="left")
    return climb(placed, steps=frames.steps, ladders=frames.ladders, review_every_days=review_every_days, as_of=day)
