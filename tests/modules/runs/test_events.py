"""Every event and state a step may wait for, made by its real command and met by the run: a customer and ladder each.

All owe 10,000.00 since Monday, 6 July. The run is at eight in the morning; what happens, happens at noon.
"""

from datetime import date, datetime, timedelta

import pytest

from huikuan.arrangements.commands.disputes import decide_dispute, open_dispute
from huikuan.arrangements.commands.planning import accept_plan, draft_plan, propose_plan
from huikuan.arrangements.commands.promising import Share, make_promise
from huikuan.arrangements.commands.signals import enter_record
from huikuan.arrangements.models import Dispute
from huikuan.arrangements.rules.schedule import Shape
from huikuan.outreach.callbacks import Told
from huikuan.outreach.commands.contact import log_contact
from huikuan.outreach.commands.receipts import note_reading, note_receipt
from huikuan.outreach.fakes import FakeGuard
from huikuan.outreach.models import Delivery
from huikuan.outreach.worker import Worker
from huikuan.policy.commands import upload_version
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.models import OpenItem
from huikuan.runs.commands.letters import hear_of_letter, post_letter, write_letter
from huikuan.runs.commands.run import run_day
from huikuan.runs.models import Decision
from tests.modules.runs.conftest import BEGAN_ON, morning
from tests.people import a_customer
from tests.tables import cases

pytestmark = pytest.mark.django_db
DUE = date(2026, 7, 6)

# held: a plan in force holds its items, so the step waits until it is broken; an item beside it is pursued
# when: what the step waits for | does: what is done on the day, at noon | taken: when the step is; "-": never
TABLE = """
name          | when                          | does                        | taken:text
promise       | promise_broken: true          | 8 promise                   | 14
missed        | installment_missed: true      | 8 plan, 9 item              | 11
held          | installment_missed: true      | 8 plan                      | 16
plan          | plan_broken: true             | 8 plan                      | 16
opened        | dispute_opened: true          | 9 dispute                   | 10
opened_later  | dispute_opened: 3             | 9 dispute                   | 12
closed        | dispute_closed: true          | 9 dispute, 11 decide        | 12
still_open    | dispute_closed: true          | 9 dispute                   | -
signed        | letter_delivered: true        | 8 post, 10 SIGNED           | 11
signed_later  | letter_delivered: 2           | 8 post, 10 SIGNED           | 12
on_its_way    | letter_delivered: true        | 8 post, 10 IN_TRANSIT       | -
refused       | letter_refused: true          | 8 post, 10 REFUSED          | 11
returned      | letter_refused: true          | 8 post, 10 RETURNED         | 11
bounced       | message_bounced: true         | 7 deliver, 9 bounce         | 10
arrived       | message_bounced: true         | 7 deliver                   | -
unread        | unread_after_hours: 24        | 7 deliver                   | 9
read          | unread_after_hours: 24        | 7 deliver, 7 read           | -
in_touch      | unread_after_hours: 24        | 7 deliver, 8 call-in        | -
silent        | no_response_days: 5           |                             | 12
spoke         | no_response_days: 5           | 9 call-in                   | 14
signal        | delay_signal: [ENFORCEMENT]   | 9 record                    | 10
no_signal     | delay_signal: [UNREACHABLE]   | 9 record                    | -
"""
LADDER = """  {name}:
    steps:
      - {{code: friendly, rank: 1, when: {{days_overdue: 1}}, notice: {{template: friendly, channels: [EMAIL]}}}}
      - {{code: asked, rank: 9, when: {{{when}}}, task: {{kind: REVIEW, owner: collector}}}}
"""
HEAD = """format: 1
name: events
templates: {friendly: [EMAIL], demand: [LETTER]}
signals: {watch: {ENFORCEMENT: {}, UNREACHABLE: {count: 4, days: 14}}}
"""


