"""The facts of a range of customers, in a handful of reads whose cost follows what is open, not what ever was."""

from datetime import timedelta

import polars as pl

from huikuan.arrangements.queries.broken_plans import broken_plans_in
from huikuan.credit.queries import GRADING_SQL, RECORD, RECORD_SQL
from huikuan.kernel.columns import total
from huikuan.runs.queries import history
from huikuan.runs.queries.happened import read_arrivals, read_events, read_unread
from huikuan.runs.queries.item_steps import read_item_steps, read_unsent_items
from huikuan.runs.queries.scope import Scope
from huikuan.runs.rules import facts as f
from huikuan.storage.bulk import read_frame

_RANGE = "entity_id = %(entity)s AND {0}customer_id BETWEEN %(first)s AND %(last)s"

_ITEMS = """
SELECT i.id AS item_id, i.customer_id, i.currency, i.kind AS item_kind, i.contract_id, i.issued_on, i.due_on,
       i.amount_minor, i.open_minor, i.terms_id,
       CASE WHEN i.booked_at >= %(booked_since)s THEN i.booked_at END AS booked_at
  FROM receivables_openitem i
 WHERE {whose} AND i.issued_on <= %(as_of)s AND {when}"""

# The plus keeps SQLite from reading the whole entity by that index for every chunk: a chunk is a range of customers.
_OF_CUSTOMERS = "i.customer_id BETWEEN %(first)s AND %(last)s AND +i.entity_id = %(entity)s"
_OF_ENTITY = "i.entity_id = %(entity)s AND i.customer_id BETWEEN %(first)s AND %(last)s"
ITEM_READS = ((_OF_CUSTOMERS, "i.settled_on IS NULL"), (_OF_ENTITY, "i.settled_on > %(as_of)s"))

_CONTRACT_KINDS = """
SELECT id AS contract_id, kind AS contract_kind FROM receivables_contract
 WHERE customer_id BETWEEN %(first)s AND %(last)s AND +entity_id = %(entity)s"""

# CROSS JOIN keeps SQLite to this order: the few allocations of the future first. PostgreSQL chooses for itself.
_LATER_OF_ITEMS = """
SELECT a.item_id, sum(a.amount_minor) AS later_minor
  FROM receivables_allocation a CROSS JOIN receivables_openitem i
 WHERE a.effective_on > %(as_of)s AND i.id = a.item_id
   AND i.entity_id = %(entity)s AND i.customer_id BETWEEN %(first)s AND %(last)s
 GROUP BY a.item_id"""

_LATER_OF_ITEMS_REPLAY = """
SELECT a.item_id, sum(a.amount_minor) AS later_minor
  FROM receivables_openitem i CROSS JOIN receivables_allocation a
 WHERE i.entity_id = %(entity)s AND i.customer_id BETWEEN %(first)s AND %(last)s
   AND a.item_id = i.id AND a.effective_on > %(as_of)s
 GROUP BY a.item_id"""

_ON_ACCOUNT = """
SELECT customer_id, currency, sum(unapplied_minor) AS on_account_minor FROM receivables_receipt
 WHERE customer_id BETWEEN %(first)s AND %(last)s AND +entity_id = %(entity)s
   AND unapplied_minor > 0 AND received_on <= %(as_of)s
 GROUP BY customer_id, currency
UNION ALL
SELECT customer_id, currency, sum(unapplied_minor) FROM receivables_creditnote
 WHERE customer_id BETWEEN %(first)s AND %(last)s AND +entity_id = %(entity)s
   AND unapplied_minor > 0 AND issued_on <= %(as_of)s
 GROUP BY customer_id, currency
UNION ALL
SELECT r.customer_id, r.currency, sum(a.amount_minor)
  FROM receivables_allocation a CROSS JOIN receivables_receipt r
 WHERE a.effective_on > %(as_of)s AND r.id = a.receipt_id AND r.received_on <= %(as_of)s
   AND r.entity_id = %(entity)s AND r.customer_id BETWEEN %(first)s AND %(last)s
 GROUP BY r.customer_id, r.currency
UNION ALL
SELECT c.customer_id, c.currency, sum(a.amount_minor)
  FROM receivables_allocation a CROSS JOIN receivables_creditnote c
 WHERE a.effective_on > %(as_of)s AND c.id = a.credit_note_id AND c.issued_on <= %(as_of)s
   AND c.entity_id = %(entity)s AND c.customer_id BETWEEN %(first)s AND %(last)s
 GROUP BY c.customer_id, c.currency"""

