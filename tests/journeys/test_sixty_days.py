"""A customer of grade B who neither pays nor answers, from the bill to the lawyer's letter: every contact, day by day.

Real commands under a clock of their own: the run in the morning, the workers at the hours of the policy, the people of
the house on working days, the post three days later. National Day lies in between.
"""

from datetime import date, datetime, time, timedelta

import pytest

from huikuan.arrangements.commands.promising import Share, make_promise
from huikuan.arrangements.models import Offer
from huikuan.cases.commands.task import complete_task
from huikuan.cases.models import Task
from huikuan.credit.commands import override_grade
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.zones import instant_at, local
from huikuan.outreach.commands.contact import log_contact
from huikuan.outreach.fakes import FakeChannel
from huikuan.outreach.models import Contact, Delivery, Letter, LetterEvent
from huikuan.outreach.worker import Worker
from huikuan.parties.commands.contacts import save_contact_person
from huikuan.policy.commands import install_default
from huikuan.receivables.commands.contracts import open_contract
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.rules.terms import Terms
from huikuan.runs.commands.fallback import fall_back
from huikuan.runs.commands.letters import hear_of_letter, post_letter, write_letter
from huikuan.runs.commands.run import run_day
from huikuan.runs.models import Decision

ZONE = "Asia/Shanghai"
DUE = date(2026, 9, 13)
ISSUED = DUE - timedelta(days=10)
CALENDAR = WorkingCalendar("CN")


LETTERS = {"demand": "demand", "rest_due": "demand", "lawyers_letter": "lawyers_letter"}


class LocalProvider(FakeChannel):
    """Takes every message at once, as a provider on this machine would."""


def at(day: date, clock: str) -> datetime:
    return instant_at(day, time.fromisoformat(clock), ZONE)


class House:
    """The creditor at work: everybody does what the worklist asks, on the day it asks."""

    def __init__(self, huatai, tianhe, owner, manager, finance):
        self.entity, self.customer, self.owner, self.manager, self.finance = huatai, tianhe, owner, manager, finance
        self.now = at(ISSUED, "07:00")
        self.workers = [Worker(kind, clock=self.clock) for kind in ("EMAIL", "SMS")]

    def clock(self) -> datetime:
        return self.now

    def live(self, first: date, last: date, *, until_called=None) -> None:
        day = first
        while day <= last:
            self.day(day, until_called)
            day += timedelta(days=1)

    def day(self, day: date, on_call=None) -> None:
        self.now = at(day, "08:00")
        run_day(entity_id=self.entity.pk, as_of=day, now=self.now)
        self.deliver(day, "09:05")
        if CALENDAR.is_working_day(day):
            self.now = at(day, "10:30")
            for task in Task.objects.filter(done_at=None, cancelled_at=None).order_by("pk"):
                self.work(task, on_call)
        self.deliver(day, "14:05", looks_back=False)
        self.now = at(day, "16:00")
        for letter in Letter.objects.filter(state="HANDED_OVER", handed_over_at__lt=self.now - timedelta(days=3)):
            hear_of_letter(
                letter_id=letter.pk, state="SIGNED", at=self.now, signed_by="前台", actor=self.owner, now=self.now
            )

    def deliver(self, day: date, clock: str, *, looks_back: bool = True) -> None:
        self.now = at(day, clock)
        if looks_back:
            fall_back(entity_id=self.entity.pk, now=self.now)
        for worker in self.workers:
            worker.drain()

    def work(self, task: Task, on_call=None) -> None:
        if task.kind == "LETTER":
            letter = write_letter(
                customer_id=self.customer.pk, currency=task.currency, template=LETTERS[task.step_code],
                actor=self.owner, now=self.now, step_code=task.step_code,
            )  # fmt: skip
            post_letter(
                letter_id=letter.pk, carrier="EMS", at=self.now, actor=self.owner, now=self.now,
                tracking_number=f"EA{letter.pk:09}CN",
            )  # fmt: skip
            return
        if task.kind in {"CALL", "VISIT"}:
            log_contact(
                customer_id=self.customer.pk, channel="PHONE" if task.kind == "CALL" else "VISIT", direction="OUT",
                outcome="NO_ANSWER", at=self.now, actor=self.owner, now=self.now, visitor_count=2,
                person_id=self.customer.contact_persons.get().pk,
            )  # fmt: skip
            complete_task(task_id=task.pk, outcome="NO_ANSWER", actor=self.manager, now=self.now)
            if on_call:
                on_call(self, task)
            return
        complete_task(task_id=task.pk, outcome="DONE", actor=self.manager, now=self.now)

    def told(self) -> str:
        """Return every contact: day since due, date and hour, step, channel, state, why."""
        rows = [
            (each.finished_at, each.step_code or each.template, each.channel, each.state, rule_of(each))
            for each in Delivery.objects.exclude(finished_at=None)
        ]
        for each in Contact.objects.filter(delivery=None, letter=None):
            task = Task.objects.get(done_at=each.at, kind__in=["CALL", "VISIT"])
            rows.append((each.at, task.step_code, each.channel, each.outcome, rule_on(task.step_code, each.at)))
        for each in LetterEvent.objects.exclude(state="MADE"):
            step = each.letter.step_code
            rows.append((each.at, step, "LETTER", each.state, rule_on(step, each.at)))
        others = Task.objects.exclude(kind__in=["CALL", "VISIT", "LETTER"]).exclude(done_at=None)
        rows += [
            (each.done_at, each.step_code, each.kind, each.outcome, rule_on(each.step_code, each.done_at))
            for each in others
        ]
        return "\n".join(self.line(*row) for row in sorted(rows, key=lambda row: row[:3]))

    def line(self, when: datetime, *words: str) -> str:
        here = local(when, ZONE)
        return (f"{(here.date() - DUE).days:+} | {here:%m-%d %H:%M} | " + " | ".join(words)).rstrip()