class House:
    """What can happen to a customer, each by the command that a person or a program would use."""

    def __init__(self, owner, manager):
        self.owner, self.manager = owner, manager

    def promise(self, customer, now: datetime):
        share = Share(date(2026, 7, 10), 1_000_000)
        make_promise(
            customer_id=customer.pk, shares=[share], currency="CNY", made_on=now.date(), actor=self.owner, now=now
        )  # fmt: skip

    def plan(self, customer, now):
        plan = draft_plan(
            customer_id=customer.pk, currency="CNY", shape=Shape(2, date(2026, 7, 10), first_ppm=500_000),
            as_of=now.date(), actor=self.owner, now=now,
        )  # fmt: skip
        propose_plan(plan_id=plan.pk, as_of=now.date(), actor=self.owner, now=now)
        accept_plan(
            plan_id=plan.pk, how="SIGNATURE", evidence="signed.pdf", as_of=now.date(), actor=self.owner, now=now
        )  # fmt: skip

    def item(self, customer, now):
        book_item(
            customer_id=customer.pk, number=f"INV-{customer.pk}-2", amount_minor=500_000, actor=None, now=now,
            issued_on=DUE - timedelta(days=30), due_on=DUE,
        )  # fmt: skip

    def dispute(self, customer, now):
        item = OpenItem.objects.get(customer=customer)
        open_dispute(
            customer_id=customer.pk, item_id=item.pk, amount_minor=100_000, kind="QUALITY", text="两箱破损",
            actor=self.owner, now=now,
        )  # fmt: skip

    def decide(self, customer, now):
        decide_dispute(
            dispute_id=Dispute.objects.get(customer=customer).pk, decision="REJECTED", explanation="签收单完好",
            actor=self.manager, now=now,
        )  # fmt: skip

    def post(self, customer, now):
        letter = write_letter(customer_id=customer.pk, currency="CNY", template="demand", actor=self.owner, now=now)
        post_letter(
            letter_id=letter.pk, carrier="EMS", at=now, actor=self.owner, now=now,
            tracking_number=f"EA{letter.pk:09}CN", guard=FakeGuard(),
        )  # fmt: skip

    def hear(self, customer, now, state):
        hear_of_letter(
            letter_id=customer.letters.get().pk, state=state, at=now, signed_by="前台" if state == "SIGNED" else "",
            actor=self.owner, now=now,
        )  # fmt: skip

    def deliver(self, _customer, now):
        Worker("EMAIL", clock=lambda: now).drain()

    def told(self, customer, now, state):
        delivery = Delivery.objects.get(customer=customer, step_code="friendly")
        note_receipt(provider="mail", told=Told(f"m-{delivery.pk}", delivery.key, state, now, ""), now=now)

    def read(self, customer, now):
        note_reading(delivery_id=Delivery.objects.get(customer=customer).pk, how="portal", now=now)

    def call_in(self, customer, now):
        log_contact(
            customer_id=customer.pk, channel="PHONE", direction="IN", outcome="REACHED", at=now, actor=self.owner,
            now=now,
        )  # fmt: skip

    def record(self, customer, now):
        enter_record(
            customer_id=customer.pk, kind="ENFORCED", number=f"（2026）沪执{customer.pk}号", published_on=now.date(),
            source="https://zxgk.court.example", actor=self.manager, now=now,
        )  # fmt: skip

    def does(self, what: str, customer, now):
        if what in {"SIGNED", "IN_TRANSIT", "REFUSED", "RETURNED"}:
            self.hear(customer, now, what)
        elif what == "bounce":
            self.told(customer, now, "BOUNCED")
        else:
            getattr(self, what.replace("-", "_"))(customer, now)


@pytest.fixture
def wired(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.HUIKUAN_PORTS = {
        **settings.HUIKUAN_PORTS,
        "outreach.email": "huikuan.outreach.fakes.FakeChannel",
        "outreach.guard": "huikuan.outreach.fakes.FakeGuard",
    }


def test_every_event_and_state_reaches_its_step_from_the_fact_that_makes_it(wired, huatai, owner, colleague):
    table = {each["name"]: each for each in cases(TABLE)}
    ladders = "".join(LADDER.format(name=name, when=each["when"]) for name, each in table.items())
    segments = "".join(f"  - {{code: {name}, match: {{region: [{name}]}}, ladder: {name}}}\n" for name in table)
    source = f"{HEAD}ladders:\n{ladders}segments:\n{segments}  - {{code: rest, ladder: null}}\n"
    upload_version(
        entity_id=huatai.pk, source=source, starts_on=BEGAN_ON, last_run_on=None, actor=None, now=morning(BEGAN_ON)
    )
    customers = {name: made(huatai, owner, name) for name in table}
    house = House(owner, colleague)
    for day in (DUE + timedelta(days=number) for number in range(1, 12)):
        run_day(entity_id=huatai.pk, as_of=day, now=morning(day))
        for name, each in table.items():
            for number, what in (act.split() for act in (each["does"] or "").split(",") if act):
                if int(number) == day.day:
                    house.does(what, customers[name], morning(day) + timedelta(hours=4))
    taken = Decision.objects.filter(step_code="asked").exclude(action="SKIPPED")
    found = dict(taken.values_list("customer__region", "decided_on"))
    days = {name: str(found[name].day) if name in found else "-" for name in table}
    assert days == {name: each["taken"] for name, each in table.items()}


def made(entity, owner, name):
    customer = a_customer(
        entity, name.upper(), name, region=name, collector=owner, address=f"{name} 1", email=f"{name}@customer.example"
    )
    book_item(
        customer_id=customer.pk, number=f"INV-{name}", amount_minor=1_000_000, issued_on=DUE - timedelta(days=30),
        due_on=DUE, actor=None, now=morning(DUE),
    )  # fmt: skip
    return customer
