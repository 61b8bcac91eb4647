"""From plain data that has the right shape to the frozen policy."""

from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from typing import Any, Final

from huikuan.credit.rules.scorecard import Component, KnockOut, RiskThresholds, Scorecard
from huikuan.policy.reading.arranging import offer_limits, service_rules, signal_rules
from huikuan.policy.reading.guard import value_of
from huikuan.policy.reading.merge import RawLadder, RawStep
from huikuan.policy.reading.plan import plan_rules, recovery_rules
from huikuan.policy.rules.events import EVENTS, SIGNAL_KINDS
from huikuan.policy.rules.schema import (
    PARTS,
    Amount,
    ArrearsRules,
    Bands,
    ClimbMode,
    Fallback,
    Fee,
    GuardRules,
    HoldRule,
    Ladder,
    Notice,
    Offer,
    Policy,
    PriorityRules,
    Repeat,
    Scope,
    Segment,
    SendTimes,
    Step,
    TaskSpec,
    Trigger,
)

NEW_GRADE: Final = "N"


def build(data: Mapping[str, Any], defaults: Mapping[str, Any], ladders: Mapping[str, RawLadder]) -> Policy:
    """Return the policy. Parts that the file leaves out are those of the default pack.

    Args:
        data: The file.
        defaults: The default pack's data.
        ladders: The file's ladders, written out.
    """
    part = {**defaults, **data}
    grade = _grade(part["grade"], defaults["grade"])
    climbs = {code: _ladder(raw, grade) for code, raw in ladders.items()}
    return Policy(
        name=str(data["name"]),
        aging_edges=tuple(part["aging"]["buckets"]),
        grade=grade,
        risk=_risk({**defaults["risk"], **part["risk"]}),
        arrears=ArrearsRules(**{**defaults["arrears"], **part["arrears"]}),
        holds={
            kind: HoldRule(rule["max_days"], stops_clock=rule.get("clock") == "stops")
            for kind, rule in {**defaults["holds"], **part["holds"]}.items()
        },
        plan=plan_rules({**defaults["plan"], **part["plan"]}),
        recovery=recovery_rules({**defaults["recovery"], **part["recovery"]}),
        send_times=_send({**defaults["send"], **part["send"]}),
        priority=_priority({**defaults["priority"], **part["priority"]}),
        guard=_guard({**defaults["guard"], **part["guard"]}),
        templates={code: tuple(channels) for code, channels in part["templates"].items()},
        scripts=tuple(part["scripts"]),
        offers=offer_limits({**defaults["offers"], **part["offers"]}),
        service=service_rules({**defaults["service"], **part["service"]}),
        signals=signal_rules({**defaults["signals"], **part["signals"]}),
        excluded_customers=frozenset(str(code) for code in part.get("excluded_customers") or []),
        review_every_days=part["review_every_days"],
        ladders=climbs,
        segments=_segments(data["segments"], grade.new_climbs_as),
    )


def amount(written: object) -> Amount:
    """Return an amount as written: one number, or one per currency."""
    if isinstance(written, dict):
        return Amount(by_currency={currency: Decimal(str(number)) for currency, number in written.items()})
    return Amount(everywhere=Decimal(str(written)))


def _ppm(share: str) -> int:
    """Return "12.5%" as parts per million."""
    return int(Decimal(share.rstrip(" %")) * PARTS / 100)


def _bands(written: list[list[Any]]) -> Bands:
    return tuple((up_to, value) for up_to, value in written)


def _grade(written: Mapping[str, Any], defaults: Mapping[str, Any]) -> Scorecard:
    part = {**defaults, **written}
    new = {**defaults["new_customer"], **part["new_customer"]}
    return Scorecard(
        window_months=part["window_months"],
        late_after_days=part["late_after_days"],
        components=tuple(
            Component(
                code=each["code"],
                weight=each["weight"],
                bands=_bands(each.get("bands", [])),
                values=each.get("values", {}),
                missing_percent=each.get("missing", 0),
            )
            for each in part["components"]
        ),
        thresholds=part["thresholds"],
        knock_outs=tuple(KnockOut(each["fact"], each["over"], each["at_most"]) for each in part["knock_outs"]),
        new_below_settled=new["below_settled_items"],
        new_below_months=new["below_months"],
        new_climbs_as=new["climbs_as"],
    )


