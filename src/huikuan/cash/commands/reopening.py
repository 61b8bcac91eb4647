"""The loop opened again: money went back, and what it had ended is owed, said and held as before (decision 0045)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import polars as pl
from django.db import transaction

from huikuan.cases.models import Case, Task
from huikuan.cash.commands.closing import CLOSED, refresh_balances, refresh_grades
from huikuan.cash.commands.judging import judge_agreements
from huikuan.cash.queries.closing import Affairs, affairs_of, delivery_rows, standing, task_rows
from huikuan.cash.rules.closing import holds_over, why_message_is_over, why_task_is_over
from huikuan.credit.models import RiskMark
from huikuan.journal.commands import record
from huikuan.journal.models import Entry
from huikuan.outreach.commands.trail import move
from huikuan.outreach.models import Delivery
from huikuan.parties.models import Customer, User
from huikuan.policy.commands import place_hold
from huikuan.policy.models import Hold
from huikuan.receivables.commands.limitation import note_part_payments

REOPENED: Final = "cash.loop-reopened"
TAKEN_BACK: Final = "MONEY_TAKEN_BACK"


@dataclass(slots=True)
class Reopened:
    """What goes on again for one customer; every list holds ids.

    Attributes:
        case_id: The case that is open again as the same spell; None: none.
        tasks: To be done again.
        deliveries: Waiting to be sent again.
        holds: Placed anew until the day on which the old ones would have ended.
        marks: Risk marks that are true again.
        thanks: Thank-yous withdrawn before they could leave; what was sent stays sent.
        judged: Agreements whose state changed, by noun.
    """

    customer_id: int
    case_id: int | None = None
    tasks: list[int] = field(default_factory=list)
    deliveries: list[int] = field(default_factory=list)
    holds: list[int] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    thanks: list[int] = field(default_factory=list)
    judged: dict[str, list[int]] = field(default_factory=dict)


@transaction.atomic
def reopen_the_loop(
    *, customer_id: int, since: datetime, receipt_id: int, as_of: date, now: datetime, actor: User | None
) -> Reopened:
    """Undo what closing the loop ended since money came that has gone back, as far as it is true again.

    The same rules as in closing decide, on the account as it stands now: what another payment settled stays settled.

    Args:
        customer_id: Whose account; locked here.
        since: When the money was booked: earlier endings had nothing to do with it.
        receipt_id: The money that went back.
        as_of: The day, on the creditor's calendar.
        now: The instant.
        actor: Who took it back.
    """
    customer = Customer.objects.select_for_update(of=("self",)).get(pk=customer_id)
    entries = Entry.objects.filter(customer_id=customer_id, event=CLOSED, at__gte=since).order_by("-pk")
    endings = [entry.facts for entry in entries]
    note_part_payments(customer_ids=[customer_id], actor=actor, now=now)
    judged = judge_agreements([customer_id], as_of=as_of, now=now).get(customer_id, {})
    again = Reopened(customer_id, judged=judged)
    affairs = affairs_of(entity_id=customer.entity_id, customer_ids=[customer_id], as_of=as_of)
    again.case_id = _reopen_case(endings, affairs)
    again.tasks = _reopen_tasks(_ids(endings, "tasks"), affairs)
    again.deliveries = _queue_again(_ids(endings, "deliveries"), affairs, now=now)
    again.holds = _hold_again(_ids(endings, "holds"), affairs, actor=actor, now=now)
    again.marks = _warn_again(_ids(endings, "marks"), affairs)
    again.thanks = _withdraw_thanks(receipt_id, now=now)
    stand = affairs_of(entity_id=customer.entity_id, customer_ids=[customer_id], as_of=as_of)
    refresh_balances(stand)
    if again.case_id is not None:
        refresh_grades(stand, entity_id=customer.entity_id, customer_ids=[customer_id])
    record(
        REOPENED, now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer_id, as_of=as_of,
        receipt_id=receipt_id, case_id=again.case_id, tasks=again.tasks, deliveries=again.deliveries,
        holds=again.holds, marks=again.marks, thanks=again.thanks, judged=again.judged,
    )  # fmt: skip
    return again


def _ids(endings: Iterable[dict[str, Any]], noun: str) -> list[int]:
    return sorted({pk for facts in endings for pk in facts.get(noun, [])})


def _reopen_case(endings: list[dict[str, Any]], affairs: Affairs) -> int | None:
    """Let the case that closed last go on, unless nothing is pursued, or a later case has begun."""
    closed = next((facts["case_id"] for facts in endings if facts.get("case_id")), None)
    if closed is None or not affairs.positions["is_pursued"].any() or len(affairs.cases):
        return None
    case = Case.objects.select_for_update().filter(pk=closed, closed_on__isnull=False).first()
    if case is None:
        return None
    case.closed_on, case.closing = None, ""
    case.save(update_fields=["closed_on", "closing"])
    return case.pk


_STANDS: Final = {"is_here": pl.col("is_here"), "is_pursued": pl.col("is_pursued")}


def _reopen_tasks(ids: list[int], affairs: Affairs) -> list[int]:
    """Put the tasks that closing called off back on the worklist."""
    tasks = standing(task_rows(ids), affairs.positions)
    over = why_task_is_over(**_STANDS, is_covered=pl.col("is_covered"))
    wanted: list[int] = tasks.filter(over.is_null())["task_id"].to_list()
    called_off = Task.objects.filter(pk__in=wanted, done_at=None, cancelled_at__isnull=False)
    again = sorted(called_off.values_list("pk", flat=True))
    Task.objects.filter(pk__in=again).update(cancelled_at=None, cancel_reason="")
    return again


def _queue_again(ids: list[int], affairs: Affairs, *, now: datetime) -> list[int]:
    """Let the messages that closing withdrew wait again; what they say is written when they leave."""
    messages = standing(delivery_rows(ids, affairs.overdue_steps), affairs.positions)
    over = why_message_is_over(**_STANDS, is_overdue_step=pl.col("is_overdue_step"))
    wanted = messages.filter(over.is_null())["delivery_id"].to_list()
    withdrawn = Delivery.objects.select_for_update().filter(pk__in=wanted, state=Delivery.State.CANCELLED)
    again = []
    for delivery in withdrawn.order_by("pk"):
        delivery.not_before = max(delivery.not_before, now)
        move(delivery, Delivery.State.QUEUED, now=now, why=TAKEN_BACK)
        again.append(delivery.pk)
    return again


def _hold_again(ids: list[int], affairs: Affairs, *, actor: User | None, now: datetime) -> list[int]:
    """Place the holds that closing ended anew, where they would still run and nobody has placed another."""
    ended = Hold.objects.filter(pk__in=ids, ends_on__gte=affairs.day).select_related("item").order_by("pk")
    frame = pl.DataFrame(
        [(each.pk, each.customer_id, each.item_id, each.kind) for each in ended], schema=affairs.holds.schema,
        orient="row",
    )  # fmt: skip
    over = set(holds_over(frame, affairs.items, closed=affairs.cases.clear())["hold_id"].to_list())
    running = set(affairs.holds.select("item_id", "kind").iter_rows())
    placed = []
    for each in ended:
        if each.pk in over or (each.item_id, each.kind) in running:
            continue
        amount = (
            None if each.amount_minor is None or each.item is None else min(each.amount_minor, each.item.open_minor)
        )
        hold = place_hold(
            customer_id=each.customer_id, kind=each.kind, starts_on=max(affairs.day, each.starts_on),
            ends_on=each.ends_on, reason=each.reason, actor=actor, now=now, item_id=each.item_id, amount_minor=amount,
        )  # fmt: skip
        placed.append(hold.pk)
    return placed


def _warn_again(ids: list[int], affairs: Affairs) -> list[int]:
    """Let the risk marks that closing ended stand again, when something is overdue again."""
    if not (affairs.positions["overdue_minor"] > 0).any():
        return []
    ended = RiskMark.objects.filter(pk__in=ids, ended_on__isnull=False).order_by("pk")
    standing_kinds = set(
        RiskMark.objects.filter(customer_id__in=ended.values("customer_id"), ended_on=None).values_list(
            "kind", flat=True
        )
    )
    again = [mark.pk for mark in ended if mark.kind not in standing_kinds]
    RiskMark.objects.filter(pk__in=again).update(ended_on=None)
    return again


def _withdraw_thanks(receipt_id: int, *, now: datetime) -> list[int]:
    waiting = Delivery.objects.select_for_update().filter(
        about=f"receipt:{receipt_id}", state__in=[Delivery.State.QUEUED, Delivery.State.FAILED]
    )
    withdrawn = []
    for delivery in waiting:
        move(delivery, Delivery.State.CANCELLED, now=now, why=TAKEN_BACK)
        withdrawn.append(delivery.pk)
    return withdrawn
