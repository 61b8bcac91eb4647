"""Take many waiting messages back at once: for the run and for money that arrives. Not journaled: the caller is."""

from datetime import datetime

import polars as pl

from huikuan.storage.bulk import insert_frame, update_frame


def withdraw(pointless: pl.DataFrame, *, now: datetime) -> int:
    """Cancel waiting or failed messages (delivery_id, reason), each with its event. Returns how many.

    The caller has locked their customers, or tries again when a worker claims one meanwhile.
    """
    instant = pl.lit(now).cast(pl.Datetime("us", "UTC"))
    done = update_frame(
        "outreach_delivery",
        ["id"],
        pointless.select(id="delivery_id", state=pl.lit("CANCELLED"), finished_at=instant, last_error="reason"),
    )
    insert_frame(
        "outreach_deliveryevent",
        pointless.select(
            "delivery_id",
            at=instant,
            state=pl.lit("CANCELLED"),
            detail=pl.struct(why="reason").struct.json_encode(),
        ),
    )
    return done
