"""Fees that a step of the ladder charges: booked once the notice has left, once per item and step."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from huikuan.journal.commands import record
from huikuan.kernel.days import DAY_LAST
from huikuan.kernel.money import share_ppm
from huikuan.kernel.zones import local_day
from huikuan.outreach.models import Delivery
from huikuan.parties.models import Customer, Entity
from huikuan.policy.queries import policy_in_force
from huikuan.policy.rules.compile import climbs_per_item
from huikuan.policy.rules.schema import Fee, Policy
from huikuan.receivables.commands.history import refresh_history
from huikuan.receivables.commands.items import write_item
from huikuan.receivables.models import OpenItem

WINDOW_DAYS: Final = 31
"""How far back notices are looked at: every run looks, so anything older has been charged."""
LEFT: Final = (Delivery.State.SENT, Delivery.State.DELIVERED, Delivery.State.READ)
NUMBER_MAX: Final = 60


def charge_fees(*, entity_id: int, now: datetime) -> list[OpenItem]:
    """Book the fees of the notices that have left, as debit notes; what was charged before is left alone.

    A fee has no due day of its own (it is due on the last day there is): nobody is dunned for it, and it bears nothing.
    The policy in force decides; one without fees costs one look at it.

    Args:
        entity_id: The entity.
        now: The instant.

    Returns: the new debit notes.
    """
    entity = Entity.objects.get(pk=entity_id)
    in_force = policy_in_force(entity_id, local_day(now, entity.time_zone))
    fees = {} if in_force is None else _fees(in_force.policy)
    if in_force is None or not fees:
        return []
    left = Delivery.objects.filter(
        entity_id=entity_id,
        step_code__in=_heading(in_force.policy, fees),
        state__in=LEFT,
        message__isnull=False,
        finished_at__gte=now - timedelta(days=WINDOW_DAYS),
    ).select_related("message")
    made = []
    for delivery in left.order_by("pk"):
        made += _charged(delivery, fees, entity, now=now)
    return made


def _fees(policy: Policy) -> dict[str, Fee]:
    """Return the fee of each step that has one; where ladders differ, the first by name counts."""
    steps = [step for code in sorted(policy.ladders, reverse=True) for step in policy.ladders[code].steps]
    return {step.code: step.fee for step in steps if step.fee is not None}


@transaction.atomic
def _charged(delivery: Delivery, fees: Mapping[str, Fee], entity: Entity, *, now: datetime) -> list[OpenItem]:
    customer = Customer.objects.select_for_update(of=("self",)).select_related("entity").get(pk=delivery.customer_id)
    made = [
        write_item(
            customer, None, number=number, amount_minor=minor, issued_on=local_day(now, entity.time_zone),
            due_on=DAY_LAST, currency=delivery.currency, kind=OpenItem.Kind.DEBIT_NOTE, now=now,
        )
        for number, minor in _owed(delivery, fees)
        if minor > 0 and not OpenItem.objects.filter(entity=entity, number=number).exists()
    ]  # fmt: skip
    if made:
        refresh_history(customer_ids=[customer.pk])
        record(
            "runs.fees-charged", now=now, entity_id=entity.pk, customer_id=customer.pk, subject=delivery,
            step_code=delivery.step_code, items=[item.number for item in made], currency=delivery.currency,
            amount_minor=sum(item.amount_minor for item in made),
        )  # fmt: skip
    return made


def _heading(policy: Policy, fees: Mapping[str, Fee]) -> list[str]:
    """Return the codes of the steps whose notices may charge: item by item a notice charges for lower steps as well."""
    if climbs_per_item(policy):
        return sorted({step.code for ladder in policy.ladders.values() for step in ladder.steps})
    return sorted(fees)


def _owed(delivery: Delivery, fees: Mapping[str, Fee]) -> Iterator[tuple[str, int]]:
    """Return number and amount of the fee of every overdue item that the notice stated: of the step the item took."""
    lines: list[Mapping[str, Any]] = [] if delivery.message is None else delivery.message.facts.get("items", [])
    for line in lines:
        step_code = line.get("step_code", delivery.step_code)
        fee = fees.get(step_code)
        if fee is None:
            continue
        suffix = f"-FEE-{step_code}"
        fixed = fee.fixed.minor(delivery.currency) if fee.fixed is not None else None
        share = share_ppm(line["due_minor"], fee.share_ppm) if fee.share_ppm is not None else None
        yield f"{line['number'][-(NUMBER_MAX - len(suffix)) :]}{suffix}", fixed or share or 0
