"""What a run needs to know before its first chunk: the run before it, the chunks, the managers, what to warn of."""

from datetime import date
from typing import Any, Final

import polars as pl
from django.db.models import Count, Sum

from huikuan.parties.models import Membership, Role
from huikuan.receivables.models import Receipt
from huikuan.runs.models import Run
from huikuan.storage.bulk import read_frame

CHUNK_ITEMS: Final = 200_000
"""Open items of a chunk: some seconds, in which other writers wait on SQLite, and about 400 MB in all (measured)."""

_SIZES: Final = """
SELECT c.id AS customer_id,
       (SELECT count(*) FROM receivables_openitem i WHERE i.customer_id = c.id AND i.settled_on IS NULL) AS item_count
  FROM parties_customer c
 WHERE c.entity_id = %(entity)s"""


def latest_run(entity_id: int) -> Run | None:
    """Return the entity's run with the latest day, finished or not."""
    return Run.objects.filter(entity_id=entity_id).select_related("policy_version").order_by("-as_of").first()


def latest_run_on(entity_id: int) -> date | None:
    """Return the latest day that was run, None when none was."""
    return Run.objects.filter(entity_id=entity_id).order_by("-as_of").values_list("as_of", flat=True).first()


def chunk_ranges(entity_id: int, *, items_max: int) -> list[tuple[int, int]]:
    """Divide the entity's customers into ranges of ids with about so many open items each; no customer is divided.

    A customer without open items counts as one, so that a ledger of the past is divided as well.
    """
    sizes = read_frame(_SIZES, {"entity": entity_id}, {"customer_id": pl.Int64, "item_count": pl.Int64})
    if sizes.is_empty():
        return []
    before = pl.col("size").cum_sum() - pl.col("size")
    numbered = (
        sizes.sort("customer_id")
        .with_columns(size=pl.max_horizontal("item_count", pl.lit(1)))
        .with_columns(chunk=before // items_max)
    )
    ranges = numbered.group_by("chunk").agg(first=pl.col("customer_id").min(), last=pl.col("customer_id").max())
    return ranges.sort("first").select("first", "last").rows()


def new_rows(run: Run) -> dict[str, int]:
    """Return what the latest pass over the day wrote, by kind; empty when there was nothing new."""
    counts: dict[str, int] = {}
    for chunk in run.chunks.all():
        for name, count in chunk.counts.get("rows", {}).items():
            if name not in {"customers", "items"}:
                counts[name] = counts.get(name, 0) + count
    return counts


def managers(entity_id: int) -> pl.DataFrame:
    """Return who leads whom: collector_id, manager_id; collector_id null stands for customers without a collector.

    The manager of the collector's team, else one without a team, else any; the longest in the books of several.
    """
    members = list(
        Membership.objects.filter(entity_id=entity_id, user__is_active=True)
        .order_by("pk")
        .values_list("user_id", "role", "team_id")
    )
    leaders = [(user, team) for user, role, team in members if role == Role.MANAGER]
    anybody = next((user for user, team in leaders if team is None), leaders[0][0] if leaders else None)
    of_team: dict[int | None, int] = {}
    for user, team in leaders:
        of_team.setdefault(team, user)
    rows: list[tuple[int | None, int | None]] = [(None, anybody)]
    for user, _role, team in members:
        rows.append((user, of_team.get(team, anybody) if team is not None else anybody))
    return pl.DataFrame(rows, schema={"collector_id": pl.Int64, "manager_id": pl.Int64}, orient="row")


def unmatched_receipts(entity_id: int, as_of: date) -> list[dict[str, Any]]:
    """Return bank money that nobody has recognized yet, per currency: currency, count, amount_minor."""
    unknown = Receipt.objects.filter(entity_id=entity_id, customer=None, received_on__lte=as_of)
    summed = unknown.values("currency").annotate(count=Count("pk"), amount_minor=Sum("amount_minor"))
    return [dict(row) for row in summed.order_by("currency")]