_HOLDS = """
SELECT h.customer_id, h.item_id, h.kind, h.amount_minor, h.starts_on, h.ends_on, h.released_on
  FROM policy_hold h JOIN parties_customer c ON c.id = h.customer_id
 WHERE c.entity_id = %(entity)s AND h.customer_id BETWEEN %(first)s AND %(last)s AND h.starts_on <= %(as_of)s"""

_CUSTOMERS = f"""
SELECT c.id AS customer_id, c.code AS customer_code, c.collector_id, c.region, c.country, c.time_zone, {GRADING_SQL}
 WHERE c.entity_id = %(entity)s AND c.id BETWEEN %(first)s AND %(last)s"""

_RECORD = RECORD_SQL.format(of_these="m.customer_id BETWEEN %(first)s AND %(last)s")

_CASES = """
SELECT id AS case_id, customer_id, opened_on, closed_on, stage, owner_id, next_action, next_action_on FROM cases_case
 WHERE entity_id = %(entity)s AND customer_id BETWEEN %(first)s AND %(last)s AND closed_on IS NULL
UNION ALL
SELECT id, customer_id, opened_on, closed_on, stage, owner_id, next_action, next_action_on FROM cases_case
 WHERE entity_id = %(entity)s AND customer_id BETWEEN %(first)s AND %(last)s AND closed_on = %(as_of)s"""

_BALANCES = """
SELECT b.id AS balance_id, b.case_id, k.customer_id, b.currency, b.overdue_minor, b.open_minor, b.on_account_minor,
       b.held_minor, b.item_count, b.oldest_due_on, b.last_step_code, b.last_step_rank, b.last_step_on,
       b.last_occurrence
  FROM cases_case k JOIN cases_casebalance b ON b.case_id = k.id
 WHERE k.entity_id = %(entity)s AND k.customer_id BETWEEN %(first)s AND %(last)s
   AND (k.closed_on IS NULL OR k.closed_on = %(as_of)s)"""

_TAKEN = """
SELECT DISTINCT d.customer_id, d.currency
  FROM runs_run r JOIN runs_decision d ON d.run_id = r.id
 WHERE r.entity_id = %(entity)s AND r.as_of = %(as_of)s
   AND d.customer_id BETWEEN %(first)s AND %(last)s AND d.action <> 'SKIPPED'"""

_MARKS = """
SELECT m.id AS mark_id, m.customer_id, m.kind, m.begun_on
  FROM credit_riskmark m JOIN parties_customer c ON c.id = m.customer_id
 WHERE c.entity_id = %(entity)s AND m.customer_id BETWEEN %(first)s AND %(last)s AND m.ended_on IS NULL"""

_SIGNALS = """
SELECT g.customer_id, g.kind FROM arrangements_signal g JOIN parties_customer c ON c.id = g.customer_id
 WHERE c.entity_id = %(entity)s AND g.customer_id BETWEEN %(first)s AND %(last)s
   AND g.begun_on <= %(as_of)s AND (g.ended_on IS NULL OR g.ended_on > %(as_of)s)"""

_TASKS = """
SELECT id AS task_id, customer_id, currency, step_code, kind, case_id FROM cases_task
 WHERE customer_id BETWEEN %(first)s AND %(last)s AND +entity_id = %(entity)s
   AND done_at IS NULL AND cancelled_at IS NULL"""

_DELIVERIES = """
SELECT id AS delivery_id, customer_id, currency, channel, step_code, state FROM outreach_delivery
 WHERE customer_id BETWEEN %(first)s AND %(last)s AND +entity_id = %(entity)s
   AND state IN ('QUEUED', 'SENDING') AND about = ''"""

