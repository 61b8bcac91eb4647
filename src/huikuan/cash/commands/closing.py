"""Closing the loop (I5): what ends because money came, in the transaction in which it came.

One function for one customer and for a whole import. The daily run ends the same things by the same rules
(`rules.closing`), so what is closed here is not closed again at night, and what was missed is caught up.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

import polars as pl
from django.db import transaction

from huikuan.arrangements.queries.broken_plans import broken_plans_of
from huikuan.cases.commands.bulk import call_off_tasks, close_cases
from huikuan.cash.commands.judging import judge_agreements
from huikuan.cash.queries.closing import Affairs, affairs_of, with_something_to_end
from huikuan.cash.rules.closing import cases_over, holds_over, why_message_is_over, why_task_is_over
from huikuan.credit.commands import write_grades
from huikuan.credit.models import RiskMark
from huikuan.credit.queries import grading_frame
from huikuan.credit.rules.grading import grade_changes, graded
from huikuan.credit.rules.risk import BY_DAYS_LATE
from huikuan.journal.commands import record
from huikuan.outreach.commands.queue import enqueue
from huikuan.outreach.commands.trail import move
from huikuan.outreach.commands.withdrawing import withdraw
from huikuan.outreach.models import Delivery
from huikuan.parties.models import Customer, User
from huikuan.policy.commands import release_hold
from huikuan.policy.rules.schema import Policy
from huikuan.receivables.models import Receipt
from huikuan.storage.among import among
from huikuan.storage.bulk import read_frame, update_frame

CLOSED: Final = "cash.loop-closed"
THANKS: Final = "thank_you"
NOT_SAID: Final = (Delivery.State.CANCELLED, Delivery.State.FAILED, Delivery.State.REFUSED)
"""States in which a thank-you has not been said, and will not be."""


@dataclass(slots=True)
class Closed:
    """What ended for one customer; every list holds ids.

    Attributes:
        case_id: The case that closed; None: none did.
        tasks: Called off.
        proposals: Those of the tasks that put something to a person: that deliveries be stopped, an agency, a lawsuit.
        deliveries: Withdrawn before they could leave.
        holds: Ended.
        marks: Risk marks that are no longer true; among them the order stop.
        grade: The letter that begins because a case closed; "": the customer keeps the one he had.
        thanks: The thank-you that was queued; None: none was.
        judged: Agreements whose state changed, by noun: "promises", "plans", "offers", "disputes".
    """

    customer_id: int
    case_id: int | None = None
    tasks: list[int] = field(default_factory=list)
    proposals: list[int] = field(default_factory=list)
    deliveries: list[int] = field(default_factory=list)
    holds: list[int] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    grade: str = ""
    thanks: int | None = None
    judged: dict[str, list[int]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Nothing ended."""
        return not (self.case_id or self.tasks or self.deliveries or self.holds or self.marks or self.judged)


@transaction.atomic
def close_the_loop(
    *,
    customer_id: int,
    as_of: date,
    now: datetime,
    actor: User | None = None,
    settled_item_ids: Collection[int] = (),
    receipt_id: int | None = None,
) -> Closed:
    """End everything about one customer that money or credit has made pointless.

    Args:
        customer_id: Whose account changed; it is locked.
        as_of: The day, on the creditor's calendar.
        now: The instant.
        actor: Who booked it; None: the machine.
        settled_item_ids: Items that were just settled, for the journal.
        receipt_id: The money that did it: it is thanked for when the case closes.

    Returns: what ended; a second call finds nothing.
    """
    customer = Customer.objects.select_for_update(of=("self",)).get(pk=customer_id)
    closed = close_loops(
        entity_id=customer.entity_id, customer_ids=[customer_id], as_of=as_of, now=now, actor=actor,
        receipts={} if receipt_id is None else {customer_id: receipt_id}, settled_item_ids=settled_item_ids,
    )  # fmt: skip
    return closed.get(customer_id, Closed(customer_id))


