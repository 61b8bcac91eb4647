"""The policy that a case states, as a policy file of ours: data only, uploaded like any other."""

from collections.abc import Iterable
from typing import Any

import yaml

from tests.journeys.acceptance.words import Unsupported, amount_in, only

MODES = {
    "highest_matching": "latest",
    "one_level_per_run": "one_per_run",
    "one_level_per_sent_reminder": "one_per_sent",
}
BY_CUSTOMER_NOW = "highest_matching"
"""The one mode in which a level is a property of the day and not of what was sent: see the decision record 0030."""

POLICY = {"scope", "basis", "by", "compare", "step", "levels"}
LEVEL = {"no", "after_days", "amount", "count", "basis", "channel", "fee", "from"}
BASES = {
    "due_date",
    "oldest_unpaid_invoice_date",
    "invoice_date",
    "end_of_month_of_due_date_plus_days",
    "previous_reminder",
}


def mode_of(policy: dict[str, Any] | None) -> str:
    """Return how levels are climbed. Not said: by amount or oldest invoice as it stands, else run by run."""
    if policy is None:
        return BY_CUSTOMER_NOW
    stands = "by" in policy or policy.get("basis") == "oldest_unpaid_invoice_date"
    mode = policy.get("step", BY_CUSTOMER_NOW if stands else "one_level_per_run")
    if mode not in MODES:
        raise Unsupported(what=f"policy.step: {mode}")
    return mode


def climbs_by_item(policy: dict[str, Any] | None) -> bool:
    """Tell whether each item has a level of its own: said, or not said where levels are issued one after another."""
    if policy is None or _counts_from_issue(policy):
        return False
    by_default = "customer" if mode_of(policy) == BY_CUSTOMER_NOW else "item"
    return policy.get("scope", by_default) == "item"


def _counts_from_issue(policy: dict[str, Any]) -> bool:
    return "by" in policy or policy.get("basis") in {"oldest_unpaid_invoice_date", "invoice_date"}


def step_code(level: int) -> str:
    """Return the code of the step that is a level."""
    return f"level_{level}"


def level_of(code: str) -> int:
    """Return the level that a step is."""
    return int(code.rpartition("_")[2])


def file_of(name: str, ladders: dict[str, Any], segments: list[dict[str, Any]], **parts: Any) -> str:
    """Return the policy file. The days on which messages leave are every day: a case knows no holidays."""
    return yaml.safe_dump(
        {
            "format": 1,
            "name": name,
            "holds": {"MANUAL": {"max_days": 3650}, "SPECIAL_PERIOD": {"max_days": 3650}},
            "send": {"at": ["09:00"], "working_days_only": False},
            "ladders": ladders,
            "segments": segments,
            **parts,
        },
        allow_unicode=True,
        sort_keys=False,
    )


def nobody() -> str:
    """Return the policy of a creditor who wants nobody contacted: what "no policy" is once one must be named."""
    ladder = {"steps": [_step(1, {"days_overdue": 1})]}
    return file_of("none", {"none": ladder}, [{"code": "all", "ladder": None}])


def from_policy(policy: dict[str, Any] | None) -> str:
    """Return the policy file of `given.policy`."""
    if policy is None:
        return nobody()
    only(policy, POLICY, "policy")
    if policy.get("scope", "customer") not in {"customer", "item"}:
        raise Unsupported(what=f"policy.scope: {policy['scope']}")
    if policy.get("compare", ">=") not in {">=", ">"}:
        raise Unsupported(what=f"policy.compare: {policy['compare']}")
    if policy.get("by", "unpaid_total") not in {"unpaid_total", "unpaid_count"}:
        raise Unsupported(what=f"policy.by: {policy['by']}")
    basis = policy.get("basis", "due_date")
    by_issue = _counts_from_issue(policy)
    if by_issue and policy.get("scope") == "item":
        raise Unsupported(what="policy.scope: item, and days that count from the invoice")
    steps = [_level(level, policy, basis=basis, by_issue=by_issue) for level in policy["levels"]]
    if any(level.get("channel") == "letter" for level in policy["levels"]):
        _post_without_address(steps)
    ladder = {
        "climb": MODES[mode_of(policy)],
        "scope": "oldest_issue" if by_issue else "item" if climbs_by_item(policy) else "customer",
        "steps": steps,
    }
    return file_of("case", {"case": ladder}, [{"code": "all", "ladder": "case"}])


def _post_without_address(steps: list[dict[str, Any]]) -> None:
    """Let who posts letters post what cannot be mailed: there such a creditor has it so."""
    for step in steps:
        if "notice" in step:
            step["notice"]["fallback"] = {"when": "no_address", "channel": "LETTER", "template": "demand"}


def _level(level: dict[str, Any], policy: dict[str, Any], *, basis: str, by_issue: bool) -> dict[str, Any]:
    only(level, LEVEL, "policy.levels")
    when: dict[str, Any] = {}
    if "after_days" in level:
        days = level["after_days"] + (1 if policy.get("compare") == ">" else 0)
        when |= _days(level.get("basis", basis), days, by_issue=by_issue)
    if "amount" in level:
        when["unpaid_at_least"] = level["amount"]
    if "count" in level:
        when["unpaid_count_at_least"] = level["count"]
    return _step(level["no"], when, channel=level.get("channel", "email"), fee=level.get("fee"))


