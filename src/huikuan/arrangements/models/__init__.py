"""Tables of the arrangements module."""

from huikuan.arrangements.models.approval import Approval
from huikuan.arrangements.models.plan import Installment, Plan, PlanChange, PlanItem
from huikuan.arrangements.models.promise import Promise, PromiseChange, PromisePart
from huikuan.arrangements.models.restructuring import Restructuring

__all__ = [
    "Approval",
    "Installment",
    "Plan",
    "PlanChange",
    "PlanItem",
    "Promise",
    "PromiseChange",
    "PromisePart",
    "Restructuring",
]
