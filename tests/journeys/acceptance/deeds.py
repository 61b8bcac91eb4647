"""What is done in a case: each verb is a command of ours, and nothing is worked out here."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from huikuan.cash.commands.receive import allocate_money
from huikuan.cash.commands.reverse import Why, reverse_money
from huikuan.parties.models import Customer
from huikuan.policy.commands import place_hold
from huikuan.policy.commands import resume as end_pause
from huikuan.receivables.commands.allocations import Wish
from tests.journeys.acceptance import books, days, ladders, policing
from tests.journeys.acceptance.words import Deed, Unsupported
from tests.journeys.acceptance.world import World

Act = Callable[[World, Deed], None]
DEEDS: dict[str, Act] = {}


def verb(*names: str) -> Callable[[Act], Act]:
    """Register what carries out a verb."""

    def register(act: Act) -> Act:
        DEEDS.update(dict.fromkeys(names, act))
        return act

    return register


def perform(world: World, deed: Deed) -> None:
    """Carry a step out. Raises Unsupported; a refusal is kept in `world.refusal`."""
    act = DEEDS.get(deed.verb)
    if act is None:
        raise Unsupported(what=f"verb: {deed.verb}")
    act(world, deed)
    deed.finish()


# --- money -------------------------------------------------------------------------------------------------


@verb("pay", "pay_claim", "start_payment")
def pay(world: World, deed: Deed) -> None:
    """Book money: on the items named, else by the order rule; "pay I1" and "pay all" pay what is open."""
    if deed.flag("all"):
        for customer in world.customers.values():
            _pay_whole(world, world.all_parts([customer]))
        return
    if items := world.items_in(deed):
        _pay_whole(world, [part for name in items for part in world.parts_of(name)])
        return
    customer = world.customer_in(deed) or world.the_customer()
    amount, currency = deed.amount()
    rest = deed.option("rest")
    if rest not in {None, "keep", "writeoff"}:
        raise Unsupported(what=f"words: {deed.verb} rest={rest}")
    books.pay(world, customer, amount, on=deed.on(), currency=currency, day=_dated(world, deed))
    if rest == "writeoff":
        books.keep_surplus(world)


def _pay_whole(world: World, parts: list[books.Part]) -> None:
    """Pay everything open in the items, one receipt per customer and currency."""
    sums: dict[tuple[int, str], list[books.Part]] = {}
    for part in parts:
        if books.open_minor(part):
            sums.setdefault((part.customer_id, part.currency), []).append(part)
    for (customer_id, _currency), owed in sums.items():
        books.pay_parts(world, Customer.objects.get(pk=customer_id), owed)


def _dated(world: World, deed: Deed) -> date:
    written = deed.option("dated")
    return date.fromisoformat(written) if written else world.day


@verb("bank_line")
def bank_line(world: World, deed: Deed) -> None:
    """Book a line of the bank's statement for an item; what the item does not need stays on account."""
    customer = world.customer_in(deed) or world.the_customer()
    amount, currency = deed.amount()
    books.pay(world, customer, amount, on=deed.on(), currency=currency, day=world.day)


@verb("bank_rest")
def bank_rest(world: World, deed: Deed) -> None:
    """Let what is left of the last line pay another item."""
    named = [part.pk for name in deed.on() or {} for part in world.parts_of(name)]
    wish = Wish(designated=named, only_designated=True)
    allocate_money(receipt_id=world.receipts[-1].pk, actor=world.clerk, now=world.now(), wish=wish)


@verb("cancel_statement")
def cancel_statement(world: World, deed: Deed) -> None:
    """Take back every line of it: it was never there."""
    while world.receipts:
        reverse_money(
            receipt_id=world.receipts.pop().pk, why=Why.MISTAKEN, reason="as the case says", actor=world.clerk,
            now=world.now(),
        )  # fmt: skip


@verb("auto_match")
def auto_match(world: World, deed: Deed) -> None:
    """Let everything on account pay."""
    books.match(world)


