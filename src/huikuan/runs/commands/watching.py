"""What the day does with offers, disputes and delay signals before it decides anything."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from huikuan.arrangements.commands.disputes import escalate_disputes, prolong_dispute_holds
from huikuan.arrangements.commands.offers import lapse_offers
from huikuan.arrangements.commands.signals import keep_signals
from huikuan.arrangements.models import Dispute, Signal
from huikuan.arrangements.rules.signal import signals
from huikuan.cases.models import Case, Task
from huikuan.parties.models import Customer, Entity
from huikuan.policy.rules.arranging import SignalRules
from huikuan.runs.queries.plan import managers
from huikuan.runs.queries.scope import Scope
from huikuan.runs.queries.signals import signal_facts

DISPUTE_LATE: Final = "dispute_late"
DELAY_SIGNAL: Final = "delay_signal"


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing for a manager to look at."""

    key: str
    step_code: str
    customer_id: int
    currency: str
    amount_minor: int = 0


def end_what_is_over(*, entity_id: int, as_of: date, now: datetime) -> None:
    """Lapse the offers that nobody took; escalate the disputes that nobody decided, and hold on to what they hold."""
    lapse_offers(entity_id=entity_id, as_of=as_of, now=now)
    prolong_dispute_holds(entity_id=entity_id, as_of=as_of, now=now)
    late: list[Dispute] = escalate_disputes(entity_id=entity_id, as_of=as_of, now=now)
    asked = [
        Asked(f"task/{DISPUTE_LATE}/{each.pk}", DISPUTE_LATE, each.customer_id, each.currency, each.amount_minor)
        for each in late
    ]
    ask_managers(asked, entity_id=entity_id, as_of=as_of, now=now)


def watch_signals(scope: Scope, entity: Entity, *, rules: SignalRules, now: datetime) -> list[Signal]:
    """Find the delay signals of a range of customers, keep them, and ask a supervisor about each new one.

    Part of a chunk of the run: what is found stands when the chunk decides.
    """
    found = signals(**signal_facts(scope), rules=rules, as_of=scope.as_of)
    begun = keep_signals(
        found, entity_id=entity.pk, first_customer_id=scope.first_customer_id, last_customer_id=scope.last_customer_id,
        as_of=scope.as_of, now=now,
    )  # fmt: skip
    if rules.asks_review:
        asked = [
            # By what the signal is, not by its row: a chunk that is killed and done again has other row numbers.
            Asked(
                f"task/{DELAY_SIGNAL}/{each.customer_id}/{each.kind}/{each.begun_on}",
                DELAY_SIGNAL,
                each.customer_id,
                entity.currency,
            )
            for each in begun
        ]
        ask_managers(asked, entity_id=entity.pk, as_of=scope.as_of, now=now)
    return begun


def ask_managers(asked: Iterable[Asked], *, entity_id: int, as_of: date, now: datetime) -> None:
    """Give the manager of each customer's collector a task, once per key."""
    wanted = list(asked)
    if not wanted:
        return
    customer_ids = {each.customer_id for each in wanted}
    leads = dict(managers(entity_id).iter_rows())
    collectors = dict(Customer.objects.filter(pk__in=customer_ids).values_list("pk", "collector_id"))
    cases = dict(Case.objects.filter(customer_id__in=customer_ids, closed_on=None).values_list("customer_id", "pk"))
    Task.objects.bulk_create(
        [
            Task(
                key=each.key, entity_id=entity_id, customer_id=each.customer_id, case_id=cases.get(each.customer_id),
                kind=Task.Kind.REVIEW, step_code=each.step_code, currency=each.currency,
                overdue_minor=each.amount_minor, priority=each.amount_minor,
                owner_id=leads.get(collectors[each.customer_id]), due_on=as_of, created_at=now,
            )
            for each in wanted
        ],
        ignore_conflicts=True,
    )  # fmt: skip
