"""Tables of the policy module."""

from huikuan.policy.models.hold import Hold
from huikuan.policy.models.version import PolicyVersion

__all__ = ["Hold", "PolicyVersion"]