@verb("match")
def match(world: World, deed: Deed) -> None:
    """Let everything on account pay; with a write-off, what is then left of items partly paid is given up."""
    books.match(world)
    if deed.flag("with_writeoff"):
        for part, _minor in books.unpaid(world):
            if books.paid_minor(part, world.day):
                world.write_offs.setdefault(part.name, []).append(books.write_off(world, part, kind="DIFFERENCE"))


@verb("write_off")
def write_off(world: World, deed: Deed) -> None:
    """Write off what is open of items."""
    for name in world.items_in(deed):
        world.write_offs[name] = [books.write_off(world, part) for part in world.parts_of(name)]


@verb("undo_write_off")
def undo_write_off(world: World, deed: Deed) -> None:
    """Take a write-off back."""
    for name in world.items_in(deed):
        for write_off_id in world.write_offs.pop(name, []):
            books.undo_write_off(world, write_off_id)


@verb("pause")
def pause(world: World, deed: Deed) -> None:
    """Pause the customer by hand from a day to another."""
    customer = world.customer_in(deed) or world.the_customer()
    first, _, last = deed.word().partition("..")
    place_hold(
        customer_id=customer.pk, kind="MANUAL", starts_on=date.fromisoformat(first), ends_on=date.fromisoformat(last),
        reason="as the case says", actor=world.clerk, now=world.now(),
    )  # fmt: skip


@verb("resume")
def resume(world: World, deed: Deed) -> None:
    """End the pause."""
    customer = world.customer_in(deed) or world.the_customer()
    end_pause(
        customer_id=customer.pk, on=_dated(world, deed), today=world.day, actor=world.clerk, now=world.now()
    )  # fmt: skip


@verb("receive")
def receive(world: World, deed: Deed) -> None:
    """Book money on account."""
    customer = world.customer_in(deed) or world.the_customer()
    amount, currency = deed.amount()
    if not deed.flag("unallocated"):
        raise Unsupported(what="words: receive that is not unallocated")
    books.receive(world, customer, amount, currency=currency, day=_dated(world, deed))


@verb("allocate")
def allocate(world: World, deed: Deed) -> None:
    """Allocate what is on account by the order rule."""
    customer = world.customer_in(deed)
    for each in [customer] if customer else world.customers.values():
        books.allocate(world, each)


@verb("credit_note", "goodwill", "credit")
def credit_note(world: World, deed: Deed) -> None:
    """Book a credit note: on the items named, unallocated, or by the order rule."""
    customer = world.customer_in(deed)
    amount, currency = deed.amount()
    on = deed.on()
    if customer is None and on:
        customer = Customer.objects.get(pk=world.parts_of(next(iter(on)))[0].customer_id)
    books.credit(
        world, customer or world.the_customer(), amount, on=on, currency=currency, day=_dated(world, deed),
        allocated=not deed.flag("unallocated"),
    )  # fmt: skip


@verb("cancel_credit_note")
def cancel_credit_note(world: World, deed: Deed) -> None:
    """Cancel the last credit note."""
    books.cancel_credit(world)


@verb("cancel_payment", "fail_payment")
def cancel_payment(world: World, deed: Deed) -> None:
    """Reverse the last receipt: the money did not come, or went back."""
    books.reverse_receipt(world, world.receipts.pop() if world.receipts else None)


@verb("refund", "chargeback")
def refund(world: World, deed: Deed) -> None:
    """Reverse the receipt that paid an item, without crediting the item."""
    for name in world.items_in(deed) or [deed.word()]:
        books.reverse_receipt(world, books.paid_by(world, world.parts_of(name)))


@verb("undo_chargeback")
def undo_chargeback(world: World, deed: Deed) -> None:
    """Book the money that came after all."""
    for name in world.items_in(deed) or [deed.word()]:
        _pay_whole(world, world.parts_of(name))


@verb("invoice")
def invoice(world: World, deed: Deed) -> None:
    """Issue an item, due on the day unless the words say otherwise."""
    customer = world.customer_in(deed) or world.the_customer()
    amount, currency = deed.amount()
    written = {"id": f"I{len(world.parts) + 1}", "customer": customer.code, "amount": str(amount)}
    day = world.day.isoformat()
    issued = deed.option("issued") or day
    due = deed.option("due") or issued
    world.issue({**written, "issued": issued, "due": due, **({"currency": currency} if currency else {})})


