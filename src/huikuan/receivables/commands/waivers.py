"""Giving up penalty (减免), and claiming it again: the parts that the commands of arrangements share."""

from collections.abc import Mapping
from datetime import date, datetime

from huikuan.parties.models import User
from huikuan.receivables.commands.history import refresh_history
from huikuan.receivables.models import OpenItem, PenaltyWaiver


def waive(
    amounts: Mapping[int, int], *, about: str, effective_on: date, actor: User | None, now: datetime
) -> list[PenaltyWaiver]:
    """Waive so much of the penalty of items. Part of a command: not journaled, and the customer is locked.

    Args:
        amounts: Minor units by item id; nothing is written for zero.
        about: What grants it: "offer:12", "plan:3".
        effective_on: From this day on it is not claimed.
        actor: Who; None: the machine.
        now: The instant.
    """
    wanted = {item_id: minor for item_id, minor in amounts.items() if minor}
    items = OpenItem.objects.in_bulk(wanted)
    made = [
        PenaltyWaiver.objects.create(
            item=items[item_id], currency=items[item_id].currency, amount_minor=minor, effective_on=effective_on,
            about=about, booked_at=now, booked_by=actor,
        )
        for item_id, minor in wanted.items()
    ]  # fmt: skip
    refresh_history(customer_ids={each.item.customer_id for each in made})
    return made


def unwaive(*, about: str, effective_on: date, actor: User | None, now: datetime) -> list[PenaltyWaiver]:
    """Claim again what `about` waived: a row of the opposite sign for each that still stands; nothing is erased.

    Part of a command: not journaled, and the customer is locked.

    Args:
        about: What granted it.
        effective_on: From this day on it is claimed again; never before it was waived.
        actor: Who; None: the machine.
        now: The instant.
    """
    standing = PenaltyWaiver.objects.filter(about=about, reverses=None, reversed_by=None).select_related("item")
    made = [
        PenaltyWaiver.objects.create(
            item=each.item, currency=each.currency, amount_minor=-each.amount_minor,
            effective_on=max(effective_on, each.effective_on), about=about, reverses=each, booked_at=now,
            booked_by=actor,
        )
        for each in standing.order_by("pk")
    ]  # fmt: skip
    refresh_history(customer_ids={each.item.customer_id for each in made})
    return made
