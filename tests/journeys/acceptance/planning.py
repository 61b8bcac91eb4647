"""A plan as a case asks for it: the calculator's parts."""

from datetime import date

from huikuan.arrangements.rules.schedule import Shape, schedule
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.money import parse_minor
from tests.journeys.acceptance import asking, deeds
from tests.journeys.acceptance.words import Deed, Unsupported
from tests.journeys.acceptance.world import World


@deeds.verb("make_plan")
def make_plan(world: World, deed: Deed) -> None:
    """Cut an amount into monthly parts."""
    if world.given["every_months"] != 1:
        raise Unsupported(what="given: every_months other than 1")
    shape = Shape(parts_count=world.given["number"], starts_on=date.fromisoformat(world.given["first_due"]))
    total = parse_minor(world.given["amount"], world.currency)
    world.told["plan"] = schedule(total, world.currency, shape, WorkingCalendar(world.entity.country))


@asking.key("plan")
def plan(world: World, deed: Deed, expected: object) -> list[list[str]]:
    """Return day and amount of every part."""
    return [[str(line.due_on), asking.money(world, line.amount_minor)] for line in world.told["plan"]]
