"""One agreement of every kind for the first customers of a portfolio."""

from datetime import datetime, timedelta

from huikuan.arrangements.commands.discounts import agree_discount
from huikuan.arrangements.commands.item_discounts import propose_item_discount
from huikuan.arrangements.commands.planning import draft_plan, propose_plan
from huikuan.arrangements.commands.promising import Share, make_promise
from huikuan.arrangements.commands.restructurings import propose_restructuring
from huikuan.arrangements.models import Approval
from huikuan.arrangements.rules.schedule import Shape
from huikuan.parties.models import User
from tests.modules.desk.portfolio import Portfolio


def make_agreements(portfolio: Portfolio, actor: User, *, now: datetime) -> dict[str, int]:
    """Make them; return their ids by the names that tests use."""
    today, customer = portfolio.run.as_of, portfolio.customer
    said = {"customer_id": customer.pk, "currency": "CNY", "actor": actor, "now": now}
    promise = make_promise(  # by another one: its hold must not keep the first from being dunned
        **{**said, "customer_id": portfolio.customers[1].pk},
        shares=[Share(today + timedelta(days=3), 500_000)], made_on=today,
    )  # fmt: skip
    within = Shape(3, today + timedelta(days=5), first_ppm=300_000)
    drafted = draft_plan(**said, shape=within, as_of=today)
    approved = draft_plan(**said, shape=within, as_of=today)
    propose_plan(plan_id=approved.pk, as_of=today, actor=actor, now=now)
    outside = draft_plan(**said, shape=Shape(9, today + timedelta(days=5)), as_of=today)
    propose_plan(plan_id=outside.pk, as_of=today, actor=actor, now=now)
    restructuring = propose_restructuring(
        **said, kind="PARTIAL_WAIVER", reason="搬迁困难", comparison={}, as_of=today, waived_minor=100_000
    )
    asked, agreed = (each.items.filter(settled_on=None).latest("pk") for each in portfolio.customers[1:3])
    waiting = propose_item_discount(item_id=asked.pk, share_ppm=10_000, days=365, as_of=today, actor=actor, now=now)
    agree_discount(item_id=agreed.pk, share_ppm=10_000, days=365, starts_on=agreed.issued_on, actor=None, now=now)
    return {
        "discount_request": waiting.pk,
        "discounted_item": agreed.pk,
        "promise": promise.pk,
        "drafted_plan": drafted.pk,
        "approved_plan": approved.pk,
        "restructuring": restructuring.pk,
        "approval": Approval.objects.filter(about=f"plan:{outside.pk}", role="MANAGER").get().pk,
    }
