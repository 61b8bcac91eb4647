"""Reading policy files: every flaw with its line, field, value and remedy."""

import pytest

from huikuan.policy.reading.policy import default_policy, pack_text, read_policy
from huikuan.policy.rules.schema import ClimbMode, Scope

BASE = """\
format: 1
name: tried
ladders:
  main:
    steps:
      - {code: pre, rank: 10, when: {days_before_due: 3}, notice: {template: upcoming, channels: [EMAIL]}}
      - code: call
        rank: 20
        when: {days_overdue: 3}
        task: {kind: CALL, owner: collector, script: first_call}
      - code: demand
        rank: 30
        when: {days_overdue: 20}
        formal: true
        notice: {template: demand, channels: [EMAIL]}
segments:
  - {code: default, ladder: main}
"""


def flaws_of(text: str):
    reading = read_policy(text)
    assert (reading.policy is None) == bool(reading.flaws)
    return reading.flaws


def only_flaw(text: str):
    flaws = flaws_of(text)
    assert len(flaws) == 1, [str(flaw) for flaw in flaws]
    return flaws[0]


def test_the_default_pack_and_a_small_policy_are_right():
    assert flaws_of(pack_text()) == ()
    assert flaws_of(BASE) == ()


def test_parts_left_out_are_those_of_the_default_pack():
    small, default = read_policy(BASE).policy, default_policy()
    assert (small.grade, small.risk, small.holds, small.guard) == (
        default.grade,
        default.risk,
        default.holds,
        default.guard,
    )
    partly = read_policy(BASE + "risk: {high_risk_days: 45}\nholds: {DISPUTE: {max_days: 10, clock: stops}}\n").policy
    assert (partly.risk.high_risk_days, partly.risk.long_term_days) == (45, 180)
    assert (partly.holds["DISPUTE"].stops_clock, partly.holds["PLAN"].max_days) == (True, 190)


def test_what_the_default_pack_says():
    policy = default_policy()
    standard = policy.ladders["standard"]
    assert (standard.climb, standard.scope) == (ClimbMode.LATEST, Scope.CUSTOMER)
    assert standard.minimum.minor("CNY") == 10_000
    assert standard.minimum.minor("JPY") is None
    assert [step.code for step in standard.steps if step.is_formal] == [
        "demand", "rest_due", "lawyers_letter", "decision",
    ]  # fmt: skip
    offer = standard.step("offer").offer
    assert (offer.waive_penalty_ppm, offer.valid) == (500_000, "end_of_week")
    assert "first_call" not in [step.code for step in policy.ladders["soft"].steps]
    assert policy.ladders["soft"].step("offer").trigger.label == "+11"
    assert policy.ladders["property"].step("high_risk").proposes == ()
    assert standard.step("courtesy_call").grades == ("B", "N")
    assert policy.segments[-1].match == {}


def changed(old: str, new: str) -> str:
    assert old in BASE
    return BASE.replace(old, new)


STEP = "ladders.main.steps[1]"
AT_LEAST = STEP + ".when.overdue_at_least"
SHAPE = [
    # (change, line, column, field, code, words of the message)
    (("rank: 20", "rnak: 20"), 7, 9, "ladders.main.steps[1].rank", "field.missing", "“rank” is missing"),
    (("name: tried", "nmae: tried"), 2, 1, "nmae", "field.unknown", "Did you mean “name”?"),  # codespell:ignore nmae
    (("days_overdue: 3", "days_overdu: 3"), 9, 16, STEP + ".when.days_overdu", "field.unknown", "“days_overdue”"),
    (("days_overdue: 3", "days_overdue: three"), 9, 30, STEP + ".when.days_overdue", "value.wrong", "from 0 to 3650"),
    (("days_overdue: 3", "days_overdue: -3"), 9, 30, STEP + ".when.days_overdue", "value.wrong", "“-3”"),
    (("days_overdue: 3", "overdue_at_least: 1.23456"), 9, 34, AT_LEAST, "value.wrong", "{CNY: 1000"),
    (("kind: CALL", "kind: CAL"), 10, 22, "ladders.main.steps[1].task.kind", "value.unknown", "“CALL”"),
    (("code: call", "code: Call"), 7, 15, "ladders.main.steps[1].code", "value.wrong", "small letters"),
    (("formal: true", "formal: yes"), 14, 17, "ladders.main.steps[2].formal", "value.wrong", "true or false"),
    (("format: 1", "format: 2"), 1, 9, "format", "value.unknown", "Write one of: 1"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "line", "column", "field", "code", "words"), SHAPE, ids=str)
def test_what_has_the_wrong_shape(change, line, column, field, code, words):
    flaws = [flaw for flaw in flaws_of(changed(*change)) if flaw.code == code]
    assert [(flaw.place, flaw.field) for flaw in flaws] == [((line, column), field)]
    assert words in flaws[0].message


