"""The parts `plan` and `recovery` of a policy file: what is wrong with them, and what they mean."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from huikuan.kernel.refusal import gettext_noop
from huikuan.policy.reading.document import Document
from huikuan.policy.reading.flaws import Flaw
from huikuan.policy.rules.plan import ApprovalLevel, PlanRules, RecoveryRules
from huikuan.policy.rules.schema import Amount, Bands

NO_END: Final = gettext_noop("The last level of approval must have no limit. Remove “up_to” from it.")
END_EARLY: Final = gettext_noop("Only the last level of approval may have no limit. Give this one an “up_to”.")
ASCEND: Final = gettext_noop("{value} does not follow {before}. List the levels of approval by ascending “up_to”.")

BANDS: Final = ("offer_percent", "plan_percent", "suit_percent")
"""Fields of `recovery` that go by days overdue."""


def plan_flaws(document: Document) -> Iterator[Flaw]:
    """Return what is wrong with the levels of approval, beyond their shape."""
    levels = document.data.get("plan", {}).get("approvals", [])
    before: Mapping[str, Decimal] = {}
    for number, level in enumerate(levels):
        path = ("plan", "approvals", number)
        is_last = number == len(levels) - 1
        if "up_to" not in level:
            if not is_last:
                yield Flaw("plan.level-end-early", document.place(path), path, None, END_EARLY, {})
            continue
        if is_last:
            where = (*path, "up_to")
            yield Flaw("plan.level-open-end", document.place(where), where, level["up_to"], NO_END, {})
        limits = _by_currency(level["up_to"])
        for currency, value in limits.items():
            if currency in before and value <= before[currency]:
                where = (*path, "up_to")
                facts = {"value": str(value), "before": str(before[currency])}
                yield Flaw("plan.levels-not-ascending", document.place(where), where, str(value), ASCEND, facts)
        before = limits


def _by_currency(written: object) -> Mapping[str, Decimal]:
    """Return an amount by currency; "" stands for every currency."""
    named = written if isinstance(written, dict) else {"": written}
    return {currency: Decimal(str(number)) for currency, number in named.items()}


def plan_rules(part: Mapping[str, Any]) -> PlanRules:
    """Return the limits of plans."""
    return PlanRules(
        first_percent=part["first_percent"],
        months_max=part["months_max"],
        parts_min=part["parts_min"],
        waived_percent_max=part["waived_percent_max"],
        approvals=tuple(
            ApprovalLevel(_amount(level.get("up_to")), tuple(role.upper() for role in level["roles"]))
            for level in part["approvals"]
        ),
    )


def _amount(written: object) -> Amount | None:
    if written is None:
        return None
    limits = _by_currency(written)
    return Amount(everywhere=limits[""]) if "" in limits else Amount(by_currency=limits)


def recovery_rules(part: Mapping[str, Any]) -> RecoveryRules:
    """Return the defaults of the comparison."""
    bands: dict[str, Bands] = {name: tuple((up_to, value) for up_to, value in part[name]) for name in BANDS}
    return RecoveryRules(
        discount_percent=part["discount_percent"],
        offer_percent=bands["offer_percent"],
        plan_percent=bands["plan_percent"],
        suit_percent=bands["suit_percent"],
        offer_days=part["offer_days"],
        suit_days=part["suit_days"],
        suit_cost_percent=part["suit_cost_percent"],
    )
