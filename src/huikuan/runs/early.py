"""What a bill says about early payment: the discounts that its items still offer, how much and until when."""

from huikuan.arrangements.commands.discounts import discounts_of
from huikuan.receivables.models import OpenItem
from huikuan.runs.claim import Claim, Row


def early_payments(claim: Claim) -> list[Row]:
    """Return the discounts that upcoming items of a claim offer on its day, in its order. Two queries.

    Returns: item_id, number, share_ppm, last_on, open_minor, and payable_minor: what settles the item by that day.
    """
    offered = discounts_of(OpenItem.objects.filter(pk__in=[row["item_id"] for row in claim.upcoming]))
    found = [(row, offered[row["item_id"]]) for row in claim.upcoming if row["item_id"] in offered]
    return [
        {
            "item_id": row["item_id"],
            "number": row["number"],
            "share_ppm": terms.share_ppm,
            "last_on": terms.last_on,
            "open_minor": row["open_minor"],
            "payable_minor": row["open_minor"] - terms.discount_minor,
        }
        for row, terms in found
        if terms.last_on >= claim.as_of and 0 < terms.discount_minor < row["open_minor"]
    ]