SENSE = [
    ("{days_overdue: 3}", "{days_since_previous: 3}", 9, "step.first-since-previous"),
    ("{days_overdue: 20}", "{days_since: {step: cal, days: 5}}", 13, "step.unknown"),
    ("{days_overdue: 20}", "{days_since: {step: demand, days: 5}}", 13, "step.since-higher"),
    ("{days_overdue: 20}", "{grades: [A]}", 13, "step.no-trigger"),
    ("{days_before_due: 3}", "{days_before_due: 3, promise_broken: true}", 6, "step.mixed"),
    ("{days_overdue: 20}", "{days_overdue: 20, age_over: 3}", 13, "step.two-days"),
    ("{days_overdue: 20}", "{days_overdue: 20, overdue_at_least: {QQQ: 1}}", 13, "amount.currency"),
    ("{days_before_due: 3}", "{days_before_due: 3, days_overdue: 1}", 6, "step.mixed"),
    ("{days_before_due: 3}", "{days_before_due: 3, item_issued: true}", 6, "step.two-moments"),
    ("rank: 10, when", "rank: 25, when", 6, "step.upcoming-rank"),
    ("rank: 30", "rank: 20", 12, "step.rank-twice"),
    ("code: demand", "code: call", 11, "step.code-twice"),
    ("template: demand", "template: demnd", 15, "step.template-unknown"),
    ("{template: demand, channels: [EMAIL]}", "{template: demand, channels: [SMS]}", 15, "step.template-channel"),
    ("script: first_call", "script: shout", 10, "step.script-unknown"),
    ("        task: {kind: CALL, owner: collector, script: first_call}\n", "", 7, "step.no-action"),
    ("formal: true", "formal: true\n        announces: [lawsuit]", 15, "step.unknown"),
    ("formal: true", "formal: true\n        announces: [call]", 15, "step.announces-lower"),
    ("formal: true", "repeat: {every_days: 7, until_days: 10}", 14, "step.until-too-early"),
    ("ladder: main", "ladder: mian", 17, "segment.ladder-unknown"),  # codespell:ignore mian
    ("ladder: main}", "ladder: main, match: {grade: [A]}}", 17, "segment.no-default"),
    ("- {code: default", "- {code: first, ladder: main}\n  - {code: default", 18, "segment.unreached"),
    ("format: 1", "format: 1\naging: {buckets: [30, 30]}", 2, "list.not-ascending"),
    ("format: 1", "format: 1\nrisk: {long_term_days: 20}", 2, "risk.order"),
    ("format: 1", "format: 1\nsend: {at: [19:00]}", 2, "send.outside"),
    ("format: 1", "format: 1\nguard: {pack: nowhere}", 2, "guard.pack-unknown"),
    ("format: 1", "format: 1\nguard: {tighten: {dial_per_day: {limit: 2}}}", 2, "guard.rule-unknown"),
    ("format: 1", "format: 1\nguard: {tighten: {dials_per_day: {limitt: 2}}}", 2, "guard.number-unknown"),
    ("format: 1", "format: 1\nguard: {tighten: {dials_per_day: {limit: 7}}}", 2, "guard.loosened"),
    ("format: 1", "format: 1\nguard: {tighten: {quiet_hours: {from: 23:00}}}", 2, "guard.loosened"),
    ("format: 1", "format: 1\nguard: {tighten: {quiet_hours: {from: late}}}", 2, "guard.wrong-kind"),
    ("format: 1", "format: 1\npriority: {gain_percent: [[10, 8], [30, 15]]}", 2, "band.open-end"),
    ("  main:", "  other: {based_on: mian}\n  main:", 4, "ladder.unknown"),  # codespell:ignore mian
    ("  main:", "  other: {based_on: other}\n  main:", 4, "ladder.circle"),
    ("  main:", "  other: {without: [call]}\n  main:", 4, "ladder.nothing-based"),
    ("  main:", "  other: {based_on: main, without: [cal]}\n  main:", 4, "step.unknown"),
    ("format: 1", "format: 1\nname: again", 3, "file.key-twice"),
    ("format: 1", "format: &one 1", 1, "file.anchor"),
    ("name: tried", "name: [tried", 3, "file.not-yaml"),
]


@pytest.mark.parametrize(("old", "new", "line", "code"), SENSE, ids=[f"{code} {new[:30]}" for _, new, _, code in SENSE])
def test_what_contradicts_itself(old, new, line, code):
    found = [flaw for flaw in flaws_of(changed(old, new)) if flaw.code == code]
    assert [flaw.place[0] for flaw in found] == [line], [str(flaw) for flaw in flaws_of(changed(old, new))]
    assert "{" not in found[0].message.replace("{CNY", "").replace("{QQQ", "")