_CONTACTS = """
SELECT k.customer_id, k.direction, k.outcome, k.is_connected, k.at, k.next_step_on, c.opened_on
  FROM cases_case c JOIN outreach_contact k ON k.customer_id = c.customer_id
 WHERE c.entity_id = %(entity)s AND c.customer_id BETWEEN %(first)s AND %(last)s AND {case_is_open}
   AND k.at <= %(known_until)s"""

FRUITFUL = ("PROMISED", "SAYS_PAID")
"""Outcomes after which an outgoing contact was not in vain."""


def read_facts(scope: Scope, *, settled_late: pl.DataFrame) -> f.Facts:
    """Read the facts of the scope: thirteen statements and one per event that a step asks for.

    Args:
        scope: What to read.
        settled_late: `settled_late(scope)` of the whole run, read once: its index leads by day, not by customer.
    """
    items, cases, marks = read_items(scope), _cases(scope), _read(_MARKS, scope, f.MARKS)
    tasks = _read(_TASKS, scope, f.TASKS)
    deliveries = _read(_DELIVERIES, scope, f.DELIVERIES)
    balances = history.balances(scope, cases) if scope.is_replay else _read(_BALANCES, scope, f.BALANCES)
    item_steps, climbed_by_item = read_item_steps(scope)
    customers = _customers(scope)
    concerned = pl.concat([frame.select("customer_id") for frame in (items, cases, marks, tasks, deliveries)]).unique()
    return f.Facts(
        items=items,
        customers=customers.join(concerned, on="customer_id", how="semi"),
        collectors=customers.select(*f.COLLECTORS),
        on_account=_on_account(scope),
        holds=_holds(scope),
        contacts=_contacts(scope),
        broken_plans=broken_plans_in(scope.params),
        settled_late=settled_late.filter(
            pl.col("customer_id").is_between(scope.first_customer_id, scope.last_customer_id)
        ),
        cases=cases,
        balances=balances,
        taken=pl.DataFrame(schema=dict(f.TAKEN)) if scope.is_replay else _read(_TAKEN, scope, f.TAKEN),
        marks=marks,
        signals=_read(_SIGNALS, scope, f.SIGNALS),
        events=read_events(scope),
        unread=read_unread(scope),
        arrivals=read_arrivals(scope, balances, item_steps),
        item_steps=item_steps,
        climbed_by_item=climbed_by_item,
        unsent_items=read_unsent_items(scope),
        tasks=tasks,
        deliveries=deliveries,
    )


def _read(sql: str, scope: Scope, schema: f.Columns) -> pl.DataFrame:
    return read_frame(sql, scope.params, schema)


def read_items(scope: Scope) -> pl.DataFrame:
    """Return what was open on the day: today's balance plus whatever is allocated with effect after the day."""
    schema: f.Columns = {
        **{name: f.ITEMS[name] for name in f.ITEMS if name not in {"contract_kind", "booked_on"}},
        "contract_id": pl.Int64,
        "booked_at": f.INSTANT,
    }
    parts = [_read(_ITEMS.format(whose=whose, when=when), scope, schema) for whose, when in ITEM_READS]
    kinds: f.Columns = {"contract_id": pl.Int64, "contract_kind": pl.String}
    contracts = _read(_CONTRACT_KINDS, scope, kinds) if scope.needs_contract_kind else pl.DataFrame(schema=dict(kinds))
    later_sql = _LATER_OF_ITEMS_REPLAY if scope.is_replay else _LATER_OF_ITEMS
    later = _read(later_sql, scope, {"item_id": pl.Int64, "later_minor": pl.Int64})
    local_day = pl.col("booked_at").dt.convert_time_zone(scope.time_zone).dt.date()
    first_chance = (scope.previous_on or scope.as_of) + timedelta(days=1 if scope.previous_on else 0)
    return (
        pl.concat(parts)
        .join(later, on="item_id", how="left")
        .join(contracts, on="contract_id", how="left")
        .with_columns(
            open_minor=pl.col("open_minor") + pl.col("later_minor").fill_null(0),
            booked_on=local_day.clip(first_chance, scope.as_of),
        )
        .filter(pl.col("open_minor") > 0)
        .select(f.ITEMS.keys())
    )