def rule_of(delivery: Delivery) -> str:
    return (
        "+24h unread"
        if delivery.channel == "SMS" and delivery.key.endswith("/sms")
        else rule_on(delivery.step_code, delivery.finished_at)
    )


def rule_on(step_code: str, when: datetime) -> str:
    """Return why: the rule of the latest decision for that step by then."""
    made = Decision.objects.filter(step_code=step_code, decided_on__lte=local(when, ZONE).date())
    latest = made.exclude(action="SKIPPED").order_by("decided_on").last()
    return "" if latest is None else latest.rule.partition("@")[2]


@pytest.fixture
def house(huatai, tianhe, owner, colleague, finance, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    here = f"{__name__}.LocalProvider"
    settings.HUIKUAN_PORTS = {**settings.HUIKUAN_PORTS, "outreach.email": here, "outreach.sms": here}
    began = at(ISSUED, "07:00")
    huatai.address, huatai.phone, huatai.email_from = "上海市世纪大道 100 号", "021-5555 0199", "ar@huatai.example"
    huatai.bank_account = "户名：华泰建材有限公司\n账号：1001 2345 6789"
    huatai.save()
    tianhe.address, tianhe.industry = "广州市天河区体育西路 88 号", ""
    tianhe.save()
    install_default(entity_id=huatai.pk, starts_on=date(2020, 1, 1), now=began)
    save_contact_person(
        customer_id=tianhe.pk, name="刘会计", role="PAYER", email="liu@tianhe.example", phone="+8613900139000",
        actor=finance, now=began,
    )  # fmt: skip
    contract = open_contract(
        customer_id=tianhe.pk, number="HT-1", terms=Terms(kind="PER_DAY", rate_ppb=500_000), clause="第7.2条",
        actor=finance, now=began,
    )  # fmt: skip
    book_item(
        customer_id=tianhe.pk, number="INV-1", amount_minor=80_000_00, issued_on=ISSUED, due_on=DUE,
        contract_id=contract.pk, actor=finance, now=began,
    )  # fmt: skip
    override_grade(
        customer_id=tianhe.pk, letter="B", reason="老客户", starts_on=ISSUED, ends_on=ISSUED + timedelta(days=90),
        actor=colleague, now=began,
    )  # fmt: skip
    return House(huatai, tianhe, owner, colleague, finance)


# day since due | date and hour in Shanghai | step | channel | state | why
TO_THE_LAWYER = """
-10 | 09-03 09:05 | bill | EMAIL | SENT | issued
-9 | 09-04 09:05 | bill | SMS | SENT | +24h unread
-5 | 09-08 10:30 | courtesy_call | PHONE | NO_ANSWER | 50% of term
-3 | 09-10 09:05 | reminder | EMAIL | SENT | -3
-3 | 09-10 09:05 | reminder | SMS | SENT | -3
+1 | 09-14 09:05 | friendly | EMAIL | SENT | +1
+1 | 09-14 09:05 | friendly | SMS | SENT | +1
+3 | 09-16 10:30 | first_call | PHONE | NO_ANSWER | +3
+7 | 09-20 10:30 | follow_up_call | PHONE | NO_ANSWER | +7
+10 | 09-23 09:05 | offer | EMAIL | SENT | +10
+10 | 09-23 10:30 | offer | PHONE | NO_ANSWER | +10
+25 | 10-08 09:05 | demand | EMAIL | SENT | +20
+25 | 10-08 10:30 | demand | LETTER | HANDED_OVER | +20
+28 | 10-11 16:00 | demand | LETTER | SIGNED | +20
+30 | 10-13 10:30 | high_risk | REVIEW | DONE | +30
+33 | 10-16 10:30 | visit | VISIT | NO_ANSWER | +33&overdue
+36 | 10-19 10:30 | delay_signal | REVIEW | DONE |
+38 | 10-21 10:30 | weekly | PHONE | NO_ANSWER | +31
+45 | 10-28 10:30 | lawyers_letter | LETTER | HANDED_OVER | +45
+48 | 10-31 16:00 | lawyers_letter | LETTER | SIGNED | +45
+57 | 11-09 10:30 | route | REVIEW | DONE | lawyers_letter+7
"""


def test_from_the_bill_to_the_lawyers_letter(house):
    """The demand falls due in the National Day holiday and leaves after it; the lawyer's week begins on arrival."""
    house.live(ISSUED, DUE + timedelta(days=57))
    assert house.told() == TO_THE_LAWYER.strip()
    (route,) = Decision.objects.filter(step_code="route")
    assert (route.decided_on - DUE).days == 48 + 7
    (offer,) = Offer.objects.all()
    assert (offer.expires_on, offer.taken_on) == (date(2026, 9, 27), None)
    assert offer.lapsed_at is not None


BROKEN_PROMISE = """
+1 | 09-14 09:05 | friendly | EMAIL | SENT | +1
+1 | 09-14 09:05 | friendly | SMS | SENT | +1
+3 | 09-16 10:30 | first_call | PHONE | NO_ANSWER | +3
+7 | 09-20 10:30 | follow_up_call | PHONE | NO_ANSWER | +7
+8 | 09-21 09:05 | promise_reminder | EMAIL | SENT |
+11 | 09-24 09:05 | broken_promise | EMAIL | SENT | promise_broken
+11 | 09-24 10:30 | broken_promise | PHONE | NO_ANSWER | promise_broken
+11 | 09-24 10:30 | promise_broken | REVIEW | DONE |
+25 | 10-08 09:05 | demand | EMAIL | SENT | +20
+25 | 10-08 10:30 | demand | LETTER | HANDED_OVER | +20
"""


def test_a_promise_broken_on_the_way_steps_the_case_up(house):
    """He promises on the call of day 7 and does not pay: no friendly offer any more, but one level up at once."""

    def promise(house, task):
        if task.step_code == "follow_up_call":
            make_promise(
                customer_id=house.customer.pk, shares=[Share(DUE + timedelta(days=9), 80_000_00)], currency="CNY",
                made_on=DUE + timedelta(days=7), actor=house.owner, now=house.now,
            )  # fmt: skip

    house.live(DUE, DUE + timedelta(days=25), until_called=promise)
    assert house.told() == BROKEN_PROMISE.strip()
    assert not Offer.objects.exists()
