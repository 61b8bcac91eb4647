"""What a case expects: each key is a query of ours, shaped as the case writes it. Without a query: unsupported."""

from collections.abc import Callable
from typing import Any

from huikuan.kernel.money import format_decimal
from huikuan.outreach.models import Delivery
from huikuan.runs.queries.warnings import words
from tests.journeys.acceptance import books, days, ladders, looking, policing, standing, sums
from tests.journeys.acceptance.words import Deed, Unsupported
from tests.journeys.acceptance.world import World

Ask = Callable[[World, Deed, Any], Any]
ASK: dict[str, Ask] = {}


class Unasked:
    """The answer to a key that says nothing to check."""


def key(*names: str) -> Callable[[Ask], Ask]:
    """Register the query of a key."""

    def register(ask: Ask) -> Ask:
        ASK.update(dict.fromkeys(names, ask))
        return ask

    return register


def answer(world: World, deed: Deed, name: str, expected: Any) -> Any:
    """Return what the system says. Raises Unsupported."""
    ask = ASK.get(name)
    if ask is None:
        raise Unsupported(what=f"expect: {name}")
    return ask(world, deed, expected)


def _named(expected: Any, name: str) -> list[str]:
    if not isinstance(expected, dict):
        raise Unsupported(what=f"expect: {name} that names nobody")
    return list(expected)


def _money(world: World, minor: int) -> str:
    return format_decimal(minor, world.currency)


@key("note")
def note(world: World, deed: Deed, expected: Any) -> Any:
    """A remark of whoever wrote the case."""
    return expected


# --- how it went -------------------------------------------------------------------------------------------

REFUSALS = {
    "a more recent run exists": "runs.day-already-passed",
    "overlaps": "hold.overlaps",
    "no pause": "hold.over",
}
"""Words for which we know which refusal is meant; for others any refusal of the command will do."""


@key("error")
def error(world: World, deed: Deed, expected: Any) -> Any:
    """The refusal, told in the case's words when it is the one that is meant."""
    if world.refusal is None:
        return "nothing was refused"
    meant = REFUSALS.get(expected, world.refusal.code)
    return expected if world.refusal.code == meant else f"{world.refusal.code}: {world.refusal}"


@key("ok", "valid")
def went_well(world: World, deed: Deed, expected: Any) -> bool:
    """Whether it was not refused."""
    return world.refusal is None


# --- the ladder --------------------------------------------------------------------------------------------


@key("level")
def level(world: World, deed: Deed, expected: Any) -> Any:
    """See decision record 0030."""
    return {name: standing.level_of(world, name) for name in _named(expected, "level")}


@key("count", "count_new")
def count(world: World, deed: Deed, expected: Any) -> Any:
    """How many items the contacts that the run newly decided list; of a summary, how many unpaid."""
    if deed.verb == "summary":
        return len(books.unpaid(world))
    return len(_newly_reminded(world))


def _newly_reminded(world: World) -> list[dict[str, Any]]:
    parts = {part.name: part for part in world.all_parts()}
    newly = {(rung.customer_id, rung.currency) for rung in world.told.get("decisions", [])}
    listed = standing.reminders(world)
    return [each for each in listed if (parts[each["item"]].customer_id, parts[each["item"]].currency) in newly]


@key("reminders")
def reminders(world: World, deed: Deed, expected: Any) -> Any:
    """What is being reminded of, with the fields that the case asks for."""
    fields = set().union(*(set(each) for each in expected)) if expected else {"item", "level", "state"}
    known = {"item", "level", "state", "amount", "open", "level_reached_on", "blocked"}
    if fields - known:
        raise Unsupported(what=f"expect: reminders.{', '.join(sorted(fields - known))}")
    return [{name: each[name] for name in fields} for each in standing.reminders(world)]


@key("dunned_items")
def dunned_items(world: World, deed: Deed, expected: Any) -> Any:
    """The items being reminded of."""
    return sorted(each["item"] for each in standing.reminders(world) if not each["blocked"])


@key("sent")
def sent(world: World, deed: Deed, expected: Any) -> Any:
    """How many messages left by the instant; of a run of a day, how many contacts it decided."""
    return len(world.told["mails"]) if world.instant is not None else len(world.told.get("decisions", []))


@key("contacted")
def contacted(world: World, deed: Deed, expected: Any) -> Any:
    """Whom the run newly decided to contact."""
    newly = {rung.customer_id for rung in world.told.get("decisions", [])}
    return sorted(name for name, customer in world.customers.items() if customer.pk in newly)


@key("attempts")
def attempts(world: World, deed: Deed, expected: Any) -> Any:
    """How often the campaign contacted the customer."""
    return {name: policing.contact_count(world.customer(name)) for name in _named(expected, "attempts")}


@key("request")
def request(world: World, deed: Deed, expected: Any) -> Any:
    """The items that the messages to the customer list: they are composed when they leave, so they are sent first."""
    days.send(world)
    return {name: policing.items_listed(world.customer(name)) for name in _named(expected, "request")}


@key("next")
def next_day(world: World, deed: Deed, expected: Any) -> Any:
    """The day of the next action of the case."""
    return {name: policing.next_action_on(world.customer(name)) for name in _named(expected, "next")}


@key("warning")
def warning(world: World, deed: Deed, expected: Any) -> Any:
    """The warning of the run that says it, in whatever further words."""
    said = [words(each) for each in world.told["run"].warnings]
    return next((expected for text in said if expected in text), said)


@key("channel")
def channel(world: World, deed: Deed, expected: Any) -> Any:
    """By what the last step reaches the customer of an item."""
    return {name: standing.channel_of(world, name) for name in _named(expected, "channel")}


