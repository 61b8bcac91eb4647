"""The aging report, measured beside a group-by on DuckDB over the same rows."""

from typing import Any

import polars as pl

from huikuan.bench.decide import AnswersDiffer, connect
from huikuan.bench.portfolio import AS_OF
from huikuan.bench.stopwatch import in_turn, median, peak_mib, ratio
from huikuan.exchange.queries.aging import aging_report
from huikuan.receivables.rules.aging import DEFAULT_EDGES
from huikuan.storage.bulk import read_frame

TIMES = 5
_ROWS = """
SELECT i.customer_id, i.currency, i.due_on,
       i.open_minor + coalesce((SELECT sum(a.amount_minor) FROM receivables_allocation a
                                 WHERE a.item_id = i.id AND a.effective_on > %(as_of)s), 0) AS open_minor
  FROM receivables_openitem i
 WHERE i.issued_on <= %(as_of)s AND (i.settled_on IS NULL OR i.settled_on > %(as_of)s)"""
_SCHEMA = {"customer_id": pl.Int64, "currency": pl.String, "due_on": pl.Date, "open_minor": pl.Int64}


def measure() -> dict[str, Any]:
    """Return the seconds of the report by customer: from the database, and of the group-by alone on DuckDB.

    The reference has its rows in memory already; the report reads the database. The rows of both must agree.
    """
    rows = read_frame(_ROWS, {"as_of": AS_OF}, _SCHEMA)
    duckdb = connect()
    duckdb.register("given", rows.to_arrow())
    duckdb.execute("CREATE TABLE items AS SELECT * FROM given")
    days = f"(DATE '{AS_OF.isoformat()}' - due_on)"
    sums = [f"sum(open_minor) FILTER ({days} <= 0)"]
    for low, high in zip((0, *DEFAULT_EDGES), (*DEFAULT_EDGES, 10**6), strict=True):
        sums.append(f"sum(open_minor) FILTER ({days} > {low} AND {days} <= {high})")
    columns = ", ".join(f"coalesce({each}, 0)::BIGINT" for each in sums)
    sql = f"""CREATE OR REPLACE TEMP TABLE aged AS SELECT customer_id, currency, count(*), sum(open_minor)::BIGINT,
              {columns} FROM items GROUP BY customer_id, currency"""  # noqa: S608  our own names
    seconds = in_turn(
        {"ours": lambda: aging_report(as_of=AS_OF, by="customer"), "duckdb": lambda: duckdb.execute(sql)}, times=TIMES
    )
    report = aging_report(as_of=AS_OF, by="customer")
    mine = sorted(
        (row.id, row.currency, row.items, row.total_minor, *row.buckets_minor) for row in report.rows if row.items
    )
    theirs = sorted(duckdb.execute("SELECT * FROM aged").fetchall())
    if mine != theirs:
        differing = next(pair for pair in zip(mine, theirs, strict=False) if pair[0] != pair[1])
        raise AnswersDiffer(what="aging", difference=str(differing))
    ours, reference = median(seconds["ours"]), median(seconds["duckdb"])
    return {
        "items": rows.height,
        "rows": len(mine),
        "ours": ours,
        "duckdb": reference,
        "ratio": ratio(ours, reference),
        "peak_mib": peak_mib(),
    }
