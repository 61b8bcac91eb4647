"""Discounts taken too late: somebody decides whether to ask for the rest or to let it go."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from huikuan.arrangements.models import Discount
from huikuan.cases.models import Task

DISCOUNT_LATE: Final = "discount_late"
UNDONE: Final = "SETTLED"


def review_late_discounts(changed: Sequence[Discount], *, as_of: date, now: datetime) -> None:
    """Give the collector a task for each discount just refused as late, once; what was undone calls its task off.

    The task is of no case: it goes on when the case closes because so small a rest is not pursued.

    Args:
        changed: What `take_discounts` decided or undid for one customer; its caller journals it.
        as_of: The day on which it is to be looked at.
        now: The instant.
    """
    undone = [_key(each) for each in changed if each.undone_at is not None]
    Task.objects.filter(key__in=undone, done_at=None, cancelled_at=None).update(cancelled_at=now, cancel_reason=UNDONE)
    refused = [each for each in changed if each.undone_at is None and not each.is_taken]
    if not refused:
        return
    customer = refused[0].item.customer
    Task.objects.bulk_create(
        [
            Task(
                key=_key(each), entity_id=customer.entity_id, customer=customer, kind=Task.Kind.REVIEW,
                step_code=DISCOUNT_LATE, currency=each.item.currency, overdue_minor=each.discount_minor,
                priority=each.discount_minor, owner_id=customer.collector_id, due_on=as_of, created_at=now,
            )
            for each in refused
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _key(discount: Discount) -> str:
    return f"task/{DISCOUNT_LATE}/{discount.pk}"