def test_events_and_states_are_conditions_with_days_and_kinds():
    text = changed("{days_overdue: 3}", "{unread_after_hours: 24, letter_refused: 2, no_response_days: 3}")
    policy = read_policy(text.replace("{days_overdue: 20}", "{delay_signal: [UNREACHABLE], plan_broken: true}")).policy
    call, demand = (policy.step("main", code).trigger for code in ("call", "demand"))
    assert (call.unread_hours, call.after_events, call.silent_days) == (24, (("letter_refused", 2),), 3)
    assert (demand.signals, demand.after_events) == (("UNREACHABLE",), (("plan_broken", 0),))
    assert (call.label, demand.label) == ("silent 3&unread 24h&letter_refused+2", "delay_signal&plan_broken")


def test_a_delay_signal_that_nobody_looks_for_and_a_message_that_nobody_sends():
    text = changed("format: 1", "format: 1\nsignals: {watch: {ENFORCEMENT: {}}}")
    flaw = only_flaw(text.replace("{days_overdue: 20}", "{delay_signal: [UNREACHABLE]}"))
    assert (flaw.code, flaw.place[0]) == ("step.signal-unwatched", 14)
    assert "Watched: ENFORCEMENT" in flaw.message
    unread = changed("- {code: pre", "- {code: pre, task: {kind: CALL, owner: collector}")
    without = unread.replace(" notice: {template: upcoming, channels: [EMAIL]}}", "}").replace(
        "{days_overdue: 3}", "{unread_after_hours: 24}"
    )
    assert only_flaw(without).code == "step.nothing-unread"


def test_a_property_segment_may_not_propose_to_stop_supply():
    text = pack_text().replace(
        "match: {contract_kind: [PROPERTY]}, ladder: property", "match: {contract_kind: [PROPERTY]}, ladder: standard"
    )
    flaw = only_flaw(text)
    assert flaw.code == "segment.utilities"
    assert "high_risk" in flaw.message


def test_a_step_that_would_starve_is_refused():
    text = changed("rank: 20", "rank: 20\n        repeat: {every_days: 4}").replace(
        "        formal: true\n", "        min_gap_days: 5\n"
    )
    flaw = only_flaw(text)
    assert (flaw.code, flaw.field) == ("step.starved", "ladders.main.steps[2].min_gap_days")


def test_grade_weights_must_add_up():
    flaw = only_flaw(pack_text().replace("weight: 30", "weight: 31"))
    assert (flaw.code, flaw.facts["total"]) == ("grade.weights", 101)


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_an_empty_file(text):
    assert only_flaw(text).code == "file.empty"


@pytest.mark.parametrize("text", ["[1, 2]", "just words", "42"])
def test_a_file_that_is_no_policy(text):
    assert only_flaw(text).code == "value.wrong"


def test_a_file_built_to_exhaust_the_reader():
    assert only_flaw("a: &a [x]\nb: *a\n").code == "file.anchor"
    assert flaws_of("[" * 200 + "]" * 200)[0].code == "file.too-deep"
    assert flaws_of("x" * 1_000_001)[0].code == "file.too-large"
    assert flaws_of("!!python/object/apply:os.system ['true']")[0].code in {"file.tag", "value.wrong"}


def test_a_flaw_inherited_by_other_ladders_is_reported_once_where_it_was_written():
    text = changed("  main:", "  first: {based_on: main}\n  main:").replace("demand, channels", "demnd, channels")
    flaw = only_flaw(text)
    assert (flaw.code, flaw.place[0]) == ("step.template-unknown", 16)


def test_a_flaw_as_data_and_as_a_line():
    flaw = only_flaw(changed("kind: CALL", "kind: CAL"))
    assert flaw.as_dict() == {
        "code": "value.unknown",
        "line": 10,
        "column": 22,
        "field": "ladders.main.steps[1].task.kind",
        "value": "CAL",
        "message": "“CAL” is not one of the choices. Did you mean “CALL”?",
    }
    assert str(flaw).startswith("10:22 ladders.main.steps[1].task.kind: ")


def test_a_stored_policy_may_still_name_what_has_been_retired():
    text = pack_text().replace("  knock_outs:\n", "  knock_outs:\n    - {fact: blacklisted, at_most: D}\n", 1)
    assert "blacklisted" in text
    assert read_policy(text).flaws, "nobody may ask for it anew"
    assert read_policy(text, is_stored=True).policy == read_policy(pack_text()).policy
    assert read_policy(text.replace("at_most: C", "at_most: Q"), is_stored=True).flaws, "every other flaw is one"
