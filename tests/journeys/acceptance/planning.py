"""A plan as a case asks for it: the calculator's parts, or a debt replaced by parts while the books stay."""

from datetime import date

from huikuan.arrangements.commands.planning import accept_plan, draft_plan, propose_plan
from huikuan.arrangements.rules.schedule import Kind, Shape, in_books, schedule
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.money import parse_minor
from huikuan.receivables.models import OpenItem
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


# --- a debt in foreign currency, replaced by parts -----------------------------------------------------------

FOREIGN = "USD"
"""The debt's currency where the case names none: another than the creditor's."""


@deeds.verb("reschedule")
def reschedule(world: World, deed: Deed) -> None:
    """Book the debt, agree the parts with the customer, and read the books before and after."""
    given = world.given
    currency = given.get("item_currency", FOREIGN)
    day = world.day
    days = {"issued": str(day), "due": str(day)}
    world.issue({"id": "I1", "customer": "C", "amount": given["amount"], "currency": currency, **days})
    world.told["balance_before"] = _balance_in_books(world)
    shape = Shape(
        len(given["plan"]), day, kind=Kind.CUSTOM, amounts=tuple(parse_minor(each, currency) for each in given["plan"])
    )
    agreed = draft_plan(
        customer_id=world.the_customer().pk, currency=currency, shape=shape, as_of=day, actor=world.clerk,
        now=world.now(), item_ids=[part.pk for part in world.all_parts()],
    )  # fmt: skip
    propose_plan(plan_id=agreed.pk, as_of=day, actor=world.clerk, now=world.now())
    accept_plan(
        plan_id=agreed.pk, how=agreed.Acceptance.SIGNATURE, evidence="signed.pdf", as_of=day, actor=world.clerk,
        now=world.now(),
    )  # fmt: skip
    stored = agreed.installments.order_by("number").values_list("amount_minor", flat=True)
    world.told["base"] = in_books(list(stored), _booked_minor(world))
    world.told["balance_after"] = _balance_in_books(world)


def _booked_minor(world: World) -> int:
    return parse_minor(world.given["base_amount"], world.currency)


def _balance_in_books(world: World) -> int:
    """Return what the books carry for what the ledger says is open of the debt now; the rest is for what is not."""
    items = OpenItem.objects.filter(customer=world.the_customer())
    open_minor = sum(item.open_minor for item in items)
    whole_minor = sum(item.amount_minor for item in items)
    return in_books([open_minor, whole_minor - open_minor], _booked_minor(world))[0]


@asking.key("base")
def base(world: World, deed: Deed, expected: object) -> list[str]:
    """Return the parts of the plan that runs, in the creditor's currency."""
    return [asking.money(world, minor) for minor in world.told["base"]]


@asking.key("balance_before")
def balance_before(world: World, deed: Deed, expected: object) -> str:
    """Return what the books carried before the parts were agreed."""
    return asking.money(world, world.told["balance_before"])


@asking.key("balance_after")
def balance_after(world: World, deed: Deed, expected: object) -> str:
    """Return what they carry since."""
    return asking.money(world, world.told["balance_after"])
