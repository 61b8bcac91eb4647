"""What is owed, how late it is, and what the rules say of it."""

from typing import Any

from huikuan.kernel.money import format_decimal
from tests.journeys.acceptance import books, looking, sums
from tests.journeys.acceptance.asking import key, money, named
from tests.journeys.acceptance.words import Deed, Unsupported
from tests.journeys.acceptance.world import World

# --- what is owed ------------------------------------------------------------------------------------------


@key("open", "to_pay")
def open_now(world: World, deed: Deed, expected: Any) -> Any:
    """What is open of an item, installments together."""
    owed = looking.open_on_day(world)
    return {
        name: money(world, sum(owed.get(part.name, 0) for part in world.parts_of(name)))
        for name in named(expected, "open")
    }


@key("remaining")
def remaining(world: World, deed: Deed, expected: Any) -> Any:
    """What will remain of an item once everything booked has its day."""
    return {
        name: money(world, sum(books.open_minor(part) for part in world.parts_of(name)))
        for name in named(expected, "remaining")
    }


@key("future")
def future(world: World, deed: Deed, expected: Any) -> Any:
    """What is booked to pay an item on later days."""
    return {
        name: money(world, sum(looking.to_come(part, world.day) for part in world.parts_of(name)))
        for name in named(expected, "future")
    }


@key("paid")
def paid(world: World, deed: Deed, expected: Any) -> Any:
    """What money has paid of an item by the day; credit notes are no money."""
    return {
        name: money(world, sum(books.paid_minor(part, world.day) for part in world.parts_of(name)))
        for name in named(expected, "paid")
    }


@key("unpaid")
def unpaid(world: World, deed: Deed, expected: Any) -> Any:
    """What is open of each item named, or of all, or how many items are."""
    if isinstance(expected, dict):
        return open_now(world, deed, expected)
    owed = looking.open_on_day(world)
    return len(owed) if isinstance(expected, int) else money(world, sum(owed.values()))


@key("state")
def state(world: World, deed: Deed, expected: Any) -> Any:
    """The word that the case expects, when it is true of the item; else what is true of it."""
    return {name: sums.state_of(world, name, word) for name, word in expected.items()}


@key("rows")
def rows(world: World, deed: Deed, expected: Any) -> Any:
    """The list of what is open, item by item, and what is on account."""
    listed = [
        [row.key, format_decimal(row.total_minor, row.currency)]
        for row in looking.report(world).rows
        if row.total_minor
    ]
    coming = [[name, money(world, minor)] for name, minor in looking.on_account_rows(world)]
    found = [*listed, *coming]
    if sorted(map(tuple, found)) == sorted(map(tuple, expected)):
        return expected  # a list has no order of its own here
    return found


@key("balance")
def balance(world: World, deed: Deed, expected: Any) -> Any:
    """What a customer owes, less what is on account."""
    by_customer = {row.key: row.total_minor + row.on_account_minor for row in looking.report(world, by="customer").rows}
    if not isinstance(expected, dict):
        return money(world, by_customer.get(world.the_customer().code, 0))
    return {name: money(world, by_customer.get(world.customer(name).code, 0)) for name in expected}


@key("unallocated")
def unallocated(world: World, deed: Deed, expected: Any) -> Any:
    """What a customer has on account."""
    return {name: money(world, books.unapplied_minor(world.customer(name))) for name in named(expected, "unallocated")}


@key("total")
def total(world: World, deed: Deed, expected: Any) -> Any:
    """Of a list the sum per customer; of a claim what it asks for; of a summary what is unpaid."""
    if isinstance(expected, dict):
        owed = {row.key: row.total_minor for row in looking.report(world, by="customer").rows}
        return {name: money(world, owed.get(world.customer(name).code, 0)) for name in expected}
    if deed.verb == "summary":
        return money(world, sum(minor for _part, minor in books.unpaid(world)))
    if deed.verb == "interest":
        return money(world, sums.with_interest(world))
    return sums.claim_amount(world, "total")


@key("grand_total")
def grand_total(world: World, deed: Deed, expected: Any) -> Any:
    """The total of the list; of one currency, since currencies are never added."""
    totals = looking.report(world, by="customer").totals
    if len(totals) > 1:
        raise Unsupported(what="expect: grand_total over several currencies")
    return money(world, totals[0].total_minor if totals else 0)


@key("oldest")
def oldest(world: World, deed: Deed, expected: Any) -> Any:
    """The day of the oldest unpaid item."""
    return books.oldest_issue(world)


@key("overdue")
def overdue(world: World, deed: Deed, expected: Any) -> Any:
    """What is overdue."""
    return money(world, sum(row.overdue_minor for row in looking.overdue_rows(world)))


