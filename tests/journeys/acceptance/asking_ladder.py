"""What the ladder did: levels, reminders, messages, the next day."""

from typing import Any

from django.utils.translation import override

from huikuan.outreach.models import Delivery
from huikuan.runs.queries.warnings import words
from tests.journeys.acceptance import books, days, ladders, looking, policing, standing
from tests.journeys.acceptance.asking import key, named
from tests.journeys.acceptance.words import Deed, Unsupported
from tests.journeys.acceptance.world import World


@key("level")
def level(world: World, deed: Deed, expected: Any) -> Any:
    """See decision record 0030."""
    return {name: standing.level_of(world, name) for name in named(expected, "level")}


@key("count", "count_new")
def count(world: World, deed: Deed, expected: Any) -> Any:
    """How many items the contacts that the run newly decided list; of a summary, how many unpaid."""
    if deed.verb == "summary":
        return len(books.unpaid(world))
    return len(_newly_reminded(world))


def _newly_reminded(world: World) -> list[dict[str, Any]]:
    parts = {part.name: part for part in world.all_parts()}
    newly = {(rung.customer_id, rung.currency) for rung in world.told.get("decisions", [])}
    single = {item_id for rung in world.told.get("decisions", []) for item_id in rung.item_ids}
    listed = [(each, parts[each["item"]]) for each in standing.reminders(world)]
    return [
        each for each, part in listed if (part.pk in single if single else (part.customer_id, part.currency) in newly)
    ]


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
    return {name: policing.contact_count(world.customer(name)) for name in named(expected, "attempts")}


@key("request")
def request(world: World, deed: Deed, expected: Any) -> Any:
    """The items that the messages to the customer list: they are composed when they leave, so they are sent first."""
    days.send(world)
    return {name: policing.items_listed(world.customer(name)) for name in named(expected, "request")}


@key("next")
def next_day(world: World, deed: Deed, expected: Any) -> Any:
    """The day of the next action of the case."""
    return {name: policing.next_action_on(world.customer(name)) for name in named(expected, "next")}


@key("warning")
def warning(world: World, deed: Deed, expected: Any) -> Any:
    """The warning of the run that says it, in whatever further words."""
    with override("en"):
        said = [words(each) for each in world.told["run"].warnings]
    return next((expected for text in said if expected in text), said)


@key("channel")
def channel(world: World, deed: Deed, expected: Any) -> Any:
    """By what the last step reaches the customer of an item."""
    return {name: standing.channel_of(world, name) for name in named(expected, "channel")}


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
        listed = [
            (line["number"], ladders.level_of(line.get("step_code", delivery.step_code)))
            for line in delivery.message.facts["items"]
        ]
        found += [{"to": mail.address, "level": level, "item": name} for name, level in listed]
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
