"""What happened to customers and what became of messages and letters: only what some step of the policy asks for."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import polars as pl

from huikuan.policy.rules.events import EVENTS, UNREAD_HOURS
from huikuan.runs.queries import history
from huikuan.runs.queries.scope import Scope
from huikuan.runs.rules import facts as f
from huikuan.storage.among import among
from huikuan.storage.bulk import Param, read_frame

# CROSS JOIN keeps SQLite to this order: the few things that happened first, then the case of their customer.
_IN_SPELL: Final = """CROSS JOIN cases_case c
 WHERE c.customer_id = x.customer_id AND c.entity_id = %(entity)s AND {case_is_open}
   AND x.customer_id BETWEEN %(first)s AND %(last)s"""

_DATED: Final[Mapping[str, str]] = {
    "promise_broken": """
SELECT x.customer_id, x.currency, x.decided_on AS "on", c.opened_on FROM arrangements_promise x
 {in_spell} AND x.state = 'BROKEN'""",
    "plan_broken": """
SELECT x.customer_id, x.currency, x.ended_on AS "on", c.opened_on FROM arrangements_plan x
 {in_spell} AND x.state = 'BROKEN'""",
    "installment_missed": """
SELECT x.customer_id, x.currency, i.due_on AS "on", c.opened_on
  FROM arrangements_plan x JOIN arrangements_installment i ON i.plan_id = x.id
 {in_spell} AND x.state IN ('RUNNING', 'BROKEN') AND i.due_on < %(as_of)s
   AND (i.paid_on IS NULL OR i.paid_on > i.due_on)""",
}
_TIMED: Final[Mapping[str, str]] = {
    "dispute_opened": """
SELECT x.customer_id, x.currency, x.raised_at AS at, c.opened_on FROM arrangements_dispute x
 {in_spell}""",
    "dispute_closed": """
SELECT x.customer_id, x.currency, x.decided_at AS at, c.opened_on FROM arrangements_dispute x
 {in_spell} AND x.decided_at IS NOT NULL""",
    "letter_delivered": """
SELECT x.customer_id, x.currency, x.state_at AS at, c.opened_on FROM outreach_letter x
 {in_spell} AND x.state = 'SIGNED'""",
    "letter_refused": """
SELECT x.customer_id, x.currency, x.state_at AS at, c.opened_on FROM outreach_letter x
 {in_spell} AND x.state IN ('REFUSED', 'RETURNED')""",
    "message_bounced": """
