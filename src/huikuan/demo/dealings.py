"""What the debtors of the demo agree, object to and are offered, day by day, by the commands that the desk uses."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.db import transaction

from huikuan.arrangements.commands.complaints import answer_complaint, resolve_complaint, take_complaint
from huikuan.arrangements.commands.disputes import open_dispute
from huikuan.arrangements.commands.offers import make_offer
from huikuan.arrangements.commands.planning import accept_plan, draft_plan, propose_plan
from huikuan.arrangements.commands.restructurings import propose_restructuring
from huikuan.arrangements.queries.claim import claim_on, policy_for
from huikuan.arrangements.queries.comparison import compare, defaults
from huikuan.arrangements.rules.schedule import Cycle, Shape
from huikuan.cash.commands.receive import receive_money
from huikuan.cash.commands.requests import request_write_off
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.refusal import Refusal
from huikuan.parties.models import Customer, User
from huikuan.receivables.models import OpenItem

SILENT: Final = ("STOPPED", "LONG")
"""Payers from whom nothing comes by itself: what is agreed with them is kept or broken here."""
SLOW: Final = ("PARTIAL", "CHRONIC", "DISPUTES")
"""Payers who are asked when there are too few of the others."""
CURRENCY: Final = "CNY"
AT: Final = time(8)
"""Four in the afternoon in China: the calls of the day are over."""
TRIES: Final = 12
"""So many customers are asked until one dealing comes about."""

Deal = Callable[[Customer, list[OpenItem], User, date, datetime], None]


@dataclass(slots=True)
class Dealings:
    """Everything agreed in the demo.

    Attributes:
        payers: How each customer pays.
        due: Money that will come as agreed: day, customer, minor units.
        taken: Customers with whom something was agreed: nothing else is.
        counts: What came about.
    """

    payers: dict[int, str]
    due: list[tuple[date, int, int]] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    def deal(self, day: date, *, number: int, left: int) -> None:
        """Do what is done on a day: `number` days were lived before it, `left` follow."""
        now = datetime.combine(day, AT, UTC)
        self._pay(day, now)
        for name, deal in self._plan_of(number=number, left=left).items():
            self._bring_about(name, deal, day, now)

    def _plan_of(self, *, number: int, left: int) -> dict[str, Deal]:
        """Return what is to come about on the day, by name."""
        begun: dict[int, dict[str, Deal]] = {
            2: {"plan-kept": self._plan_kept, "plan-broken": self._plan_broken, "dispute-late": _dispute},
            4: {"plan-fulfilled": self._plan_fulfilled, "complaint-resolved": _complaint_resolved},
            8: {"offer-taken": self._offer_taken, "offer-lapsed": _offer},
        }
        ended: dict[int, dict[str, Deal]] = {
            1: {"dispute": _dispute, "offer-running": _offer},
            0: {"restructuring": _restructuring, "write-off": _write_off, "complaint": _complaint},
        }
        return begun.get(number, {}) | ended.get(left, {})

    def _bring_about(self, name: str, deal: Deal, day: date, now: datetime) -> None:
        """Deal with the first customer with whom it is possible."""
        for customer, items in self._debtors(day):
            actor = customer.collector
            if actor is None:
                continue
            try:
                with transaction.atomic():  # a dealing that falls through leaves nothing behind
                    deal(customer, items, actor, day, now)
            except Refusal as refusal:
                self.counts[f"refused:{refusal.code}"] += 1
                continue
            self.taken.add(customer.pk)
            self.counts[name] += 1
            return

    def _debtors(self, day: date) -> Iterator[tuple[Customer, list[OpenItem]]]:
        """Yield customers with what they owe overdue: those who pay nothing by themselves, the others, by id."""
        asked = {pk: how for pk, how in self.payers.items() if how in {*SILENT, *SLOW} and pk not in self.taken}
        owed: dict[int, list[OpenItem]] = {}
        overdue = OpenItem.objects.filter(
            customer_id__in=list(asked), settled_on=None, currency=CURRENCY, due_on__lt=day - timedelta(days=5)
        )
        for item in overdue.order_by("due_on", "pk"):
            owed.setdefault(item.customer_id, []).append(item)
        chosen = sorted(owed, key=lambda pk: (asked[pk] in SLOW, pk))[:TRIES]
        customers = Customer.objects.select_related("entity", "collector").in_bulk(chosen)
        for pk in chosen:
            yield customers[pk], owed[pk]

    def _pay(self, day: date, now: datetime) -> None:
        """Let the money come that was agreed for today."""
        coming = [each for each in self.due if each[0] <= day]
        self.due = [each for each in self.due if each[0] > day]
        for _on, customer_id, minor in coming:
            customer = Customer.objects.get(pk=customer_id)
            self.counts["payments"] += 1
            receive_money(
                entity_id=customer.entity_id, customer_id=customer_id, received_on=day, currency=CURRENCY,
                reference=f"XY{day:%Y%m%d}-{self.counts['payments']:03}", amount_minor=minor, payer_name=customer.name,
                actor=None, now=now,
            )  # fmt: skip

    def _plan(
        self, customer: Customer, items: list[OpenItem], actor: User, day: date, now: datetime, *, shape: Shape
    ) -> list[tuple[date, int, int]]:
        """Agree a plan; return what is to be paid when."""
        plan = draft_plan(
            customer_id=customer.pk, currency=CURRENCY, shape=shape, as_of=day, actor=actor, now=now,
            item_ids=[item.pk for item in items],
        )  # fmt: skip
        propose_plan(plan_id=plan.pk, as_of=day, actor=actor, now=now)
        accept_plan(
            plan_id=plan.pk, how=plan.Acceptance.SIGNATURE, evidence="分期还款协议-盖章件.pdf", as_of=day, actor=actor,
            now=now,
        )  # fmt: skip
        return [(part.due_on, customer.pk, part.amount_minor) for part in plan.installments.order_by("number")]

    def _plan_kept(self, customer: Customer, items: list[OpenItem], actor: User, day: date, now: datetime) -> None:
        shape = Shape(4, day + timedelta(days=2), first_ppm=300_000)
        self.due += self._plan(customer, items, actor, day, now, shape=shape)

    def _plan_broken(self, customer: Customer, items: list[OpenItem], actor: User, day: date, now: datetime) -> None:
        self._plan(customer, items, actor, day, now, shape=Shape(3, day + timedelta(days=2), first_ppm=300_000))

    def _plan_fulfilled(self, customer: Customer, items: list[OpenItem], actor: User, day: date, now: datetime) -> None:
        shape = Shape(2, day + timedelta(days=1), cycle=Cycle.WEEKLY, first_ppm=500_000)
        self.due += self._plan(customer, items, actor, day, now, shape=shape)

    def _offer_taken(self, customer: Customer, items: list[OpenItem], actor: User, day: date, now: datetime) -> None:
        _offer(customer, items, actor, day, now)
        owed = OpenItem.objects.filter(customer=customer, settled_on=None, currency=CURRENCY, due_on__lt=day)
        self.due.append((day + timedelta(days=3), customer.pk, sum(item.open_minor for item in owed)))


def _offer(customer: Customer, items: list[OpenItem], actor: User, day: date, now: datetime) -> None:
    del items
    make_offer(
        customer_id=customer.pk, currency=CURRENCY, waive_ppm=300_000, expires_on=day + timedelta(days=6), as_of=day,
        actor=actor, now=now,
    )  # fmt: skip


def _dispute(customer: Customer, items: list[OpenItem], actor: User, day: date, now: datetime) -> None:
    del day
    item = items[0]
    open_dispute(
        customer_id=customer.pk, item_id=item.pk, amount_minor=item.open_minor, kind="QUALITY",
        text="到货两箱破损，要求核减后再付。", actor=actor, now=now,
    )  # fmt: skip


def _taken_down(customer: Customer, actor: User, now: datetime) -> int:
    complaint = take_complaint(
        customer_id=customer.pk, kind="OTHER", via="PHONE", text="对账联系人变更后仍打给原来的同事，请更正。",
        received_at=now, actor=actor, now=now,
    )  # fmt: skip
    return complaint.pk


def _complaint(customer: Customer, items: list[OpenItem], actor: User, day: date, now: datetime) -> None:
    del items, day
    _taken_down(customer, actor, now)


def _complaint_resolved(customer: Customer, items: list[OpenItem], actor: User, day: date, now: datetime) -> None:
    del items, day
    pk = _taken_down(customer, actor, now)
    answer_complaint(complaint_id=pk, response="已致歉，并更正联系人。", actor=actor, now=now)
    resolve_complaint(complaint_id=pk, resolution="联系人已更正，客户认可。", satisfaction=4, actor=actor, now=now)


def _restructuring(customer: Customer, items: list[OpenItem], actor: User, day: date, now: datetime) -> None:
    policy = policy_for(customer.entity_id, day)
    claim = claim_on(customer, CURRENCY, as_of=day, item_ids=[item.pk for item in items])
    compared = compare(
        claim, CURRENCY, defaults(claim, recovery=policy.recovery, plan=policy.plan), as_of=day,
        calendar=WorkingCalendar(customer.entity.country),
    )  # fmt: skip
    propose_restructuring(
        customer_id=customer.pk, currency=CURRENCY, kind="EXTENSION", reason="客户主要项目回款推迟，申请展期两个月。",
        comparison=compared.as_dict(), as_of=day, actor=actor, now=now, item_ids=[item.pk for item in items],
        extended_to=day + timedelta(days=60),
    )  # fmt: skip


def _write_off(customer: Customer, items: list[OpenItem], actor: User, day: date, now: datetime) -> None:
    del customer, day
    item = items[0]
    request_write_off(
        item_id=item.pk, amount_minor=item.open_minor, reason="账龄较长，对方已停止经营，建议核销。", actor=actor,
        now=now,
    )  # fmt: skip
