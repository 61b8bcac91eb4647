"""The confirmation of an installment plan: its parts, the next of them, and what happens when one is missed."""

from typing import Final

from huikuan.arrangements.models import Plan
from huikuan.arrangements.models.plan import PlanState
from huikuan.arrangements.queries.agreement import texts
from huikuan.outreach.models import Delivery
from huikuan.outreach.ports import Pointless
from huikuan.outreach.rules.kinds import subject_of
from huikuan.runs.speech import Speech
from huikuan.runs.telling import Told


def confirmation(delivery: Delivery, speech: Speech) -> Told | Pointless:
    """Tell what was agreed; nothing once the plan is no longer running."""
    plan = Plan.objects.get(pk=subject_of(delivery.about)[1], customer_id=delivery.customer_id)
    if plan.state != PlanState.RUNNING:
        return Pointless("PLAN_NOT_RUNNING", {"plan": plan.number, "stands": plan.state})
    parts = list(plan.installments.order_by("number"))
    following = next(part for part in parts if part.paid_on is None)
    rows = [
        {"installment": str(part.number), "due_on": part.due_on.isoformat(), "amount": speech.amount(part.amount_minor)}
        for part in parts
    ]
    return Told(
        words={
            "plan_number": plan.number,
            "plan_amount": speech.amount(plan.total_minor),
            "down_payment": speech.amount(parts[0].amount_minor),
            "installment_count": str(len(parts)),
            "next_amount": speech.amount(following.amount_minor - following.paid_minor),
            "next_due_on": speech.day(following.due_on),
            "plan_ends_on": speech.day(parts[-1].due_on),
            "on_default": texts(speech.language)["default"],
        },
        tables={
            "installments": speech.table(("installment", "due_on", "amount"), rows, numbers=("amount",)),
        },
        facts={
            "plan": plan.number,
            "currency": plan.currency,
            "total_minor": plan.total_minor,
            "installments": [{"due_on": part.due_on.isoformat(), "minor": part.amount_minor} for part in parts],
        },
    )


PROVIDES: Final = {"plan_confirmation": confirmation}
