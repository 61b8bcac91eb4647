"""Tables of the receivables ledger."""

from huikuan.receivables.models.allocation import Allocation
from huikuan.receivables.models.assignment import Assignment
from huikuan.receivables.models.beside import SetOff, ThirdPartyPayment
from huikuan.receivables.models.bill import Bill, BillChange, BillEndorsement
from huikuan.receivables.models.charge import Charge
from huikuan.receivables.models.contract import Contract, Guarantee
from huikuan.receivables.models.history import CustomerHistory, PaymentMonth
from huikuan.receivables.models.item import OpenItem
from huikuan.receivables.models.limitation import LimitationEvent
from huikuan.receivables.models.receipt import CreditNote, Receipt
from huikuan.receivables.models.terms import DefaultTerms, PenaltyTerms, ReferenceRate
from huikuan.receivables.models.waiver import PenaltyWaiver
from huikuan.receivables.models.write_off import WriteOff

__all__ = [
    "Allocation",
    "Assignment",
    "Bill",
    "BillChange",
    "BillEndorsement",
    "Charge",
    "Contract",
    "CreditNote",
    "CustomerHistory",
    "DefaultTerms",
    "Guarantee",
    "LimitationEvent",
    "OpenItem",
    "PaymentMonth",
    "PenaltyTerms",
    "PenaltyWaiver",
    "Receipt",
    "ReferenceRate",
    "SetOff",
    "ThirdPartyPayment",
    "WriteOff",
]