def _risk(part: Mapping[str, Any]) -> RiskThresholds:
    return RiskThresholds(
        overdue_days=part["overdue_days"],
        high_risk_days=part["high_risk_days"],
        long_term_days=part["long_term_days"],
        stop_orders_items=part["stop_orders"]["items"],
        stop_orders_months=part["stop_orders"]["months"],
        blacklist_days=part["blacklist"]["days"],
        blacklist_late_settlements=part["blacklist"]["late_settlements"],
    )


def _send(part: Mapping[str, Any]) -> SendTimes:
    return SendTimes(
        at=tuple(sorted(time.fromisoformat(clock) for clock in part["at"])),
        working_days_only=part["working_days_only"],
        calls=tuple(sorted((time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in part["calls"])),
        spacing_minutes=part["spacing_minutes"],
        transit_days=part["transit_days"],
        post_within_days=part["post_within_days"],
    )


def _priority(part: Mapping[str, Any]) -> PriorityRules:
    return PriorityRules(
        gain_percent=_bands(part["gain_percent"]),
        urgency_percent=_bands(part["urgency_percent"]),
        limitation_percent=_bands(part["limitation_percent"]),
        grade_percent=part["grade_percent"],
        formal_percent=part["formal_percent"],
    )


def _guard(part: Mapping[str, Any]) -> GuardRules:
    changes = {
        code: {name: value_of(value) for name, value in numbers.items()} for code, numbers in part["tighten"].items()
    }
    return GuardRules(part["pack"], changes, tuple(part.get("with", [])))


def _ladder(raw: RawLadder, grade: Scorecard) -> Ladder:
    scope = Scope(raw.settings.get("scope", Scope.CUSTOMER))
    return Ladder(
        code=raw.code,
        steps=tuple(_step(step, scope, grade) for step in raw.steps),
        climb=ClimbMode(raw.settings.get("climb", ClimbMode.LATEST)),
        scope=scope,
        minimum=amount(raw.settings.get("minimum", 0)),
    )


def _step(raw: RawStep, scope: Scope, grade: Scorecard) -> Step:
    data, when = raw.data, raw.data["when"]
    notice, task, repeat = data.get("notice"), data.get("task"), data.get("repeat")
    return Step(
        code=data["code"],
        rank=data["rank"],
        trigger=trigger(when, scope),
        notice=_notice(notice) if notice else None,
        task=TaskSpec(task["kind"], task["owner"], task.get("script", "")) if task else None,
        is_formal=data.get("formal", False),
        repeat=Repeat(repeat["every_days"], repeat.get("until_days"), repeat.get("max_count")) if repeat else None,
        min_gap_days=data.get("min_gap_days", 0),
        only_in_months=tuple(when["only_in_months"]) if "only_in_months" in when else None,
        grades=_grades(when["grades"], grade.new_climbs_as) if "grades" in when else None,
        no_response=when.get("no_response", False),
        fruitless_at_least=when.get("fruitless_contacts_at_least"),
        stage=data.get("stage"),
        offer=_offer(data["offer"]) if "offer" in data else None,
        fee=_fee(data["fee"]) if "fee" in data else None,
        deadline_days=data.get("deadline_days"),
        announces=tuple(data.get("announces", [])),
        proposes=tuple(data.get("proposes", [])),
        while_overdue=data.get("while_overdue", False),
    )


def _notice(written: Mapping[str, Any]) -> Notice:
    back = written.get("fallback")
    fallback = Fallback(back["channel"], back["template"], back.get("after_hours", 0), back["when"]) if back else None
    return Notice(written["template"], tuple(written["channels"]), fallback)


def _offer(written: Mapping[str, Any]) -> Offer:
    valid = written["valid"]
    is_days = isinstance(valid, int)
    return Offer(_ppm(written["waive_penalty"]), "days" if is_days else valid, valid if is_days else None)


def _fee(written: Mapping[str, Any]) -> Fee:
    if "fixed" in written:
        return Fee(fixed=amount(written["fixed"]))
    return Fee(share_ppm=_ppm(written["percent_of_item"]))


def trigger(when: Mapping[str, Any], scope: Scope) -> Trigger:
    """Return the trigger. Under scope oldest_issue the days after issue are days of the ladder itself."""
    after_issue = 0 if when.get("item_issued") else when.get("days_after_issue")
    anchor_days = when["age_over"] + 1 if "age_over" in when else when.get("days_overdue")
    if scope is Scope.OLDEST_ISSUE and after_issue is not None:
        after_issue, anchor_days = None, after_issue
    since = when.get("days_since", {})
    return Trigger(
        label=_label(when),
        before_due_days=when.get("days_before_due"),
        after_issue_days=after_issue,
        share_of_term_ppm=_ppm(when["share_of_term"]) if "share_of_term" in when else None,
        anchor_days=anchor_days,
        end_of_month_days=when.get("end_of_month_after"),
        since_days=since.get("days", when.get("days_since_previous")),
        since_step=since.get("step"),
        overdue_at_least=amount(when["overdue_at_least"]) if "overdue_at_least" in when else None,
        unpaid_at_least=amount(when["unpaid_at_least"]) if "unpaid_at_least" in when else None,
        overdue_count_at_least=when.get("overdue_count_at_least"),
        unpaid_count_at_least=when.get("unpaid_count_at_least"),
        after_events=tuple((event, _days_after(when[event])) for event in EVENTS if event in when),
        silent_days=when.get("no_response_days"),
        unread_hours=when.get("unread_after_hours"),
        signals=_signals(when["delay_signal"]) if "delay_signal" in when else None,
    )


def _days_after(written: int | bool) -> int:  # noqa: FBT001  as the file has it: true, or days
    """Return how many days after an event; `true` is at once."""
    return 0 if written is True else int(written)


def _signals(written: object) -> tuple[str, ...]:
    """Return the kinds of delay signal; `true` is any."""
    return tuple(written) if isinstance(written, list) else SIGNAL_KINDS


LABELS: Final = {
    "item_issued": "issued",
    "days_after_issue": "issued+{}",
    "days_before_due": "-{}",
    "share_of_term": "{} of term",
    "days_overdue": "+{}",
    "age_over": ">{}",
    "end_of_month_after": "month end after +{}",
    "days_since_previous": "previous+{}",
    "overdue_at_least": "overdue",
    "unpaid_at_least": "unpaid",
    "overdue_count_at_least": "{} overdue",
    "unpaid_count_at_least": "{} unpaid",
    "no_response_days": "silent {}",
    "unread_after_hours": "unread {}h",
    "delay_signal": "delay_signal",
}


def _label(when: Mapping[str, Any]) -> str:
    """Return the trigger in a word, for the rule id segment/step@trigger: +20, -3, issued, lawyers_letter+7."""
    words = [text.format(when[key]) for key, text in LABELS.items() if key in when]
    if "days_since" in when:
        words.append(f"{when['days_since']['step']}+{when['days_since']['days']}")
    for event in EVENTS:
        if event in when:
            days = _days_after(when[event])
            words.append(f"{event}+{days}" if days else event)
    return "&".join(words)[:38] or "always"


def _grades(written: list[str], new_climbs_as: str) -> tuple[str, ...]:
    """Return the grades; new customers climb as the grade that the policy names."""
    return (*written, NEW_GRADE) if new_climbs_as in written and NEW_GRADE not in written else tuple(written)


def _segments(written: list[dict[str, Any]], new_climbs_as: str) -> tuple[Segment, ...]:
    names_new = any(NEW_GRADE in each.get("match", {}).get("grade", []) for each in written)
    found = []
    for each in written:
        match = dict(each.get("match", {}))
        at_least, below = match.pop("overdue_at_least", None), match.pop("overdue_below", None)
        fields = {field: tuple(str(value) for value in values) for field, values in match.items()}
        if "grade" in fields and not names_new:
            fields["grade"] = _grades(list(fields["grade"]), new_climbs_as)
        found.append(
            Segment(
                code=each["code"],
                ladder=each["ladder"],
                match=fields,
                overdue_at_least=None if at_least is None else amount(at_least),
                overdue_below=None if below is None else amount(below),
            )
        )
    return tuple(found)