@key("overdue_count")
def overdue_count(world: World, deed: Deed, expected: Any) -> Any:
    """How many items are."""
    return len(looking.overdue_rows(world))


@key("draft")
def draft(world: World, deed: Deed, expected: Any) -> Any:
    """What is written but not issued: it is in no ledger, so nothing of it can be owed."""
    raise Unsupported(what="expect: draft, since the ledger has no drafts")


# --- how late ----------------------------------------------------------------------------------------------


@key("buckets")
def buckets(world: World, deed: Deed, expected: Any) -> Any:
    """What is overdue by the classes of the case."""
    return {name: money(world, minor) for name, minor in looking.buckets(world).items()}


@key("past_due_days")
def past_due_days(world: World, deed: Deed, expected: Any) -> Any:
    """How late the oldest overdue item is."""
    return sums.days_late(world)


@key("delinquent_days")
def delinquent_days(world: World, deed: Deed, expected: Any) -> Any:
    """The same, the days of grace not counted."""
    return max(0, sums.days_late(world) - world.given.get("grace_days", 0))


@key("cls")
def cls(world: World, deed: Deed, expected: Any) -> Any:
    """The class of the oldest overdue item: the last one that holds any."""
    held = looking.buckets(world)
    names = [each["name"] for each in sorted(world.given["classes"], key=lambda each: each["from"])]
    return next((name for name in reversed(names) if name in held), None)


@key("amount")
def amount(world: World, deed: Deed, expected: Any) -> Any:
    """What is past due."""
    return overdue(world, deed, expected)


# --- rules -------------------------------------------------------------------------------------------------


@key("due")
def due(world: World, deed: Deed, expected: Any) -> Any:
    """The due day by the terms; of a schedule, that of its invoice."""
    if deed.verb == "plan":
        return world.all_parts()[0].due.isoformat()
    return sums.due_on(world)


@key("interest")
def interest(world: World, deed: Deed, expected: Any) -> Any:
    """The penalty as of the day; of a claim, what it states."""
    if deed.verb == "make_claim":
        return sums.claim_amount(world, "interest")
    return money(world, sums.penalty_minor(world, world.day))


@key("per_year")
def per_year(world: World, deed: Deed, expected: Any) -> Any:
    """What a year of the rate's own length bears, on the whole principal and rounded once."""
    return money(world, sums.penalty_of_principal(world, days=world.given["interest"].get("day_count", 365)))


@key("per_day")
def per_day(world: World, deed: Deed, expected: Any) -> Any:
    """What one day bears, on the whole principal."""
    return money(world, sums.penalty_of_principal(world, days=1))


@key("cost", "recovery_cost")
def cost(world: World, deed: Deed, expected: Any) -> Any:
    """The fixed cost of recovery: of an amount put to it, or of the items."""
    if "principal" in world.told:
        return money(world, sums.recovery_cost(world, world.told["principal"]))
    return money(world, sums.recovery_cost_of_items(world))


@key("fee")
def fee(world: World, deed: Deed, expected: Any) -> Any:
    """The fee of a step, in the currency of the debt; of a claim, what it states."""
    return sums.claim_amount(world, "fee") if deed.verb == "make_claim" else sums.fee(world)


@key("outstanding")
def outstanding(world: World, deed: Deed, expected: Any) -> Any:
    """What a claim states as principal."""
    return sums.claim_amount(world, "outstanding")


@key("extra")
def extra(world: World, deed: Deed, expected: Any) -> Any:
    """What a claim states beside the principal."""
    return sums.claim_amount(world, "extra")


@key("claim")
def claim(world: World, deed: Deed, expected: Any) -> Any:
    """Resolved when nothing is open of any item that the claim listed; of interest, what it comes to with the debt."""
    if deed.verb == "interest":
        return money(world, sums.with_interest(world))
    if not world.claimed:
        raise Unsupported(what="expect: claim before one was made")
    owed = looking.open_on_day(world)
    return "unresolved" if any(owed.get(part.name) for part in world.claimed) else "resolved"


@key("written_off")
def written_off(world: World, deed: Deed, expected: Any) -> Any:
    """What was given up; negative: what was kept."""
    return money(world, books.written_off_minor(world))


@key("split")
def split(world: World, deed: Deed, expected: Any) -> Any:
    """What the last line paid, and what is left of it."""
    return [money(world, minor) for minor in books.split_of(world.receipts[-1])]


@key("journal_balance")
def journal_balance(world: World, deed: Deed, expected: Any) -> Any:
    """What the lines of the statement still hold: none once each was set off against its return."""
    left = sum(books.unapplied_minor(customer) for customer in world.customers.values())
    return "none" if left == 0 and not world.receipts else money(world, left)
