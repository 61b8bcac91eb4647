"""Tables of the arrangements module."""

from huikuan.arrangements.models.approval import Approval
from huikuan.arrangements.models.complaint import Complaint
from huikuan.arrangements.models.discount import Discount, DiscountRequest, DiscountTerms
from huikuan.arrangements.models.dispute import Department, Dispute, DisputeMessage
from huikuan.arrangements.models.offer import Offer, OfferChange, OfferItem
from huikuan.arrangements.models.plan import Installment, Plan, PlanChange, PlanItem
from huikuan.arrangements.models.promise import Promise, PromiseChange, PromisePart
from huikuan.arrangements.models.restructuring import Restructuring
from huikuan.arrangements.models.signal import EnforcementRecord, Signal

__all__ = [
    "Approval",
    "Complaint",
    "Department",
    "Discount",
    "DiscountRequest",
    "DiscountTerms",
    "Dispute",
    "DisputeMessage",
    "EnforcementRecord",
    "Installment",
    "Offer",
    "OfferChange",
    "OfferItem",
    "Plan",
    "PlanChange",
    "PlanItem",
    "Promise",
    "PromiseChange",
    "PromisePart",
    "Restructuring",
    "Signal",
]
