"""Looking at the day without changing it: the dry run, the aging report, the rules."""

from datetime import date
from typing import Any

import polars as pl
from django.db.models import Sum

from huikuan.exchange.queries.aging import AgingReport, AgingRow, aging_report
from huikuan.parties.models import Customer
from huikuan.policy.queries import holds_frame
from huikuan.policy.rules.holds import apply_holds
from huikuan.policy.rules.triggers import days_after
from huikuan.receivables.models import Allocation, Receipt
from huikuan.receivables.queries.frames import Scope, item_frame
from huikuan.runs.queries.preview import look_at_customer, preview
from tests.journeys.acceptance import ladders
from tests.journeys.acceptance.books import Part
from tests.journeys.acceptance.world import World


def level_now(world: World, customer: Customer, currency: str | None = None) -> int:
    """Return the highest level whose conditions hold on the day: what the dry run would do."""
    looked = preview(entity_id=world.entity.pk, as_of=world.day, now=world.now())
    taken = looked.decisions.filter((pl.col("action") != "SKIPPED") & (pl.col("customer_code") == customer.code))
    if currency is not None:
        taken = taken.filter(pl.col("currency") == currency)
    return max((ladders.level_of(code) for code in taken["step_code"]), default=0)


def item_level_now(world: World, part: Part) -> int:
    """Return the level of an item that climbs by itself, by the dry run."""
    _prepared, _policy, what = look_at_customer(Customer.objects.get(pk=part.customer_id), world.day, now=world.now())
    assert what.by_item is not None
    taken = what.by_item.steps.filter((pl.col("item_id") == part.pk) & (pl.col("action") == "TAKEN"))
    return max((ladders.level_of(code) for code in taken["step_code"]), default=0)


def exhausted_items(world: World, customer: Customer) -> set[int]:
    """Return the items that have no step left."""
    _prepared, _policy, what = look_at_customer(customer, world.day, now=world.now())
    assert what.by_item is not None
    return set(what.by_item.positions.filter("is_exhausted")["item_id"])


def report(
    world: World, *, by: str = "item", edges: tuple[int, ...] | None = None, as_of: date | None = None
) -> AgingReport:
    """Return the aging report of the day, of what the case lets the reader see."""
    customers = world.told.get("customers")
    return aging_report(
        as_of=as_of or world.day,
        by=by,
        entity_ids=[world.entity.pk],
        customers=Customer.objects.filter(pk__in=[each.pk for each in customers]) if customers else None,
        user=world.told.get("user"),
        **({"buckets": edges} if edges else {}),
    )


def open_on_day(world: World) -> dict[str, int]:
    """Return what is open on the day, by item."""
    return {row.key: row.total_minor for row in report(world).rows if row.total_minor}


def buckets(world: World) -> dict[str, int]:
    """Return what is overdue on the day by the classes of the case; what falls into no class is left out.

    A class counts from the end of the days of grace, a bucket of ours from the due day: its edges lie so much later.
    """
    classes = sorted(world.given["classes"], key=lambda each: each["from"])
    grace = world.given.get("grace_days", 0)
    edges, names = _edges(classes, grace)
    if "pause" in world.verbs:
        return _by_the_ladder(world, edges, names)
    found: dict[str, int] = {}
    for row in report(world, edges=edges).rows:
        for name, minor in zip(names, row.buckets_minor, strict=True):
            if name and minor:
                found[name] = found.get(name, 0) + minor
    return found


def _by_the_ladder(world: World, edges: tuple[int, ...], names: list[str | None]) -> dict[str, int]:
    """Return the same by the days that the ladder counts, while a pause by hand stops its clock.

    The aging report says how old a debt is; how far its customer may be pursued leaves the paused days out.
    """
    stops = frozenset({"MANUAL"})
    holds = holds_frame(entity_id=world.entity.pk, as_of=world.day, stops_clock=stops)
    items = apply_holds(
        item_frame(Scope(as_of=world.day, entity_id=world.entity.pk)), holds=holds, as_of=world.day, stops_clock=stops
    )
    late = (pl.lit(world.day) - days_after(pl.col("due_on"), pl.col("paused_days"))).dt.total_days()
    found: dict[str, int] = {}
    for days, minor in items.select(late, "open_minor").iter_rows():
        name = names[0] if days <= 0 else names[1 + sum(days > edge for edge in edges)]
        if name:
            found[name] = found.get(name, 0) + minor
    return found


def _edges(classes: list[dict[str, Any]], grace: int) -> tuple[tuple[int, ...], list[str | None]]:
    """Return the edges of the buckets and the class of each bucket: current, then up to each edge, then beyond."""
    edges: list[int] = []
    names: list[str | None] = [None]
    reached = 0
    for each in classes:
        first, last = each["from"] + grace, each["to"]
        if first > reached + 1:
            edges.append(first - 1)
            names.append(None)
        names.append(each["name"])
        if last is None:
            return tuple(edges), names
        edges.append(reached := last + grace)
    return tuple(edges), [*names, None]


def overdue_rows(world: World) -> list[AgingRow]:
    """Return the items of which something is overdue on the day, the oldest debt first."""
    due = {part.name: part.due for part in world.all_parts()}
    rows = [row for row in report(world).rows if row.overdue_minor]
    return sorted(rows, key=lambda row: due[row.key])


def on_account_rows(world: World) -> list[tuple[str, int]]:
    """Return money and credit notes that pay nothing, by their number: negative; booked for later days included.

    A receipt of tomorrow is no balance of today, so the aging report leaves it out; the list of what is to come has it.
    """
    rows = [(row.key, row.on_account_minor) for row in report(world).rows if row.on_account_minor]
    coming = Receipt.objects.filter(
        customer__in=[customer.pk for customer in world.customers.values()], received_on__gt=world.day
    ).exclude(unapplied_minor=0)
    return [*rows, *((receipt.reference, -receipt.unapplied_minor) for receipt in coming.order_by("pk"))]


def to_come(part: Part, day: date) -> int:
    """Return what is booked to be paid after the day."""
    later = Allocation.objects.filter(item_id=part.pk, effective_on__gt=day)
    return later.aggregate(sum=Sum("amount_minor"))["sum"] or 0