@transaction.atomic
def close_loops(
    *,
    entity_id: int,
    customer_ids: Collection[int],
    as_of: date,
    now: datetime,
    actor: User | None = None,
    receipts: Mapping[int, int] | None = None,
    settled_item_ids: Collection[int] = (),
) -> dict[int, Closed]:
    """Do the same for many customers of one entity, whom the caller has locked.

    Args:
        entity_id, customer_ids: Whose accounts changed.
        as_of, now, actor, settled_item_ids: As for one.
        receipts: Customer to the receipt to thank for.

    Returns: customer to what ended; who is absent had nothing to end.
    """
    receipts = receipts or {}
    customer_ids = with_something_to_end(customer_ids, as_of=as_of)
    if not customer_ids:
        return {}
    judged = judge_agreements(customer_ids, as_of=as_of, now=now)
    affairs = affairs_of(entity_id=entity_id, customer_ids=customer_ids, as_of=as_of)
    ended = {pk: Closed(pk, judged=judged.get(pk, {})) for pk in customer_ids}
    _end_contacts(affairs, ended, now=now)
    closing = close_cases(_cases_over(affairs), as_of=affairs.day)
    _end_holds(affairs, closing, ended, actor=actor, now=now)
    refresh_balances(affairs)
    _end_marks(affairs, ended)
    for customer_id, letter in refresh_grades(affairs, entity_id=entity_id, customer_ids=closing["customer_id"]):
        ended[customer_id].grade = letter
    for case_id, customer_id, closing_as in closing.select("case_id", "customer_id", "closing").iter_rows():
        ended[customer_id].case_id = case_id
        if closing_as == "PAID" and customer_id in receipts:
            ended[customer_id].thanks = _thank(customer_id, case_id, receipts[customer_id], as_of=as_of, now=now)
    changed = {pk: each for pk, each in ended.items() if not each.is_empty}
    for customer_id, each in changed.items():
        record(
            CLOSED, now=now, actor=actor, entity_id=entity_id, customer_id=customer_id, as_of=as_of,
            receipt_id=receipts.get(customer_id), settled_item_ids=list(settled_item_ids), case_id=each.case_id,
            tasks=each.tasks, proposals=each.proposals, deliveries=each.deliveries, holds=each.holds, marks=each.marks,
            grade=each.grade, thanks=each.thanks, judged=each.judged,
        )  # fmt: skip
    return changed


def _cases_over(affairs: Affairs) -> pl.DataFrame:
    return cases_over(affairs.cases, affairs.positions.filter("is_pursued"))


def _end_contacts(affairs: Affairs, ended: dict[int, Closed], *, now: datetime) -> None:
    """Call off tasks and withdraw messages that have lost their point."""
    stands = {"is_here": pl.col("is_here"), "is_pursued": pl.col("is_pursued")}
    tasks = affairs.tasks.with_columns(
        reason=why_task_is_over(**stands, is_covered=pl.col("is_covered"))
    ).drop_nulls("reason")  # fmt: skip
    call_off_tasks(tasks, now=now)
    messages = affairs.deliveries.with_columns(
        reason=why_message_is_over(**stands, is_overdue_step=pl.col("is_overdue_step"))
    ).drop_nulls("reason")
    withdraw(messages, now=now)
    proposing = _proposing_steps(affairs.policy)
    for customer_id, task_id, step_code in tasks.select("customer_id", "task_id", "step_code").iter_rows():
        ended[customer_id].tasks.append(task_id)
        if step_code in proposing:
            ended[customer_id].proposals.append(task_id)
    for customer_id, delivery_id in messages.select("customer_id", "delivery_id").iter_rows():
        ended[customer_id].deliveries.append(delivery_id)


def _proposing_steps(policy: Policy | None) -> set[str]:
    """Return the codes of the steps whose task proposes something to a person."""
    ladders = () if policy is None else policy.ladders.values()
    return {step.code for ladder in ladders for step in ladder.steps if step.proposes}


