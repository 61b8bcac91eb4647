"""The world of a case: `given` put into a real database by real commands."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from huikuan.kernel.money import parse_minor
from huikuan.kernel.refusal import Refusal
from huikuan.kernel.zones import zone_of
from huikuan.outreach.fakes import FakeChannel
from huikuan.parties.commands import add_user, assign_collector, grant_role, open_entity, save_customer
from huikuan.parties.models import Customer, Entity, Role, User
from huikuan.policy.commands import upload_version
from huikuan.receivables.commands.terms import set_default_terms
from tests.journeys.acceptance import books, ladders
from tests.journeys.acceptance.terms import terms_of
from tests.journeys.acceptance.words import BASE_DAY, Deed, Unsupported, moment, only

GIVEN = {
    "currency", "customers", "items", "user_sees", "terms", "grace_days", "classes", "charges", "issued", "due",
    "terms_days", "reminders", "then_every_days", "sent", "send_hour", "timezone", "interest", "recovery_cost",
    "payments", "policy", "condition", "campaign", "attempts", "last_attempt", "customer_campaign", "excluded",
    "emails", "fee", "item_currency", "today", "unmatched_bank_lines", "allocation", "amount", "first_due",
    "every_months", "number", "base_amount", "plan",
}  # fmt: skip
ITEM = {
    "id",
    "customer",
    "amount",
    "due",
    "issued",
    "overdue",
    "instalments",  # codespell:ignore instalments
    "state",
    "currency",
    "paid",
}  # codespell:ignore instalments
LONG_AGO = date(2000, 1, 1)


class World:
    """One creditor with everything a case is about.

    Attributes:
        parts: Name of an item in the case -> the items it is in our ledger, by due day: one, or one per installment.
        drafts: Items that are written but not issued: they are in nobody's ledger.
        told: What the last step answered: `refusal`, `run` and whatever its verb returns.
        levels: Step code -> level.
    """

    def __init__(self, case: dict[str, Any]) -> None:
        self.given: dict[str, Any] = case["given"]
        self.days = [moment(step["on"])[0] for step in case["timeline"]]
        self.day = self.days[0]
        self.verbs = {step["do"].split()[0] for step in case["timeline"]}
        self.customers: dict[str, Customer] = {}
        self.parts: dict[str, list[books.Part]] = {}
        self.drafts: dict[str, dict[str, Any]] = {}
        self.receipts: list[books.Paper] = []
        self.paid_count = 0
        self.credits: list[books.Paper] = []
        self.claimed: list[books.Part] = []
        self.holds: dict[str, list[int]] = {}
        self.write_offs: dict[str, list[int]] = {}
        self.channel = FakeChannel()
        self.told: dict[str, Any] = {}
        self.refusal: Refusal | None = None
        self.instant: datetime | None = None
        self._clock: datetime | None = None
        only(self.given, GIVEN, "given")

    # --- clock ------------------------------------------------------------------------------------------

    def begin(self, day: date, instant: datetime | None) -> None:
        """Come to the morning of a day, or to the instant that the case names; never go back in time."""
        morning = instant or datetime.combine(day, time(6), zone_of(self.entity.time_zone))
        self.day, self.instant = day, instant
        self.told, self.refusal = {}, None
        self._clock = morning if self._clock is None or instant else max(morning, self._clock)

    def now(self) -> datetime:
        """Return the instant, a little later each time it is asked: words are fresh when they leave."""
        assert self._clock is not None
        self._clock += timedelta(milliseconds=1)
        return self._clock

    def later(self, instant: datetime) -> None:
        """Move on to an instant."""
        assert self._clock is not None
        self._clock = max(self._clock, instant)

    # --- setting up -------------------------------------------------------------------------------------

    def set_up(self) -> None:
        """Book what is given."""
        given = self.given
        self._clock = datetime.combine(min(LONG_AGO, self.day), time(6), zone_of("Asia/Shanghai"))
        self.entity: Entity = open_entity(
            code="MAIN", name="债权人", actor=None, now=self.now(), currency=self.currency,
            time_zone=given.get("timezone", "Asia/Shanghai"), email_from=self._sender(),
        )  # fmt: skip
        self.clerk: User = add_user(username="clerk", actor=None, now=self.now())
        grant_role(user=self.clerk, entity=self.entity, role=Role.FINANCE, actor=None, now=self.now())
        if given.get("today", self.day.isoformat()) != self.day.isoformat():
            raise Unsupported(what="today: another day than that of the first step")
        if given.get("allocation", "due_date, then account") != "due_date, then account":
            raise Unsupported(what=f"allocation: {given['allocation']}")
        self._open_customers()
        self._book_items()
        for number in range(given.get("unmatched_bank_lines", 0)):
            books.unknown_money(self, Decimal(100 + number))
        self.upload(self.policy_file())

    def upload(self, source: str) -> None:
        """Put a policy into force from long ago."""
        upload_version(
            entity_id=self.entity.pk, source=source, starts_on=LONG_AGO, last_run_on=None, actor=None, now=self.now()
        )

    def policy_file(self) -> str:
        """Return the policy of the case: what it states, or what its verbs need."""
        given = self.given
        if "condition" in given:
            return ladders.from_condition(given["condition"])
        if "campaign" in given:
            return ladders.from_campaign(given)
        if "reminders" in given:
            return ladders.from_reminders(given, term_days=(self.due_of_plan - self.issued_of_plan).days)
        if "policy" in given and "save_policy" not in self.verbs:
            return ladders.from_policy(given["policy"])
        if "make_claim" in self.verbs:
            return ladders.claims()
        return ladders.nobody()

    @property
    def currency(self) -> str:
        """Return the currency of the case; the euro when it names none."""
        return str(self.given.get("currency", "EUR"))

    @property
    def issued_of_plan(self) -> date:
        """Return the day of the one invoice that a schedule is about."""
        return date.fromisoformat(self.given["issued"])

    @property
    def due_of_plan(self) -> date:
        """Return the day on which it falls due."""
        if "due" in self.given:
            return date.fromisoformat(self.given["due"])
        return self.issued_of_plan + timedelta(days=self.given.get("terms_days", 0))

    def _claim_fee(self) -> str | None:
        """Return the fee of a claim. Theirs is per claim and ours per item, so there must be one item."""
        fee = self.given.get("fee") if "make_claim" in self.verbs else None
        if fee is not None and len(self.given.get("items", [])) > 1:
            raise Unsupported(what="fee: one for a claim over several items")
        return fee

    def _sender(self) -> str:
        levels = (self.given.get("policy") or {}).get("levels", [])
        senders = {level["from"] for level in levels if "from" in level}
        if len(senders) > 1:
            raise Unsupported(what="policy.levels.from: more than one sender")
        return senders.pop() if senders else "ar@creditor.example"

    def _open_customers(self) -> None:
        given = self.given
        listed = [item["customer"] for item in given.get("items", []) if isinstance(item, dict)]
        names = [*given.get("customers", []), *listed, *(["C"] if not listed else [])]
        emails = given.get("emails")
        for name in dict.fromkeys(names):
            if "/" in name:
                raise Unsupported(what=f"customer: {name} is an address of a customer")
            address = f"{name.lower()}@customer.example" if emails is None else emails.get(name, "")
            self.customers[name] = save_customer(
                entity_id=self.entity.pk, code=name, name=f"客户 {name}", email=address, actor=None, now=self.now()
            )
        seen = given.get("user_sees")
        if seen is not None:
            self.user = add_user(username="user", actor=None, now=self.now())
            grant_role(user=self.user, entity=self.entity, role=Role.COLLECTOR, actor=None, now=self.now())
            assign_collector(
                customer_ids=[self.customer(name).pk for name in seen], collector=self.user, entity=self.entity,
                actor=None, now=self.now(),
            )  # fmt: skip

    def _book_items(self) -> None:
        terms = terms_of(self.given, claim_fee=self._claim_fee())
        if terms is not None:
            set_default_terms(entity=self.entity, terms=terms, actor=None, now=self.now())
        for number, written in enumerate(self.given.get("items", []), start=1):
            if isinstance(written, dict):
                self.issue(written)
            else:
                day, amount = written
                self.issue({"id": f"I{number}", "customer": "C", "issued": day, "amount": amount})
        if "reminders" in self.given:
            plan = {"issued": self.issued_of_plan.isoformat(), "due": self.due_of_plan.isoformat()}
            self.issue({"id": "I1", "customer": "C", "amount": "100.00", **plan})
        for number, (day, amount) in enumerate(self.given.get("charges", []), start=1):
            self._charge(number, date.fromisoformat(day), amount)
        for day, amount in self.given.get("payments", []):
            books.pay(self, self.the_customer(), Decimal(amount), day=moment(day)[0])

    def issue(self, written: dict[str, Any]) -> None:
        """Book an item as the case writes it; a draft waits until it is posted."""
        only(written, ITEM, "items")
        if written.get("state") == "draft":
            self.drafts[written["id"]] = {key: value for key, value in written.items() if key != "state"}
            return
        if "state" in written:
            raise Unsupported(what=f"items.state: {written['state']}")
        if Decimal(written["amount"]) == 0:
            raise Unsupported(what="items.amount: 0, and an item of nothing cannot be booked")
        issued, due = self._days_of(written)
        currency = written.get("currency", self.currency)
        slices = written.get("instalments") or [[due.isoformat(), written["amount"]]]  # codespell:ignore instalments
        self.parts[written["id"]] = [
            books.book_item(
                self,
                customer=self.customer(written["customer"]),
                number=written["id"] if len(slices) == 1 else f"{written['id']}#{number}",
                issued=issued,
                due=date.fromisoformat(day),
                minor=parse_minor(amount, currency),
                currency=currency,
            )
            for number, (day, amount) in enumerate(slices, start=1)
        ]
        if "paid" in written:
            books.pay(
                self, self.customer(written["customer"]), Decimal(written["paid"]), day=issued, currency=currency,
                on={written["id"]: None},
            )  # fmt: skip

    def _days_of(self, written: dict[str, Any]) -> tuple[date, date]:
        """Return issue and due day: given, or long enough before the first step to be as overdue as the case says."""
        if "overdue" in written:
            if written["overdue"]:
                due = self.history_days()[0] - timedelta(days=30)
                return due, due
            return self.history_days()[0] - timedelta(days=30), self.days[-1] + timedelta(days=30)
        start = BASE_DAY if self.given.keys() & {"interest", "recovery_cost"} else self.history_days()[0]
        due = date.fromisoformat(written["due"]) if "due" in written else None
        issued = date.fromisoformat(written["issued"]) if "issued" in written else min(due or start, start)
        return issued, due or issued

    def _charge(self, number: int, day: date, amount: str) -> None:
        """Book a charge beside a debt in installments: it is due with the first installment from its day on."""
        dues = sorted(part.due for parts in self.parts.values() for part in parts)
        due = next((due for due in dues if due >= day), day)
        customer = self.the_customer()
        self.parts[f"charge {number}"] = [
            books.book_item(
                self, customer=customer, number=f"CHARGE-{number}", issued=day, due=due,
                minor=parse_minor(amount, self.currency), currency=self.currency, kind="DEBIT_NOTE",
            )
        ]  # fmt: skip

    def history_days(self) -> list[date]:
        """Return the days of the runs that came before the first step: given, or counted back from what is given."""
        sent = [date.fromisoformat(day) for day in self.given.get("sent", [])]
        last = {date.fromisoformat(day) for day in self.given.get("last_attempt", {}).values()}
        counts = set(self.given.get("attempts", {}).values())
        if len(last) > 1 or len(counts) > 1:
            raise Unsupported(what="attempts: customers with different histories")
        gap = timedelta(days=self.given.get("campaign", {}).get("days_between", 1))
        end = last.pop() if last else self.day - gap
        count = counts.pop() if counts else (1 if self.given.get("last_attempt") else 0)
        return [*sent, *(end - gap * back for back in reversed(range(count)))] or [self.day]

    # --- names ------------------------------------------------------------------------------------------

    def customer(self, name: str) -> Customer:
        """Return a customer by the case's name."""
        if name not in self.customers:
            raise Unsupported(what=f"words: there is no customer {name}")
        return self.customers[name]

    def the_customer(self) -> Customer:
        """Return the only customer."""
        if len(self.customers) != 1:
            raise Unsupported(what="words: more than one customer, and none is named")
        return next(iter(self.customers.values()))

    def parts_of(self, name: str) -> list[books.Part]:
        """Return what an item of the case is in the ledger: "I1", or one installment "I1#2"."""
        whole, _, number = name.partition("#")
        if whole not in self.parts or (number and int(number) > len(self.parts[whole])):
            raise Unsupported(what=f"words: there is no item {name}")
        return self.parts[whole][int(number) - 1 :][:1] if number else self.parts[whole]

    def customer_in(self, deed: Deed) -> Customer | None:
        """Take the next word if it names a customer."""
        if deed.words and deed.words[0] in self.customers:
            return self.customer(deed.word())
        return None

    def items_in(self, deed: Deed) -> list[str]:
        """Take the words that name items."""
        found = []
        while deed.words and deed.words[0].partition("#")[0] in self.parts:
            found.append(deed.word())
        return found

    def all_parts(self, customers: Iterable[Customer] | None = None) -> list[books.Part]:
        """Return every item, of everybody or of some."""
        wanted = None if customers is None else {customer.pk for customer in customers}
        parts = [part for parts in self.parts.values() for part in parts]
        return [part for part in parts if wanted is None or part.customer_id in wanted]
