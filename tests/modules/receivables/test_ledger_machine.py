"""Whatever is booked, received, allocated, taken back, credited and written off, the ledger adds up like the twin."""

from collections import defaultdict
from datetime import date, timedelta

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from huikuan.kernel.refusal import Refusal
from huikuan.parties.models import Customer, Entity
from huikuan.receivables.commands.allocations import (
    AllocationExceedsItem,
    AllocationTooEarly,
    Wish,
    allocate,
    reverse_allocation,
)
from huikuan.receivables.commands.bulk import allocate_on_account
from huikuan.receivables.commands.credit_notes import apply_credit_note, book_credit_note, cancel_credit_note
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.receipts import book_receipt
from huikuan.receivables.commands.write_offs import write_off
from huikuan.receivables.models import Allocation, CreditNote, OpenItem, Receipt
from huikuan.receivables.queries.frames import Scope, item_frame, on_account_frame
from huikuan.receivables.queries.verify import verify
from tests.people import NOON

FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 60).map(lambda offset: FIRST + timedelta(days=offset))
AMOUNTS = st.integers(1, 500)
PICK = st.integers(0, 10**6)


class Ledger(RuleBasedStateMachine):
    """Two customers, one currency each way; the twin is two dictionaries and a list of what was done."""

    def __init__(self):
        super().__init__()
        self.story = transaction.atomic()
        self.story.__enter__()

    @initialize()
    def open_books(self):
        entity = Entity.objects.create(code="MAIN", name="华泰建材有限公司", created_at=NOON)
        self.entity_id = entity.pk
        self.customers = [
            Customer.objects.create(entity=entity, code=code, name=code, created_at=NOON).pk
            for code in ("TIANHE", "BINHAI")
        ]
        self.owed, self.free = {}, {}
        self.owner, self.since = {}, {}
        self.moves = []
        self.count = 0

    def number(self):
        self.count += 1
        return f"N-{self.count}"

    def note(self, made):
        for each in made:
            source = ("receipt", each.receipt_id) if each.receipt_id else ("note", each.credit_note_id)
            source = None if each.write_off_id else source
            self.owed[each.item_id] -= each.amount_minor
            if source is not None:
                self.free[source] -= each.amount_minor
            self.moves.append((each.item_id, source, each.amount_minor, each.effective_on))

    @rule(pick=PICK, amount=AMOUNTS, issued_on=DAYS, term=st.integers(-3, 40), currency=st.sampled_from(["CNY", "USD"]))
    def book(self, pick, amount, issued_on, term, currency):
        customer_id = self.customers[pick % 2]
        item = book_item(customer_id=customer_id, number=self.number(), amount_minor=amount, issued_on=issued_on,
                         due_on=issued_on + timedelta(days=term), currency=currency, actor=None, now=NOON)  # fmt: skip
        self.owed[item.pk] = amount
        self.owner[item.pk], self.since[item.pk] = (customer_id, currency), (issued_on, amount)

    @rule(pick=PICK, amount=AMOUNTS, day=DAYS, at_once=st.booleans(), currency=st.sampled_from(["CNY", "USD"]))
    def receive(self, pick, amount, day, at_once, currency):
        customer_id = self.customers[pick % 2]
        receipt = book_receipt(customer_id=customer_id, reference=self.number(), amount_minor=amount, received_on=day,
                               currency=currency, wish=Wish() if at_once else None, actor=None, now=NOON)  # fmt: skip
        source = ("receipt", receipt.pk)
        self.free[source] = amount
        self.owner[source], self.since[source] = (customer_id, currency), (day, amount)
        self.note(receipt.allocations.all())

    @rule(pick=PICK, amount=AMOUNTS, day=DAYS)
    def credit(self, pick, amount, day):
        customer_id = self.customers[pick % 2]
        note = book_credit_note(customer_id=customer_id, number=self.number(), amount_minor=amount, issued_on=day,
                                actor=None, now=NOON)  # fmt: skip
        source = ("note", note.pk)
        self.free[source] = amount
        self.owner[source], self.since[source] = (customer_id, "CNY"), (day, amount)

    @precondition(lambda self: self.free and self.owed)
    @rule(pick=PICK, other=PICK, amount=AMOUNTS, by_hand=st.booleans())
    def pay(self, pick, other, amount, by_hand):
        kind, pk = sorted(self.free)[pick % len(self.free)]
        item_id = sorted(self.owed)[other % len(self.owed)]
        wish = Wish(amounts={item_id: amount}) if by_hand else Wish()
        possible = (
            self.owner[kind, pk] == self.owner[item_id] and amount <= min(self.free[kind, pk], self.owed[item_id])
            if by_hand
            else self.free[kind, pk] and any(
                self.owed[each] for each in self.owed if self.owner[each] == self.owner[kind, pk]
            )
        )  # fmt: skip
        try:
            if kind == "receipt":
                made = allocate(receipt_id=pk, wish=wish, actor=None, now=NOON)
            else:
                made = apply_credit_note(credit_note_id=pk, wish=wish, actor=None, now=NOON)
        except Refusal:
            assert not possible
        else:
            assert possible
            self.note(made)

    @precondition(lambda self: self.moves)
    @rule(pick=PICK, later=st.integers(0, 30), as_if_never=st.booleans())
    def take_back(self, pick, later, as_if_never):
        standing = list(Allocation.objects.filter(reverses=None, reversed_by=None).order_by("pk"))
        if not standing:
            return
        wrong = standing[pick % len(standing)]
        self.note([
            reverse_allocation(allocation_id=wrong.pk, reason="wrong", actor=None, now=NOON, as_if_never=as_if_never,
                               effective_on=wrong.effective_on + timedelta(days=later))
        ])  # fmt: skip

    @precondition(lambda self: self.owed)
    @rule(pick=PICK, amount=AMOUNTS, later=st.integers(0, 60))
    def give_up(self, pick, amount, later):
        item_id = sorted(self.owed)[pick % len(self.owed)]
        day = self.since[item_id][0] + timedelta(days=later)
        try:
            made = write_off(item_id=item_id, amount_minor=amount, written_off_on=day, reason="insolvent", actor=None,
                             now=NOON)  # fmt: skip
        except AllocationExceedsItem:
            assert amount > self.owed[item_id]
        except AllocationTooEarly:
            assert any(moved == item_id and minor < 0 for moved, _source, minor, _day in self.moves)
        else:
            assert amount <= self.owed[item_id]
            self.note(made.allocations.all())

    @precondition(lambda self: any(kind == "note" for kind, _ in self.free))
    @rule(pick=PICK)
    def cancel_credit(self, pick):
        notes = sorted(pk for kind, pk in self.free if kind == "note")
        try:
            self.note(cancel_credit_note(credit_note_id=notes[pick % len(notes)], reason="wrong", actor=None, now=NOON))
        except Refusal:
            assert not Allocation.objects.filter(
                credit_note=notes[pick % len(notes)], reverses=None, reversed_by=None
            ).exists()

    @rule()
    def settle_everything(self):
        before = Allocation.objects.count()
        last = Allocation.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        count = allocate_on_account(entity_id=self.entity_id, actor=None, now=NOON)
        assert Allocation.objects.count() - before == count
        self.note(Allocation.objects.filter(pk__gt=last))
        for account in set(self.owner.values()):
            owed = sum(minor for each, minor in self.owed.items() if self.owner[each] == account)
            free = sum(minor for each, minor in self.free.items() if self.owner[each] == account)
            assert not (owed and free), "money and debt of one account cannot both be left"

    @invariant()
    def balances_are_those_of_the_twin(self):
        if not hasattr(self, "owed"):
            return
        assert dict(OpenItem.objects.values_list("pk", "open_minor")) == self.owed
        held = {("receipt", pk): minor for pk, minor in Receipt.objects.values_list("pk", "unapplied_minor")}
        held |= {("note", pk): minor for pk, minor in CreditNote.objects.values_list("pk", "unapplied_minor")}
        assert held == self.free
        assert min([0, *self.owed.values(), *self.free.values()]) == 0

    @invariant()
    def what_is_settled_was_settled_on_the_last_day_that_moved(self):
        if not hasattr(self, "moves"):
            return
        for item_id, settled_on in OpenItem.objects.values_list("pk", "settled_on"):
            moved = defaultdict(int)
            for moved_id, _source, minor, day in self.moves:
                if moved_id == item_id:
                    moved[day] += minor
            last = max((day for day, minor in moved.items() if minor), default=None)
            assert settled_on == (None if self.owed[item_id] else last)

    @invariant()
    def every_past_day_is_possible(self):
        """On any day, for items and for money alike: nothing below zero, nothing above the amount."""
        if not hasattr(self, "moves"):
            return
        moved = defaultdict(lambda: defaultdict(int))
        for item_id, source, minor, day in self.moves:
            moved[item_id][day] += minor
            if source is not None:
                moved[source][day] += minor
        for thing, days in moved.items():
            since, amount = self.since[thing]
            used = 0
            for day in sorted(days):
                used += days[day]
                assert day >= since
                assert 0 <= used <= amount

    def teardown(self):
        try:
            if hasattr(self, "owed"):
                assert verify().is_right
                self.compare_as_of()
        finally:
            transaction.set_rollback(True)
            self.story.__exit__(None, None, None)

    def compare_as_of(self):
        """The frames of a past day say what the twin remembers of it."""
        day = FIRST + timedelta(days=45)
        scope = Scope(as_of=day, entity_id=self.entity_id)
        paid = defaultdict(int)
        for item_id, source, minor, on in self.moves:
            if on <= day:
                paid[item_id] += minor
                paid[source] += minor
        wanted = {
            each: amount - paid[each]
            for each, (since, amount) in self.since.items()
            if since <= day and amount != paid[each]
        }
        found = item_frame(scope)
        assert dict(found.select("item_id", "open_minor").iter_rows()) == {
            each: minor for each, minor in wanted.items() if isinstance(each, int)
        }
        on_account = defaultdict(int)
        for each, minor in wanted.items():
            if not isinstance(each, int):
                on_account[self.owner[each]] += minor
        found_money = {(customer, currency): minor for customer, currency, minor in on_account_frame(scope).iter_rows()}
        assert found_money == dict(on_account)


def test_the_ledger_adds_up_whatever_is_done(db):
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            settings(), max_examples=15, stateful_step_count=18,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )  # fmt: skip