@verb("post")
def post(world: World, deed: Deed) -> None:
    """Issue a draft."""
    name = deed.word()
    if name not in world.drafts:
        raise Unsupported(what=f"words: {name} is no draft")
    written = world.drafts.pop(name)
    due = deed.option("due")
    world.issue({**written, **({"due": due, "issued": min(due, world.day.isoformat())} if due else {})})


# --- reading -----------------------------------------------------------------------------------------------


@verb("ageing", "classify", "summary", "evaluate")  # codespell:ignore ageing
def look(world: World, deed: Deed) -> None:
    """Do nothing: what is asked for is read as of the day."""


@verb("open_items")
def open_items(world: World, deed: Deed) -> None:
    """Say how the list is to be made."""
    by = deed.option("by")
    if by not in {None, "user"}:
        raise Unsupported(what=f"words: open_items by={by}")
    group = deed.option("group")
    if group not in {None, "customer"}:
        raise Unsupported(what=f"words: open_items group={group}")
    world.told["user"] = world.user if by else None


@verb("overdue_of")
def overdue_of(world: World, deed: Deed) -> None:
    """Say whose list is meant."""
    world.told["customers"] = [world.customer(deed.word())]


@verb("due_date", "interest", "compute_fee")
def work_out(world: World, deed: Deed) -> None:
    """Do nothing: a rule of ours answers when it is asked (`sums`)."""


@verb("recovery_cost")
def recovery_cost(world: World, deed: Deed) -> None:
    """Say for which amount."""
    world.told["principal"] = deed.amount()[0]


# --- the run -----------------------------------------------------------------------------------------------


@verb("run_reminders", "run_campaign")
def run(world: World, deed: Deed) -> None:
    """Run the day; and at a named instant, let the worker send what may leave by then."""
    days.run(world)
    if world.instant is not None:
        days.send(world, until=world.instant)


@verb("send_all")
def send_all(world: World, deed: Deed) -> None:
    """Let the worker work until nothing waits."""
    days.send(world)


@verb("make_claim")
def make_claim(world: World, deed: Deed) -> None:
    """Run the day and send: a claim is the notice that leaves, with what it then states."""
    days.run(world)
    days.send(world)
    world.told["claim"] = days.last_message(world)
    world.claimed = days.claimed_parts(world) or world.claimed


@verb("plan")
def plan(world: World, deed: Deed) -> None:
    """Do nothing: the dates come from running the days to come."""


@verb("save_policy")
def save_policy(world: World, deed: Deed) -> None:
    """Upload the policy that the case states."""
    world.upload(ladders.from_policy(world.given["policy"]))


@verb("set_next")
def set_next(world: World, deed: Deed) -> None:
    """Agree with the customer to wait until a day."""
    policing.agree_to_wait(world, world.customer(deed.word()), date.fromisoformat(deed.word()))


# --- holds -------------------------------------------------------------------------------------------------


@verb("block", "exempt")
def block(world: World, deed: Deed) -> None:
    """Hold an item, or a customer, until further notice: for as long as the policy lets a hold last."""
    name = deed.word()
    policing.hold(world, name, starts=world.day, ends=world.day + timedelta(days=3649), kind="MANUAL")


@verb("unblock", "unexempt")
def unblock(world: World, deed: Deed) -> None:
    """Release what is held."""
    policing.release(world, deed.word())


@verb("test")
def test(world: World, deed: Deed) -> None:
    """Book a fresh customer as the words say, so that the condition can be put to the ladder.

    "2": so many items (a condition of counts) or so much owed (of amounts); "20 days, 50.00": so old and so much.
    """
    words, deed.words = list(deed.words), []
    condition = world.given.get("condition", {})
    if {"count", "amount"} <= condition.keys():
        raise Unsupported(what="test: a number that may be a count or an amount")
    days_old, amount, count = 0, None, 1
    while words:
        word = words.pop(0)
        if words[:1] in (["days"], ["day"]):
            words.pop(0)
            days_old = int(word)
        elif "count" in condition:
            count = int(word)
        else:
            amount = Decimal(word)
    policing.owe(world, days_old=days_old, amount=amount, count=count)
