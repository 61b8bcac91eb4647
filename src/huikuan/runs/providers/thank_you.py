"""The thank-you after money arrived: how much, when, what it settled, and what is still overdue."""

from typing import Final

from django.db.models import Sum

from huikuan.outreach.models import Delivery
from huikuan.outreach.ports import Pointless
from huikuan.outreach.rules.kinds import subject_of
from huikuan.receivables.models import Allocation, OpenItem, Receipt
from huikuan.runs.speech import Speech, one_line
from huikuan.runs.telling import Told


def thank_you(delivery: Delivery, speech: Speech) -> Told | Pointless:
    """Tell the receipt named by `about`: nothing when all that it paid has been taken back (a bounced payment)."""
    receipt = Receipt.objects.get(pk=subject_of(delivery.about)[1], customer_id=delivery.customer_id)
    allocated = (
        Allocation.objects.filter(receipt=receipt)
        .values("item_id", "item__number", "item__due_on", "item__settled_on")
        .annotate(paid_minor=Sum("amount_minor"))
        .order_by("item__due_on", "item_id")
    )
    paid = [row for row in allocated if row["paid_minor"]]
    if not paid and Allocation.objects.filter(receipt=receipt).exists():
        return Pointless("PAYMENT_TAKEN_BACK", {"receipt": receipt.reference})
    settled = [row for row in paid if row["item__settled_on"] is not None]
    overdue = OpenItem.objects.filter(
        customer_id=delivery.customer_id, currency=receipt.currency, due_on__lt=speech.today, open_minor__gt=0
    )
    still_open_minor = overdue.aggregate(sum=Sum("open_minor"))["sum"] or 0
    rows = [
        {"number": one_line(row["item__number"]), "due_on": row["item__due_on"].isoformat(),
         "paid": speech.amount(row["paid_minor"])}
        for row in settled
    ]  # fmt: skip
    return Told(
        words={
            "receipt_number": one_line(receipt.reference),
            "received_amount": speech.amount(receipt.amount_minor),
            "received_on": speech.day(receipt.received_on),
            "settled_count": str(len(settled) or ""),
            "still_open": speech.money(still_open_minor),
        },
        tables={"settled_items": speech.table(("number", "due_on", "paid"), rows, numbers=("paid",))},
        facts={
            "receipt": receipt.reference,
            "received_on": receipt.received_on.isoformat(),
            "currency": receipt.currency,
            "received_minor": receipt.amount_minor,
            "settled": [row["item__number"] for row in settled],
            "still_open_minor": still_open_minor,
        },
    )


PROVIDES: Final = {"thank_you": thank_you}
