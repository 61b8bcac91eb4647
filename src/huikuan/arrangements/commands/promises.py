"""Judging promises when money arrives, when it goes back, and every night."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Final

from django.db import transaction

from huikuan.arrangements.commands.promising import end_waiting
from huikuan.arrangements.models import Promise, PromiseChange, PromisePart
from huikuan.arrangements.models.promise import PromiseState
from huikuan.arrangements.queries.money import Arrived, arrived
from huikuan.arrangements.rules.promise import Part, Promised, Verdict, judge
from huikuan.journal.commands import record
from huikuan.parties.models import Customer

CUSTOMERS_AT_ONCE: Final = 200
"""Judged in one transaction at night."""

EVENTS: Final = {
    PromiseState.KEPT: "arrangements.promise-kept",
    PromiseState.PARTLY: "arrangements.promise-partly-kept",
    PromiseState.BROKEN: "arrangements.promise-broken",
    PromiseState.RUNNING: "arrangements.promise-running-again",
}


def judge_promises_due(*, entity_id: int, as_of: date, now: datetime) -> list[Promise]:
    """Judge, some customers at a time, whoever has a running promise whose day of grace is over.

    Returns: the promises whose state changed. Asked again on the same day it finds nothing.
    """
    due = Promise.objects.filter(entity_id=entity_id, state=PromiseState.RUNNING, next_on__lt=as_of)
    customer_ids = list(due.values_list("customer_id", flat=True).distinct().order_by("customer_id"))
    changed = []
    for start in range(0, len(customer_ids), CUSTOMERS_AT_ONCE):
        changed += judge_promises_of(customer_ids[start : start + CUSTOMERS_AT_ONCE], as_of=as_of, now=now)
    return changed


@transaction.atomic
def judge_promises_of(customer_ids: Collection[int], *, as_of: date, now: datetime) -> list[Promise]:
    """Judge the promises of customers, each account on its own. Locks the customers, in the order of their ids."""
    list(Customer.objects.select_for_update().filter(pk__in=customer_ids).order_by("pk").values_list("pk"))
    promises = list(
        Promise.objects.filter(customer_id__in=customer_ids)
        .exclude(state=PromiseState.WITHDRAWN)
        .order_by("made_on", "pk")
        .prefetch_related("parts", "items")
    )
    if not promises:
        return []
    money = arrived(customer_ids, from_on=min(promise.made_on for promise in promises))
    accounts: dict[tuple[int, str], list[Promise]] = defaultdict(list)
    for promise in promises:
        accounts[promise.customer_id, promise.currency].append(promise)
    changed = []
    for account, of_account in accounts.items():
        verdicts = judge(
            [_as_promised(promise, money[account]) for promise in of_account],
            [each.money for each in money[account]],
            as_of=as_of,
        )
        changed += _written(of_account, verdicts, as_of=as_of, now=now)
    return changed


def _as_promised(promise: Promise, money: Iterable[Arrived]) -> Promised:
    item_ids = {item.pk for item in promise.items.all()}
    eligible = {each.receipt_id: (each.for_items(item_ids) if item_ids else each.money).minor for each in money}
    parts = sorted(promise.parts.all(), key=lambda part: part.number)
    return Promised(
        promise.pk,
        promise.made_on,
        tuple(Part(part.number, part.due_on, part.last_on, part.amount_minor) for part in parts),
        eligible,
    )


def _written(promises: Sequence[Promise], verdicts: Sequence[Verdict], *, as_of: date, now: datetime) -> list[Promise]:
    """Write what changed; return the promises whose state did."""
    changed, moved, parts = [], [], []
    for promise, verdict in zip(promises, verdicts, strict=True):
        parts += _changed_parts(promise, verdict)
        if (promise.state, promise.counted_minor) == (verdict.state, verdict.counted_minor):
            if promise.next_on != verdict.next_on:
                promise.next_on = verdict.next_on
                moved.append(promise)
            continue
        if promise.state != verdict.state:
            changed.append(promise)
            promise.decided_on = None if verdict.state == PromiseState.RUNNING else as_of
        promise.state, promise.counted_minor, promise.next_on = verdict.state, verdict.counted_minor, verdict.next_on
        moved.append(promise)
    Promise.objects.bulk_update(moved, ["state", "counted_minor", "next_on", "decided_on"])
    PromisePart.objects.bulk_update(parts, ["state", "counted_minor", "paid_on"])
    PromiseChange.objects.bulk_create(
        PromiseChange(promise=each, state=each.state, counted_minor=each.counted_minor, as_of=as_of, at=now)
        for each in changed
    )
    for each in changed:
        _told(each, as_of=as_of, now=now)
    return changed


def _changed_parts(promise: Promise, verdict: Verdict) -> list[PromisePart]:
    stored = {part.number: part for part in promise.parts.all()}
    changed = []
    for judged in verdict.parts:
        part = stored[judged.number]
        if (part.state, part.counted_minor, part.paid_on) != (judged.state, judged.counted_minor, judged.paid_on):
            part.state, part.counted_minor, part.paid_on = judged.state, judged.counted_minor, judged.paid_on
            changed.append(part)
    return changed


def _told(promise: Promise, *, as_of: date, now: datetime) -> None:
    """End what waited for a decided promise, and write the journal."""
    if promise.state != PromiseState.RUNNING:
        end_waiting(promise, why=f"PROMISE_{promise.state}", as_of=as_of, actor=None, now=now)
    record(
        EVENTS[PromiseState(promise.state)], now=now, entity_id=promise.entity_id, customer_id=promise.customer_id,
        subject=promise, as_of=as_of, currency=promise.currency, amount_minor=promise.amount_minor,
        counted_minor=promise.counted_minor,
    )  # fmt: skip
