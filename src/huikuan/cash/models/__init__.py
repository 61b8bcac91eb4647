"""Tables of the cash module."""

from huikuan.cash.models.account import BankAccount
from huikuan.cash.models.account_statement import AccountStatement, StatementChange, StatementDifference
from huikuan.cash.models.line import SetAside, StatementLine
from huikuan.cash.models.matching import KnownPayer, Match, MatchTerms, Proposal
from huikuan.cash.models.payment import Payment, PaymentEvent, PaymentLine, PaymentRefund, PaymentReview
from huikuan.cash.models.request import MoneyRequest
from huikuan.cash.models.statement import StatementFile

__all__ = [
    "AccountStatement",
    "BankAccount",
    "KnownPayer",
    "Match",
    "MatchTerms",
    "MoneyRequest",
    "Payment",
    "PaymentEvent",
    "PaymentLine",
    "PaymentRefund",
    "PaymentReview",
    "Proposal",
    "SetAside",
    "StatementChange",
    "StatementDifference",
    "StatementFile",
    "StatementLine",
]