SELECT x.customer_id, x.currency, x.finished_at AS at, c.opened_on FROM outreach_delivery x
 {in_spell} AND x.state = 'BOUNCED'""",
}

_MESSAGES: Final = """
SELECT x.customer_id, x.currency, x.state, x.finished_at AS at, c.opened_on FROM outreach_delivery x
 {in_spell} AND x.state IN ('SENT', 'DELIVERED', 'READ') AND x.about = ''"""

_LETTERS: Final = """
SELECT l.customer_id, l.currency, l.step_code, l.as_of, l.state, l.carrier, l.state_at, l.handed_over_at
  FROM outreach_letter l
 WHERE {of_these} AND l.handed_over_at <= %(known_until)s"""

_LETTER_TASKS: Final = """
SELECT t.customer_id, t.currency, t.step_code, t.done_at AS handed_over_at FROM cases_task t
 WHERE {of_these} AND t.kind = 'LETTER' AND t.done_at <= %(known_until)s"""


def read_events(scope: Scope) -> pl.DataFrame:
    """Return the latest event of each kind asked for, per customer and currency, of the running spell."""
    asked = [event for event in EVENTS if f"{event}_days" in scope.conditions]
    parts = [pl.DataFrame(schema={**f.EVENTS, "opened_on": pl.Date})]
    for event in asked:
        sql = _DATED.get(event) or _TIMED[event]
        day: f.Columns = {"on": pl.Date} if event in _DATED else {"at": f.INSTANT}
        keys: f.Columns = {"customer_id": pl.Int64, "currency": pl.String}
        found = read_frame(_of_open(sql, scope), scope.params, {**keys, **day, "opened_on": pl.Date})
        on = pl.col("on") if event in _DATED else _day("at", scope)
        parts.append(found.select("customer_id", "currency", pl.lit(event).alias("kind"), on.alias("on"), "opened_on"))
    return (
        pl.concat(parts)
        .filter(pl.col("on").is_between("opened_on", scope.as_of))
        .group_by("customer_id", "currency", "kind")
        .agg(pl.col("on").max())
    )


def read_unread(scope: Scope) -> pl.DataFrame:
    """Return since when the last message of the spell has been unread, for whom it is; nothing when no step asks."""
    if UNREAD_HOURS not in scope.conditions:
        return pl.DataFrame(schema=dict(f.UNREAD))
    schema: f.Columns = {
        "customer_id": pl.Int64, "currency": pl.String, "state": pl.String, "at": f.INSTANT, "opened_on": pl.Date,
    }  # fmt: skip
    sent = read_frame(_of_open(_MESSAGES, scope), scope.params, schema)
    return (
        sent.filter((pl.col("at") <= scope.known_until) & (_day("at", scope) >= pl.col("opened_on")))
        .sort("at")
        .group_by("customer_id", "currency")
        .agg(pl.col("state", "at").last())
        .filter(pl.col("state") != "READ")
        .select("customer_id", "currency", unread_at="at")
    )


def read_arrivals(scope: Scope, balances: pl.DataFrame, item_steps: pl.DataFrame) -> pl.DataFrame:
    """Return when the letter of the last step arrived, or should have, for those whose next step counts from it.

    Signed for, or refused at the door: on that day. Otherwise so many days after it was posted as the carrier usually
    takes (`send: transit_days:`). Returned: it has not arrived. A letter posted outside huikuan counts from the day on
    which its task was done. Nothing is read when nobody stands on such a step.

    Args:
        scope: Of the run.
        balances: `facts.BALANCES`.
        item_steps: `facts.ITEM_STEPS`: one letter may follow another of the same step, about other items.
    """
    posted = _posted(scope, balances, item_steps)
    if posted.is_empty():
        return pl.DataFrame(schema=dict(f.ARRIVALS))
    of_letters, values = among("l.customer_id", "posted", posted["customer_id"].unique().to_list())
    of_tasks, _ = among("t.customer_id", "posted", posted["customer_id"].unique().to_list())
    params: dict[str, Param] = {**scope.params, **values}
    keys: f.Columns = {"customer_id": pl.Int64, "currency": pl.String, "step_code": pl.String}
    by_letter: f.Columns = {
        **keys, "as_of": pl.Date, "state": pl.String, "carrier": pl.String, "state_at": f.INSTANT,
        "handed_over_at": f.INSTANT,
    }  # fmt: skip
    letters = read_frame(_LETTERS.format(of_these=of_letters), params, by_letter)
    tasks = read_frame(_LETTER_TASKS.format(of_these=of_tasks), params, {**keys, "handed_over_at": f.INSTANT})
    sent = pl.concat(
        [letters.with_columns(is_ours=True), tasks.with_columns(is_ours=False)], how="diagonal_relaxed"
    ).with_columns(posted_on=_day("handed_over_at", scope), state_on=_day("state_at", scope))
    return (
        sent.join(posted, on=[*keys])
        .filter(pl.coalesce("as_of", "posted_on") >= pl.col("last_step_on"))
        .filter((pl.coalesce("as_of", "posted_on") < pl.col("followed_on")).fill_null(value=True))
        .with_columns(arrived_on=_arrived_on(scope))
        .sort("is_ours", "posted_on", "as_of", nulls_last=True)
        .group_by(*keys, "last_step_on")
        .agg(pl.col("arrived_on").last())
        .select(f.ARRIVALS.keys())
    )


def _posted(scope: Scope, balances: pl.DataFrame, item_steps: pl.DataFrame) -> pl.DataFrame:
    """Return customer_id, currency, step_code, last_step_on of letters waited for; followed_on: of the one after it."""
    of_customers = balances.select("customer_id", "currency", step_code="last_step_code", last_step_on="last_step_on")
    of_items = item_steps.select("customer_id", "currency", "step_code", last_step_on="taken_on")
    key = ["customer_id", "currency", "step_code"]
    return (
        pl.concat([of_customers, of_items])
        .filter(pl.col("step_code").is_in(sorted(scope.posted_steps)))
        .unique()
        .sort(*key, "last_step_on")
        .with_columns(followed_on=pl.col("last_step_on").shift(-1).over(key))
    )


def _arrived_on(scope: Scope) -> pl.Expr:
    """Return when a letter arrived or should have; what the post said after the day is not known yet."""
    transit = {carrier: timedelta(days=days) for carrier, days in scope.transit_days.items()}
    usual = max(transit.values(), default=timedelta(0))
    should = pl.col("posted_on") + pl.col("carrier").replace_strict(
        transit, default=usual, return_dtype=pl.Duration("us")
    )
    is_known = pl.col("state_on") <= scope.as_of
    return (
        pl.when(is_known & pl.col("state").is_in(["SIGNED", "REFUSED"])).then("state_on")
        .when(is_known & (pl.col("state") == "RETURNED")).then(None)
        .otherwise(should)
    )  # fmt: skip


def _of_open(sql: str, scope: Scope) -> str:
    was_open = history.CASE_WAS_OPEN if scope.is_replay else "c.closed_on IS NULL"
    return sql.format(in_spell=_IN_SPELL.format(case_is_open=was_open))


def _day(column: str, scope: Scope) -> pl.Expr:
    return pl.col(column).dt.convert_time_zone(scope.time_zone).dt.date()
