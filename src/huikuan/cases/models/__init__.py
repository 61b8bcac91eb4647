"""Tables of the cases module."""

from huikuan.cases.models.case import Case, CaseBalance
from huikuan.cases.models.task import Task

__all__ = ["Case", "CaseBalance", "Task"]