def _on_account(scope: Scope) -> pl.DataFrame:
    return (
        _read(_ON_ACCOUNT, scope, f.ON_ACCOUNT)
        .group_by("customer_id", "currency")
        .agg(on_account_minor=total(pl.col("on_account_minor")))
    )


def _holds(scope: Scope) -> pl.DataFrame:
    """Return holds with the last day on which they really hold; those over and done with only if their kind matters."""
    schema: f.Columns = {**f.HOLDS, "released_on": pl.Date}
    last_day = pl.min_horizontal("ends_on", pl.col("released_on").dt.offset_by("-1d"))
    return (
        _read(_HOLDS, scope, schema)
        .with_columns(ends_on=last_day)
        .filter(
            (pl.col("ends_on") >= pl.col("starts_on"))
            & ((pl.col("ends_on") >= scope.as_of) | pl.col("kind").is_in(sorted(scope.clock_kinds)))
        )
        .select(f.HOLDS.keys())
    )


def _cases(scope: Scope) -> pl.DataFrame:
    return history.cases(scope) if scope.is_replay else _read(_CASES, scope, f.CASES)


def _contacts(scope: Scope) -> pl.DataFrame:
    """Sum up the contacts of each running spell, from the day its case opened."""
    schema: f.Columns = {
        "customer_id": pl.Int64,
        "direction": pl.String,
        "outcome": pl.String,
        "is_connected": pl.Boolean,
        "at": f.INSTANT,
        "next_step_on": pl.Date,
        "opened_on": pl.Date,
    }
    sql = _CONTACTS.format(case_is_open=history.CASE_WAS_OPEN if scope.is_replay else "c.closed_on IS NULL")
    spoken = _read(sql, scope, schema).with_columns(day=pl.col("at").dt.convert_time_zone(scope.time_zone).dt.date())
    outgoing, is_contact = pl.col("direction") == "OUT", pl.col("direction") != "NONE"
    answered = (pl.col("direction") == "IN") | pl.col("is_connected")
    return (
        spoken.filter(pl.col("day") >= pl.col("opened_on"))
        .sort("at")
        .group_by("customer_id")
        .agg(
            fruitless_count=(outgoing & ~pl.col("outcome").is_in(FRUITFUL)).sum().cast(pl.Int64),
            last_contact_on=pl.col("day").filter(is_contact).max(),
            last_inbound_on=pl.col("day").filter(answered).max(),
            not_before_on=pl.col("next_step_on").filter(is_contact).last(),
        )
        .select(f.CONTACTS.keys())
    )


def _customers(scope: Scope) -> pl.DataFrame:
    record = history.record(scope) if scope.is_replay else _read(_RECORD, scope, RECORD)
    schema = {name: f.CUSTOMERS[name] for name in f.CUSTOMERS if name not in RECORD or name == "customer_id"}
    counts = [name for name in RECORD if name != "customer_id"]
    return (
        _read(_CUSTOMERS, scope, schema)
        .join(record, on="customer_id", how="left")
        .with_columns(pl.col(counts).fill_null(0))
        .select(f.CUSTOMERS.keys())
    )


_SETTLED_LATE = """
SELECT customer_id, due_on, settled_on FROM receivables_openitem
 WHERE entity_id = %(entity)s AND customer_id BETWEEN %(first)s AND %(last)s
   AND settled_on > %(from)s AND settled_on <= %(through)s AND settled_on > due_on AND due_on < %(month)s"""


def settled_late(scope: Scope) -> pl.DataFrame:
    """Return what was settled late since the first of the months of the order stop; a fortnight at a time."""
    parts, after = [pl.DataFrame(schema=dict(f.SETTLED_LATE))], scope.stop_starts_on
    while after < scope.as_of:
        through = min(after + timedelta(days=14), scope.as_of)
        parts.append(read_frame(_SETTLED_LATE, {**scope.params, "from": after, "through": through}, f.SETTLED_LATE))
        after = through
    return pl.concat(parts)
