"""Tables of the credit module."""

from huikuan.credit.models.grade import Grade, GradeOverride
from huikuan.credit.models.risk import RiskMark

__all__ = ["Grade", "GradeOverride", "RiskMark"]
