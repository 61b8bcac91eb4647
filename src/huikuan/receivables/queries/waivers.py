"""Waived penalties as the rules take them."""

import polars as pl

from huikuan.receivables.queries.frames import Scope
from huikuan.receivables.rules.waiver import WAIVERS
from huikuan.storage.bulk import read_frame


def waiver_frame(scope: Scope) -> pl.DataFrame:
    """Return what of the penalty of the scope's items is waived as of the day: `rules.waiver.WAIVERS`."""
    known = "" if scope.known_at is None else "AND w.booked_at <= %(known_at)s"
    return read_frame(
        f"""SELECT w.item_id, CAST(sum(w.amount_minor) AS bigint) AS waived_minor
            FROM receivables_penaltywaiver w JOIN receivables_openitem i ON i.id = w.item_id
            WHERE w.effective_on <= %(as_of)s AND {scope.where("i")} {known}
            GROUP BY w.item_id HAVING sum(w.amount_minor) <> 0""",  # noqa: S608  our own names
        scope.params(),
        WAIVERS,
    ).sort("item_id")
