"""A small portfolio for the pages: two entities, every kind of row that a page shows, nothing random."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from huikuan.cases.models import Case, CaseBalance, Task
from huikuan.credit.models import Grade, GradeOverride, RiskMark
from huikuan.journal.commands import record
from huikuan.outreach.models import Contact, Delivery, DeliveryEvent, Message
from huikuan.parties.models import ContactBlock, ContactPerson, Customer, Entity, User
from huikuan.policy.models import Hold, PolicyVersion
from huikuan.policy.reading.policy import pack_text
from huikuan.receivables.models import Allocation, Contract, OpenItem, PaymentMonth, PenaltyTerms, Receipt
from huikuan.receivables.rules.terms import Terms
from huikuan.runs.models import Decision, Run, RunChunk

NAMES = (
    ("昌雅盛达商贸有限公司", "贸易", "SMALL", "C", 47),
    ("雅昌隆图商贸有限公司", "贸易", "SMALL", "B", 12),
    ("远恒嘉鑫物业管理有限公司", "物业", "MEDIUM", "B", 3),
    ("远宏盛达物业管理有限公司", "物业", "MEDIUM", "A", 62),
    ("祥景博远机械设备有限公司", "制造业", "LARGE", "B", 33),
    ("恒瑞鑫康物业管理有限公司", "物业", "SMALL", "C", 18),
    ("嘉图图嘉机械设备有限公司", "制造业", "MEDIUM", "A", 8),
    ("华泰泰远机械设备有限公司", "制造业", "MICRO", "B", 95),
    ("嘉华雅泰融资租赁有限公司", "服务业", "MEDIUM", "B", 130),
    ("康达盛远商贸有限公司", "贸易", "SMALL", "N", 0),
    ("博瑞景昌机械设备有限公司", "制造业", "PUBLIC", "A", 21),
    ("景康恒达融资租赁有限公司", "服务业", "LARGE", "C", 200),
)
STEPS = {0: "reminder", 3: "first_call", 8: "follow_up_call", 12: "offer", 18: "offer", 21: "demand", 33: "high_risk"}


@dataclass(slots=True)
class Portfolio:
    """What was made, by the names that tests use."""

    entity: Entity
    customer: Customer
    case: Case
    task: Task
    hold: Hold
    item: OpenItem
    run: Run
    version: PolicyVersion
    deliveries: dict[str, Delivery]
    customers: list[Customer]


def make_portfolio(
    entity: Entity, collector: User, manager: User, *, today: date, now: datetime, size: int = len(NAMES)
) -> Portfolio:
    """Fill an entity with the first `size` customers; `collector` has all but every sixth."""
    terms = _terms()
    version = PolicyVersion.objects.create(
        entity=entity, number=1, name="default", starts_on=today - timedelta(days=400), source=pack_text(),
        sha256=hashlib.sha256(pack_text().encode()).hexdigest(), note="默认策略", uploaded_at=now, uploaded_by=manager,
    )  # fmt: skip
    run = Run.objects.create(
        entity=entity, as_of=today, previous_on=today - timedelta(days=1), policy_version=version, state="DONE",
        counts={"customers": size, "items": 30, "decisions": 12, "tasks": 9, "deliveries": 4},
        warnings=[
            {"code": "BANK_LINES_NOT_MATCHED", "facts": {"count": 1, "amount": "12000.00", "currency": "CNY"}}
        ], started_at=now - timedelta(hours=3),
        ended_at=now - timedelta(hours=3) + timedelta(seconds=2),
    )  # fmt: skip
    RunChunk.objects.create(run=run, number=1, first_customer_id=1, last_customer_id=10**6, done_at=now)
    made = [_customer(number, entity, collector, terms, run, today=today, now=now) for number in range(1, size + 1)]
    customer, item, case, task = made[0]
    hold = Hold.objects.create(
        customer=customer, item=item, kind="DISPUTE", amount_minor=item.open_minor // 2, starts_on=today,
        ends_on=today + timedelta(days=10), reason="客户称一批货有质量问题", placed_by=collector, placed_at=now,
    )  # fmt: skip
    deliveries = _deliveries(customer, today=today, now=now)
    _history(customer, collector, today=today, now=now)
    GradeOverride.objects.create(
        customer=made[1][0], letter="A", reason="集团担保", placed_by=manager, starts_on=today,
        ends_on=today + timedelta(days=60),
    )  # fmt: skip
    Receipt.objects.create(
        entity=entity, customer=None, reference=f"{entity.code}-BANK-1", received_on=today, currency="CNY",
        amount_minor=1_200_000, unapplied_minor=1_200_000, payer_name="未知付款人", booked_at=now,
    )  # fmt: skip
    item.refresh_from_db()
    return Portfolio(
        entity=entity, customer=customer, case=case, task=task, hold=hold, item=item, run=run, version=version,
        deliveries=deliveries, customers=[each[0] for each in made],
    )  # fmt: skip


def _terms() -> PenaltyTerms:
    content = Terms(kind="PER_DAY", rate_ppb=500_000, grace_days=3, source="第 8 条")
    found, _new = PenaltyTerms.objects.get_or_create(
        fingerprint=content.fingerprint,
        defaults={"kind": "PER_DAY", "rate_ppb": 500_000, "grace_days": 3, "source": "第 8 条"},
    )
    return found


def _customer(
    number: int, entity: Entity, collector: User, terms: PenaltyTerms, run: Run, *, today: date, now: datetime
):
    name, industry, size_class, letter, days = NAMES[number - 1]
    customer = Customer.objects.create(
        entity=entity, code=f"{entity.code}-C{number:03}", name=name, industry=industry, size_class=size_class,
        collector=collector if number % 6 else None, email=f"ap{number}@customer.example",
        phone=f"+86138001380{number:02}", created_at=now,
    )  # fmt: skip
    ContactPerson.objects.create(
        customer=customer, name="刘会计", role="ACCOUNTANT", phone=f"+86139001390{number:02}",
        email=f"liu{number}@customer.example", preferred_channel="PHONE", created_at=now,
    )  # fmt: skip
    _grade(customer, letter, today=today)
    contract = Contract.objects.create(
        entity=entity, customer=customer, number=f"{entity.code}-HT-{number:03}", signed_on=today - timedelta(days=700),
        term_days=30, terms=terms, clause="第 8 条", created_at=now,
    )  # fmt: skip
    items = [
        _item(
            customer, contract, f"{number:03}-{part}", today - timedelta(days=days - 30 * part), 400_000 * number + part
        )
        for part in (0, 1)
    ]
    receipt = Receipt.objects.create(
        entity=entity, customer=customer, reference=f"{entity.code}-R{number:03}",
        received_on=today - timedelta(days=2), currency="CNY", amount_minor=150_000, unapplied_minor=150_000,
        payer_name=name, booked_at=now,
    )  # fmt: skip
    Allocation.objects.create(
        item=items[0], receipt=receipt, currency="CNY", amount_minor=100_000, effective_on=receipt.received_on,
        basis="MANUAL", booked_at=now, booked_by=collector,
    )  # fmt: skip
    case = _case(customer, items[0], number, days, today=today, now=now) if days else None
    task = _task(customer, case, days, number, today=today, now=now)
    Decision.objects.create(
        run=run, customer=customer, case=case, currency="CNY", step_code=task.step_code,
        spell_on=case.opened_on if case else today, action="TASK", rule=f"default/{task.step_code}@+{days}",
        facts={"days_overdue": days, "overdue_minor": 400_000 * number, "grade": letter, "segment": "default"},
        decided_on=today,
    )  # fmt: skip
    return customer, items[0], case, task


def _grade(customer: Customer, letter: str, *, today: date) -> None:
    points = {
        "late_share": 20, "mean_days_late": 9, "worst_open_days": 8, "cooperation_months": 12, "size_class": 10,
        "reputation": 10,
    }  # fmt: skip
    weights = {
        "late_share": 30, "mean_days_late": 15, "worst_open_days": 15, "cooperation_months": 15, "size_class": 15,
        "reputation": 10,
    }  # fmt: skip
    facts = {
        "settled_count": 14, "late_count": 3, "mean_days_late": 6, "worst_days": 12, "months_known": 26,
        "size_class": customer.size_class, "industry": customer.industry,
    }  # fmt: skip
    Grade.objects.create(
        customer=customer, letter="B", score=70, begun_on=today - timedelta(days=200),
        ended_on=today - timedelta(days=9),
        explanation={"score": 70, "knocked_out_by": "", "points": points, "weights": weights, "facts": facts},
    )  # fmt: skip
    Grade.objects.create(
        customer=customer, letter=letter, score=69, begun_on=today - timedelta(days=9),
        explanation={
            "score": 69, "knocked_out_by": "open_overdue_days" if letter == "C" else "", "points": points,
            "weights": weights, "facts": facts,
        },
    )  # fmt: skip
    for back in range(10):
        month = (today.replace(day=1) - timedelta(days=30 * back)).replace(day=1)
        PaymentMonth.objects.get_or_create(
            customer=customer, month_on=month,
            defaults={
                "settled_count": 3 + back % 4, "late_count": back % 3, "any_late_count": back % 3,
                "days_late_sum": 5 * (back % 3), "days_late_worst": 7, "amount_minor_sum": 10**6, "amount_days_sum": 0,
            },
        )  # fmt: skip


def _item(customer: Customer, contract: Contract, number: str, due_on: date, amount: int) -> OpenItem:
    return OpenItem.objects.create(
        entity=customer.entity, customer=customer, contract=contract, number=f"{customer.entity.code}-INV-{number}",
        issued_on=due_on - timedelta(days=30), due_on=due_on, currency="CNY", amount_minor=amount, open_minor=amount,
        terms=contract.terms, booked_at=customer.created_at,
    )  # fmt: skip


def _case(customer: Customer, item: OpenItem, number: int, days: int, *, today: date, now: datetime) -> Case:
    case = Case.objects.create(
        entity=customer.entity, customer=customer, number=f"{customer.entity.code}-2026-{number:05}",
        opened_on=today - timedelta(days=days - 1), stage="FORMAL" if days > 20 else "COLLECTION",
        owner=customer.collector, next_action="weekly", next_action_on=today + timedelta(days=3),
    )  # fmt: skip
    CaseBalance.objects.create(
        case=case, currency="CNY", overdue_minor=item.open_minor, open_minor=item.open_minor * 2, item_count=1,
        oldest_due_on=item.due_on, last_step_code="friendly", last_step_rank=100, last_step_on=today,
    )  # fmt: skip
    RiskMark.objects.create(customer=customer, kind="HIGH_RISK" if days > 30 else "OVERDUE", begun_on=case.opened_on)
    record(
        "parties.customer-made",
        now=now,
        entity_id=customer.entity_id,
        customer_id=customer.pk,
        subject=case,
        number=case.number,
    )
    return case


def _task(customer: Customer, case: Case | None, days: int, number: int, *, today: date, now: datetime) -> Task:
    step = STEPS.get(days, "weekly")
    kind = {"high_risk": "REVIEW", "demand": "LETTER"}.get(step, "CALL")
    return Task.objects.create(
        key=f"{customer.pk}/{step}", entity=customer.entity, customer=customer, case=case, kind=kind, step_code=step,
        currency="CNY", overdue_minor=400_000 * number if days else 0,
        oldest_due_on=today - timedelta(days=days) if days else None, script="first_call", owner=customer.collector,
        due_on=today - timedelta(days=number % 2), priority=1000 - number, created_at=now,
    )  # fmt: skip


def _deliveries(customer: Customer, *, today: date, now: datetime) -> dict[str, Delivery]:
    found = {}
    for number, state in enumerate(("QUEUED", "SENT", "FAILED", "UNKNOWN", "CANCELLED")):
        message = None
        if state in {"SENT", "UNKNOWN"}:
            message = Message.objects.create(
                language="zh-hans", subject="付款提醒", text="贵司尚有 2 笔款项逾期，请安排付款。", facts={},
                sha256=hashlib.sha256(state.encode()).hexdigest(), composed_at=now,
            )  # fmt: skip
        found[state] = Delivery.objects.create(
            key=f"{customer.pk}/{state}", entity=customer.entity, customer=customer, channel="EMAIL",
            address=customer.email if message else "", template="friendly", step_code="friendly", currency="CNY",
            as_of=today, state=state, not_before=now, created_at=now - timedelta(hours=number), message=message,
            attempt_count=2 if state == "FAILED" else 1,
            last_error="550 mailbox unavailable" if state == "FAILED" else "",
            finished_at=now if state in {"SENT", "FAILED"} else None,
        )  # fmt: skip
        DeliveryEvent.objects.create(delivery=found[state], at=now, state=state, detail={"server": "250 ok"})
    return found


def _history(customer: Customer, collector: User, *, today: date, now: datetime) -> None:
    person = customer.contact_persons.get()
    for number, (channel, outcome, summary) in enumerate(
        (
            ("PHONE", "PROMISED", "承诺周五前付清第一笔，余款下周。"),
            ("PHONE", "NO_ANSWER", ""),
            ("NOTE", "NOTED", "客户换了会计，旧号码停用。"),
            ("PHONE", "DISPUTES", "称一批货有质量问题，要求换货。"),
        )
    ):
        Contact.objects.create(
            entity=customer.entity, customer=customer, person=None if channel == "NOTE" else person, channel=channel,
            direction="NONE" if channel == "NOTE" else "OUT", at=now - timedelta(days=number), outcome=outcome,
            summary=summary, logged_by=collector, logged_at=now, is_connected=outcome != "NO_ANSWER",
            promised_on=today + timedelta(days=4) if outcome == "PROMISED" else None,
            promised_minor=100_000 if outcome == "PROMISED" else None,
            promised_currency="CNY" if outcome == "PROMISED" else "",
        )  # fmt: skip
    former = ContactPerson.objects.create(
        customer=customer, name="王经理", role="APPROVER", phone="+8613700137000", created_at=now
    )
    ContactBlock.objects.create(customer=customer, person=former, kind="WRONG_PERSON", channel="PHONE", begun_at=now)