def _end_holds(
    affairs: Affairs, closing: pl.DataFrame, ended: dict[int, Closed], *, actor: User | None, now: datetime
) -> None:
    """End the holds that are about nothing any more, from the day on."""
    over = holds_over(affairs.holds, affairs.items, closed=closing)
    for hold_id, customer_id in over.iter_rows():
        release_hold(hold_id=hold_id, released_on=affairs.day, actor=actor, now=now)
        ended[customer_id].holds.append(hold_id)


def refresh_balances(affairs: Affairs) -> None:
    """Let the open cases show what they are about now, and closed ones that it is nothing."""
    amounts = ["overdue_minor", "open_minor", "on_account_minor", "held_minor", "item_count"]
    of_cases, params = among("case_id", "cases", affairs.cases["case_id"].to_list())
    stored = read_frame(
        f"SELECT id, case_id, currency FROM cases_casebalance WHERE {of_cases}",  # noqa: S608  our own names
        params,
        {"id": pl.Int64, "case_id": pl.Int64, "currency": pl.String},
    )
    known = affairs.positions.select(
        "customer_id", "currency", "oldest_due_on", *(pl.col(name).cast(pl.Int64) for name in amounts)
    )
    now = (
        stored.join(affairs.cases.select("case_id", "customer_id"), on="case_id")
        .join(known, on=["customer_id", "currency"], how="left")
        .with_columns(pl.col(amounts).fill_null(0))
    )
    update_frame("cases_casebalance", ["id"], now.select("id", *amounts, "oldest_due_on"))


def _end_marks(affairs: Affairs, ended: dict[int, Closed]) -> None:
    """End the risk marks that follow from days late, of customers with nothing overdue; the run places new ones."""
    overdue = set(affairs.positions.filter(pl.col("overdue_minor") > 0)["customer_id"].to_list())
    freed = [pk for pk in ended if pk not in overdue]
    for mark in RiskMark.objects.filter(customer_id__in=freed, kind__in=BY_DAYS_LATE, ended_on=None):
        mark.ended_on = max(affairs.day, mark.begun_on)
        mark.save(update_fields=["ended_on"])
        ended[mark.customer_id].marks.append(mark.pk)


def refresh_grades(affairs: Affairs, *, entity_id: int, customer_ids: Iterable[int]) -> list[tuple[int, str]]:
    """Grade these customers anew, as the run of the day would; return customer and letter of those that changed."""
    concerned = sorted(customer_ids)
    if affairs.policy is None or not concerned:
        return []
    scorecard = affairs.policy.grade
    customers = grading_frame(
        entity_id=entity_id, customer_ids=concerned, as_of=affairs.day, window_months=scorecard.window_months
    )
    broken = broken_plans_of(concerned, as_of=affairs.day)
    known = graded(customers, affairs.items, broken_plans=broken, scorecard=scorecard, as_of=affairs.day)
    changes = grade_changes(known)
    write_grades(changes, as_of=affairs.day)
    return changes.begun.select("customer_id", "letter").rows()


def _thank(customer_id: int, case_id: int, receipt_id: int, *, as_of: date, now: datetime) -> int:
    """Queue the thank-you for the money that closed a case: one for each spell, however often it closes."""
    spell = f"{THANKS}/case:{case_id}/"
    said = Delivery.objects.filter(customer_id=customer_id, key__startswith=spell).exclude(state__in=NOT_SAID).first()
    if said is not None:
        return said.pk
    currency = Receipt.objects.values_list("currency", flat=True).get(pk=receipt_id)
    thanks = enqueue(
        key=f"{spell}{receipt_id}", customer_id=customer_id, template=THANKS, about=f"receipt:{receipt_id}",
        currency=currency, as_of=as_of, not_before=now, now=now,
    )  # fmt: skip
    if thanks.state == Delivery.State.CANCELLED:  # the same money came, went and came again
        move(thanks, Delivery.State.QUEUED, now=now)
    return thanks.pk