def _days(basis: str, days: int, *, by_issue: bool) -> dict[str, int]:
    if basis not in BASES:
        raise Unsupported(what=f"policy.basis: {basis}")
    if basis == "end_of_month_of_due_date_plus_days":
        return {"end_of_month_after": days}
    if basis == "previous_reminder":
        return {"days_since_previous": days}
    if (basis == "due_date") == by_issue:
        raise Unsupported(what="policy.basis: some levels count from the invoice, others from the due day")
    return {"days_after_issue" if by_issue else "days_overdue": days}


def _step(
    number: int, when: dict[str, Any], *, channel: str = "email", fee: dict[str, str] | None = None
) -> dict[str, Any]:
    step: dict[str, Any] = {"code": step_code(number), "rank": number, "when": when}
    if channel == "email":
        step["notice"] = {"template": "friendly", "channels": ["EMAIL"]}
    elif channel == "letter":
        step["task"] = {"kind": "LETTER", "owner": "collector"}
    else:
        raise Unsupported(what=f"policy.levels.channel: {channel}")
    if fee is not None:
        only(fee, {"fixed", "percent_of_item"}, "policy.levels.fee")
        step["fee"] = {"fixed": fee["fixed"]} if "fixed" in fee else {"percent_of_item": f"{fee['percent_of_item']}%"}
    return step


def from_condition(condition: dict[str, Any]) -> str:
    """Return the policy whose one level has the condition."""
    only(condition, {"days", "amount", "count"}, "condition")
    when = {
        name: condition[key]
        for key, name in (
            ("days", "days_after_issue"),
            ("amount", "unpaid_at_least"),
            ("count", "unpaid_count_at_least"),
        )
        if key in condition
    }
    ladder = {"climb": "latest", "scope": "oldest_issue", "steps": [_step(1, when)]}
    return file_of("condition", {"case": ladder}, [{"code": "all", "ladder": "case"}])


def from_reminders(given: dict[str, Any], *, term_days: int) -> str:
    """Return the policy of a schedule: reminders before the due day, after it, or after the invoice.

    A moment after the invoice that falls behind the due day is a day of lateness here, as our ladders want it.
    """
    steps = []
    for number, reminder in enumerate(given["reminders"], start=1):
        only(reminder, {"after", "before", "days"}, "reminders")
        days = reminder["days"]
        if reminder.get("before") == "due_date":
            when = {"days_before_due": days}
        elif reminder.get("after") == "due_date":
            when = {"days_overdue": days}
        elif reminder.get("after") != "invoice_date":
            raise Unsupported(what=f"reminders: {reminder}")
        else:
            when = {"days_after_issue": days} if days <= term_days else {"days_overdue": days - term_days}
        steps.append(_step(number, when))
    if given.get("then_every_days"):
        steps[-1]["repeat"] = {"every_days": given["then_every_days"]}
    if "repeat" in steps[-1] and "days_overdue" not in steps[-1]["when"]:
        raise Unsupported(what="then_every_days: repeated before the due day")
    ladder = {"climb": "latest", "scope": "customer", "steps": steps}
    hour = {"send": {"at": [f"{given['send_hour']:02}:00"], "working_days_only": False}} if "send_hour" in given else {}
    return file_of("schedule", {"case": ladder}, [{"code": "all", "ladder": "case"}], **hour)


def claims() -> str:
    """Return the policy behind "make a claim": from the first day late, again on every later day it is asked for."""
    step = _step(1, {"days_overdue": 1})
    step["repeat"] = {"every_days": 1}
    return file_of("claims", {"case": {"steps": [step]}}, [{"code": "all", "ladder": "case"}])


def from_campaign(given: dict[str, Any]) -> str:
    """Return the policy of a campaign; a customer with a campaign of his own has a segment of his own."""
    ladders = {"case": _campaign(given["campaign"])}
    segments = []
    for number, (customer, own) in enumerate(given.get("customer_campaign", {}).items(), start=1):
        ladders[f"own_{number}"] = _campaign({**given["campaign"], **own})
        segments.append({"code": f"own_{number}", "match": {"customer_code": [customer]}, "ladder": f"own_{number}"})
    return file_of(
        "campaign",
        ladders,
        [*segments, {"code": "all", "ladder": "case"}],
        excluded_customers=_codes(given.get("excluded", [])),
    )


def _codes(names: Iterable[str]) -> list[str]:
    return sorted(names)


def _campaign(campaign: dict[str, Any]) -> dict[str, Any]:
    only(campaign, {"threshold", "max_attempts", "days_between"}, "campaign")
    when: dict[str, Any] = {"days_overdue": 1}
    if "threshold" in campaign:
        number, currency = amount_in(campaign["threshold"])
        when["overdue_at_least"] = {currency: str(number)} if currency else str(number)
    step = _step(1, when)
    repeat = {"every_days": campaign.get("days_between", 1)}
    if "max_attempts" in campaign:
        repeat["max_count"] = campaign["max_attempts"]
    step["repeat"] = repeat
    return {"climb": "latest", "scope": "customer", "steps": [step]}
