"""The facts of delay signals for a range of customers with a running spell: four statements, whatever their number."""

from datetime import timedelta
from typing import Final

import polars as pl

from huikuan.runs.queries.scope import Scope
from huikuan.runs.rules.facts import INSTANT
from huikuan.storage.bulk import read_frame

LOOKED_BACK_DAYS: Final = 365
"""Who usually pays is judged by the payments of the last year."""

_SPELL = """cases_case c ON c.customer_id = {0}.customer_id AND c.closed_on IS NULL AND c.entity_id = %(entity)s
 WHERE c.customer_id BETWEEN %(first)s AND %(last)s"""

_PROMISES: Final = f"""
SELECT p.id, p.customer_id, p.decided_on AS "on" FROM arrangements_promise p JOIN {_SPELL.format("p")}
   AND p.state = 'BROKEN' AND p.decided_on >= c.opened_on"""  # noqa: S608  our own names

_CONTACTS: Final = f"""
SELECT k.id, k.customer_id, k.at, k.channel, k.direction, k.is_connected, k.reason, k.named_step, c.opened_on
  FROM outreach_contact k JOIN {_SPELL.format("k")} AND k.direction <> 'NONE' AND k.at <= %(known_until)s"""  # noqa: S608

_RECEIPTS: Final = f"""
SELECT r.id, r.customer_id, r.currency, r.received_on AS "on", r.amount_minor, r.payer_name,
       r.received_on >= c.opened_on AS in_spell
  FROM receivables_receipt r JOIN {_SPELL.format("r")} AND r.received_on > %(since)s"""  # noqa: S608  our own names

_RECORDS: Final = """
SELECT e.id, e.customer_id, e.published_on AS "on", e.number
  FROM arrangements_enforcementrecord e JOIN parties_customer c ON c.id = e.customer_id
 WHERE c.entity_id = %(entity)s AND e.customer_id BETWEEN %(first)s AND %(last)s AND e.ended_on IS NULL"""

_FACT: Final = {"id": pl.Int64, "customer_id": pl.Int64, "on": pl.Date}


def signal_facts(scope: Scope) -> dict[str, pl.DataFrame]:
    """Return what `arrangements.rules.signal.signals` asks for, by the names of its arguments."""
    params = dict(scope.params) | {"since": scope.as_of - timedelta(days=LOOKED_BACK_DAYS)}
    contacts = read_frame(
        _CONTACTS,
        params,
        {
            "id": pl.Int64, "customer_id": pl.Int64, "at": INSTANT, "channel": pl.String, "direction": pl.String,
            "is_connected": pl.Boolean, "reason": pl.String, "named_step": pl.String, "opened_on": pl.Date,
        },
    ).with_columns(pl.col("at").dt.convert_time_zone(scope.time_zone).dt.date().alias("on"))  # fmt: skip
    return {
        "promises": read_frame(_PROMISES, params, _FACT),
        "contacts": contacts.filter(pl.col("on") >= pl.col("opened_on")).drop("at", "opened_on"),
        "receipts": read_frame(
            _RECEIPTS,
            params,
            {**_FACT, "currency": pl.String, "amount_minor": pl.Int64, "payer_name": pl.String, "in_spell": pl.Boolean},
        ),
        "records": read_frame(_RECORDS, params, {**_FACT, "number": pl.String}),
    }
