"""Messages about items that climb one by one: each says what its own items are asked for, and nothing of the others."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from huikuan.outreach.models import Delivery
from huikuan.receivables.models import OpenItem
from huikuan.runs.claim import Claim, Row, decisions_of
from huikuan.runs.models import Decision

Steps = Mapping[int, Mapping[str, Any]]
"""Item to the step that it takes: step_code, rank, occurrence (`rules.joining.ITEM_STEP`)."""

_GONE = (Delivery.State.CANCELLED, Delivery.State.REFUSED, Delivery.State.FAILED)


def steps_of(decision: Decision | None) -> Steps:
    """Return the steps of the items of a contact; nothing for a customer who climbs as a whole."""
    listed = None if decision is None else decision.facts.get("item_steps")
    return {} if not listed else {step["item_id"]: step for step in listed}


def steps_left(delivery: Delivery, steps: Steps) -> Steps:
    """Return the steps of which no later message to the same customer speaks. Two queries."""
    later = Delivery.objects.filter(
        customer_id=delivery.customer_id, currency=delivery.currency, channel=delivery.channel, about="",
        as_of__gt=delivery.as_of,
    ).exclude(state__in=_GONE)  # fmt: skip
    said = {item_id for decision in decisions_of(list(later)).values() for item_id in steps_of(decision)}
    return {item_id: step for item_id, step in steps.items() if item_id not in said}


def of_items(claim: Claim, steps: Steps) -> Claim:
    """Return what is claimed of these items, each with its step. Money on account covers the oldest of all first."""
    overdue = [{**row, **steps[row["item_id"]]} for row in claim.overdue if row["item_id"] in steps]
    return replace(
        claim,
        overdue=overdue,
        lines=[line for line in claim.lines if line["item_id"] in steps],
        on_account_minor=_covering(claim, steps),
        held_minor=claim.held_minor if overdue or _is_open(steps) else 0,
    )


def _covering(claim: Claim, steps: Steps) -> int:
    """Return how much of the money on account falls on these items."""
    left, covering = claim.on_account_minor, 0
    for row in sorted(claim.overdue, key=_by_age):
        part = min(left, row["due_minor"])
        left -= part
        covering += part if row["item_id"] in steps else 0
    return covering


def _by_age(row: Row) -> tuple[Any, int]:
    return row["due_on"], row["item_id"]


def _is_open(steps: Steps) -> bool:
    """Tell whether any of the items is open: what is not claimed of them is then on hold."""
    return OpenItem.objects.filter(pk__in=steps, settled_on=None).exists()