@key("letters")
def letters(world: World, deed: Deed, expected: Any) -> Any:
    """How many letters went out."""
    return len(world.told["letters"])


@key("emails")
def emails(world: World, deed: Deed, expected: Any) -> Any:
    """The e-mails that left, with what the record of each says."""
    found = []
    for mail in world.told["mails"]:
        delivery = Delivery.objects.get(key=mail.key)
        listed = [line["number"] for line in delivery.message.facts["items"]]
        level = ladders.level_of(delivery.step_code)
        found += [{"to": mail.address, "level": level, "item": name} for name in listed]
    return [{name: each[name] for name in fields} for each, fields in zip(found, expected, strict=False)] + found[
        len(expected) :
    ]


@key("emails_count")
def emails_count(world: World, deed: Deed, expected: Any) -> Any:
    """How many e-mails left."""
    return len(world.told["mails"])


@key("dates")
def dates(world: World, deed: Deed, expected: Any) -> Any:
    """The days of the contacts to come, as many as the case lists."""
    return days.dates_ahead(world, len(expected))


@key("result")
def result(world: World, deed: Deed, expected: Any) -> Any:
    """Whether the condition holds for what was put to it."""
    return looking.level_now(world, world.told["customers"][0]) > 0


# --- what is owed ------------------------------------------------------------------------------------------


@key("open", "to_pay")
def open_now(world: World, deed: Deed, expected: Any) -> Any:
    """What is open of an item, installments together."""
    owed = looking.open_on_day(world)
    return {
        name: _money(world, sum(owed.get(part.name, 0) for part in world.parts_of(name)))
        for name in _named(expected, "open")
    }


@key("remaining")
def remaining(world: World, deed: Deed, expected: Any) -> Any:
    """What will remain of an item once everything booked has its day."""
    return {
        name: _money(world, sum(books.open_minor(part) for part in world.parts_of(name)))
        for name in _named(expected, "remaining")
    }


@key("future")
def future(world: World, deed: Deed, expected: Any) -> Any:
    """What is booked to pay an item on later days."""
    return {
        name: _money(world, sum(looking.to_come(part, world.day) for part in world.parts_of(name)))
        for name in _named(expected, "future")
    }


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
    coming = [[name, _money(world, minor)] for name, minor in looking.on_account_rows(world)]
    found = [*listed, *coming]
    if sorted(map(tuple, found)) == sorted(map(tuple, expected)):
        return expected  # a list has no order of its own here
    return found


@key("balance")
def balance(world: World, deed: Deed, expected: Any) -> Any:
    """What a customer owes, less what is on account."""
    by_customer = {row.key: row.total_minor + row.on_account_minor for row in looking.report(world, by="customer").rows}
    if not isinstance(expected, dict):
        return _money(world, by_customer.get(world.the_customer().code, 0))
    return {name: _money(world, by_customer.get(world.customer(name).code, 0)) for name in expected}


@key("unallocated")
def unallocated(world: World, deed: Deed, expected: Any) -> Any:
    """What a customer has on account."""
    return {
        name: _money(world, books.unapplied_minor(world.customer(name))) for name in _named(expected, "unallocated")
    }


@key("total")
def total(world: World, deed: Deed, expected: Any) -> Any:
    """Of a list the sum per customer; of a claim what it asks for; of a summary what is unpaid."""
    if isinstance(expected, dict):
        owed = {row.key: row.total_minor for row in looking.report(world, by="customer").rows}
        return {name: _money(world, owed.get(world.customer(name).code, 0)) for name in expected}
    if deed.verb == "summary":
        return _money(world, sum(minor for _part, minor in books.unpaid(world)))
    return sums.claim_amount(world, "total")


@key("grand_total")
def grand_total(world: World, deed: Deed, expected: Any) -> Any:
    """The total of the list; of one currency, since currencies are never added."""
    totals = looking.report(world, by="customer").totals
    if len(totals) > 1:
        raise Unsupported(what="expect: grand_total over several currencies")
    return _money(world, totals[0].total_minor if totals else 0)


@key("oldest")
def oldest(world: World, deed: Deed, expected: Any) -> Any:
    """The day of the oldest unpaid item."""
    return books.oldest_issue(world)


@key("overdue")
def overdue(world: World, deed: Deed, expected: Any) -> Any:
    """What is overdue."""
    return _money(world, sum(row.overdue_minor for row in looking.overdue_rows(world)))


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
    return {name: _money(world, minor) for name, minor in looking.buckets(world).items()}


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
    return _money(world, sums.penalty_minor(world, world.day))


@key("per_year")
def per_year(world: World, deed: Deed, expected: Any) -> Any:
    """What a year of the rate's own length bears, on the whole principal and rounded once."""
    return _money(world, sums.penalty_of_principal(world, days=world.given["interest"].get("day_count", 365)))


@key("per_day")
def per_day(world: World, deed: Deed, expected: Any) -> Any:
    """What one day bears, on the whole principal."""
    return _money(world, sums.penalty_of_principal(world, days=1))


@key("cost", "recovery_cost")
def cost(world: World, deed: Deed, expected: Any) -> Any:
    """The fixed cost of recovery: of an amount put to it, or of the items."""
    if "principal" in world.told:
        return _money(world, sums.recovery_cost(world, world.told["principal"]))
    return _money(world, sums.recovery_cost_of_items(world))


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
    """Resolved when nothing is open of any item that the claim listed."""
    if not world.claimed:
        raise Unsupported(what="expect: claim before one was made")
    owed = looking.open_on_day(world)
    return "unresolved" if any(owed.get(part.name) for part in world.claimed) else "resolved"
