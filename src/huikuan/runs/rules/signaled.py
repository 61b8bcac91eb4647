"""What delay signals do to the day's work: the customer's is done first (C3)."""

import polars as pl

from huikuan.kernel.columns import mul128, round_half_away
from huikuan.policy.rules.arranging import SignalRules

PERCENT = 100


def stepped_up(decisions: pl.DataFrame, signals: pl.DataFrame, *, rules: SignalRules) -> pl.DataFrame:
    """Multiply the priority of customers with a standing signal by what the policy says, once however many there are.

    Args:
        decisions: customer_id, priority, ….
        signals: customer_id of the signals that stand.
        rules: The policy's.
    """
    if signals.is_empty():
        return decisions
    raised = round_half_away(mul128(pl.col("priority"), pl.lit(rules.priority_percent)), PERCENT)
    is_watched = pl.col("customer_id").is_in(signals["customer_id"].unique().implode())
    return decisions.with_columns(priority=pl.when(is_watched).then(raised).otherwise("priority"))
