"""What a bill says about early payment: the discounts that its items still offer, how much and until when."""

from collections.abc import Iterable

from huikuan.arrangements.commands.discounts import discounts_of
from huikuan.receivables.models import OpenItem
from huikuan.runs.claim import Claim, Row


def early_payments(claims: Iterable[Claim]) -> dict[int, Row]:
    """Return the discounts that items of claims offer on their day, by item. Two queries.

    Returns: item_id, number, share_ppm, last_on, open_minor, and payable_minor: what settles the item by that day.
    """
    rows = [(row, claim.as_of) for claim in claims for row in (*claim.upcoming, *claim.overdue)]
    offered = discounts_of(OpenItem.objects.filter(pk__in=[row["item_id"] for row, _as_of in rows]))
    found = [(row, offered[row["item_id"]], as_of) for row, as_of in rows if row["item_id"] in offered]
    return {
        row["item_id"]: {
            "item_id": row["item_id"],
            "number": row["number"],
            "share_ppm": terms.share_ppm,
            "last_on": terms.last_on,
            "open_minor": row["open_minor"],
            "payable_minor": row["open_minor"] - terms.discount_minor,
        }
        for row, terms, as_of in found
        if terms.last_on >= as_of and 0 < terms.discount_minor < row["open_minor"]
    }
