"""How far items have climbed one by one, and what is still to be said of them; nothing is read of other ladders."""

from typing import Final

import polars as pl

from huikuan.runs.queries import history
from huikuan.runs.queries.scope import Scope
from huikuan.runs.rules import facts as f
from huikuan.storage.bulk import read_frame

_STEPS: Final = """
SELECT s.customer_id, s.currency, s.item_id, s.step_code, s.rank, s.occurrence, s.decided_on AS taken_on
  FROM cases_case c JOIN runs_itemstep s ON s.customer_id = c.customer_id AND s.spell_on = c.opened_on
  JOIN receivables_openitem i ON i.id = s.item_id
 WHERE c.entity_id = %(entity)s AND c.customer_id BETWEEN %(first)s AND %(last)s AND {case_is_open}
   AND s.action <> 'SKIPPED' AND {is_known} AND (i.settled_on IS NULL OR i.settled_on > %(as_of)s)"""

_CLIMBED: Final = """
SELECT c.customer_id, b.currency
  FROM cases_case c JOIN cases_casebalance b ON b.case_id = c.id
 WHERE c.entity_id = %(entity)s AND c.customer_id BETWEEN %(first)s AND %(last)s AND {case_is_open}
   AND EXISTS (SELECT 1 FROM runs_itemstep s
                WHERE s.customer_id = c.customer_id AND s.spell_on = c.opened_on AND s.currency = b.currency
                  AND {is_known})"""

_UNSENT: Final = """
SELECT x.id AS delivery_id, x.customer_id, x.currency, x.state, d.facts
  FROM outreach_delivery x
  JOIN runs_decision d ON d.customer_id = x.customer_id AND d.currency = x.currency
       AND d.step_code = x.step_code AND d.decided_on = x.as_of
 WHERE x.customer_id BETWEEN %(first)s AND %(last)s AND +x.entity_id = %(entity)s
   AND x.state IN ('QUEUED', 'SENDING') AND x.about = '' AND d.action <> 'SKIPPED'"""


def read_item_steps(scope: Scope) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return `facts.ITEM_STEPS` and `facts.CLIMBED_BY_ITEM`, as the morning of the day knew them."""
    if not scope.climbs_per_item:
        return pl.DataFrame(schema=dict(f.ITEM_STEPS)), pl.DataFrame(schema=dict(f.CLIMBED_BY_ITEM))
    case_is_open = history.CASE_WAS_OPEN if scope.is_replay else "(c.closed_on IS NULL OR c.closed_on = %(as_of)s)"
    is_known = f"s.decided_on {'<' if scope.is_replay else '<='} %(as_of)s"
    words = {"case_is_open": case_is_open, "is_known": is_known}
    return (
        read_frame(_STEPS.format(**words), scope.params, f.ITEM_STEPS),
        read_frame(_CLIMBED.format(**words), scope.params, f.CLIMBED_BY_ITEM),
    )


def read_unsent_items(scope: Scope) -> pl.DataFrame:
    """Return `facts.UNSENT_ITEMS`."""
    if not scope.climbs_per_item:
        return pl.DataFrame(schema=dict(f.UNSENT_ITEMS))
    keys: f.Columns = {"delivery_id": pl.Int64, "customer_id": pl.Int64, "currency": pl.String}
    return (
        read_frame(_UNSENT, scope.params, {**keys, "state": pl.String, "facts": pl.String})
        .filter(pl.col("facts").str.json_path_match("$.item_steps").is_not_null())
        .with_columns(
            item_id=pl.col("facts").str.json_path_match("$.item_ids").str.json_decode(pl.List(pl.Int64)),
            is_queued=pl.col("state") == "QUEUED",
        )
        .explode("item_id")
        .select(f.UNSENT_ITEMS.keys())
    )
