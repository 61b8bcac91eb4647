"""From the sections `offers:`, `service:` and `signals:` of a policy file to frozen data."""

from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from typing import Any

from huikuan.policy.rules.arranging import OfferLimits, ServiceRules, SignalRules
from huikuan.policy.rules.schema import PARTS


def offer_limits(part: Mapping[str, Any]) -> OfferLimits:
    """Return the limits of offers made by hand."""
    share = Decimal(part["waive_at_most"].rstrip(" %"))
    return OfferLimits(int(share * PARTS / 100), part["days_at_most"])


def signal_rules(part: Mapping[str, Any]) -> SignalRules:
    """Return which signals are looked for, and what follows."""
    watched = {code: rule or {} for code, rule in part["watch"].items()}
    return SignalRules(
        counts={code: rule.get("count", 1) for code, rule in watched.items()},
        unreachable_days=watched.get("UNREACHABLE", {}).get("days", 0),
        priority_percent=part["step_up"]["priority_percent"],
        asks_review=part["step_up"]["review"],
    )


def service_rules(part: Mapping[str, Any]) -> ServiceRules:
    """Return how fast the customer is answered."""
    return ServiceRules(
        opens=time.fromisoformat(part["office_hours"]["from"]),
        closes=time.fromisoformat(part["office_hours"]["until"]),
        answer_minutes=part["answer_minutes"],
        resolve_days=part["resolve_days"],
    )
