"""The contact guard: the vectors of law.md §6, every rule, and agreement with its twin."""

from datetime import UTC, date, datetime

import pytest

from huikuan.policy.reading.guard import guard_pack
from huikuan.policy.rules.guard import (
    Allow,
    Block,
    Consent,
    DelayUntil,
    Past,
    Person,
    Refuse,
    Request,
    RunningHold,
    ask,
)
from huikuan.policy.rules.guard_pack import RULES
from tests.tables import cases

PACK = guard_pack("guard_cn_default")
NUMBER = "+8613800000000"
PAYER = Person(acts_for_debtor=True)


def at(text: str, offset: str = "+08:00") -> datetime:
    return datetime.fromisoformat(text + offset).astimezone(UTC)


def request(now="2026-11-20 10:00:00", channel="PHONE", **more) -> Request:
    given = {
        "time_zone": "Asia/Shanghai",
        "country": "CN",
        "address": NUMBER,
        "person": PAYER,
        "is_automatic": False,
        **more,
    }
    return Request(channel=channel, now=at(now), **given)


def dials(count: int, *, day="2026-11-20", is_connected=False, address=NUMBER) -> list[Past]:
    return [Past("PHONE", at(f"{day} 09:00:{n:02}"), address, is_connected) for n in range(count)]


HOURS = cases("""
    now                 | channel | is_automatic | until:text
    # 22:00 to 08:00 is quiet, on every channel that rings or lights up
    2026-11-20 21:59:59 | PHONE   | false        |
    2026-11-20 22:00:00 | PHONE   | false        | 2026-11-21 08:00
    2026-11-21 07:59:59 | PHONE   | false        | 2026-11-21 08:00
    2026-11-21 08:00:00 | PHONE   | false        |
    2026-11-20 22:00:00 | LETTER  | false        |
    # the machine: working days, 09:00 until before 18:00
    2026-11-20 08:59:59 | EMAIL   | true         | 2026-11-20 09:00
    2026-11-20 09:00:00 | EMAIL   | true         |
    2026-11-20 17:59:59 | EMAIL   | true         |
    2026-11-20 18:00:00 | EMAIL   | true         | 2026-11-23 09:00
    2026-11-21 10:00:00 | EMAIL   | true         | 2026-11-23 09:00
    # a Saturday made a working day, and the Spring Festival
    2026-02-14 10:00:00 | EMAIL   | true         |
    2026-02-14 18:00:00 | EMAIL   | true         | 2026-02-24 09:00
""")


@pytest.mark.parametrize("case", HOURS, ids=lambda case: f"{case['now']} {case['channel']}")
def test_hours(case):
    answer = ask(request(case["now"], case["channel"], is_automatic=case["is_automatic"]), packs=[PACK])
    if case["until"] is None:
        assert answer == Allow()
    else:
        assert isinstance(answer, DelayUntil)
        assert answer.at == at(case["until"] + ":00")


def test_the_clock_is_the_customers():
    late_in_london = request("2026-11-20 21:00:00", time_zone="Europe/London", country="GB")
    assert ask(late_in_london, packs=[PACK]) == Allow()
    early_in_london = ask(request("2026-11-20 15:30:00", time_zone="Europe/London", country="GB"), packs=[PACK])
    assert isinstance(early_in_london, DelayUntil)
    assert early_in_london.at == at("2026-11-20 08:00:00", "+00:00")


def test_a_year_nobody_has_published_waits_and_asks_a_person():
    answer = ask(request("2028-03-01 10:00:00", "EMAIL", is_automatic=True), packs=[PACK])
    assert isinstance(answer, DelayUntil)
    assert (answer.at, answer.asks_person) == (at("2028-03-02 09:00:00"), True)
    assert ask(request("2028-03-01 10:00:00", "EMAIL"), packs=[PACK]) == Allow()


def test_three_connected_calls_and_six_dials_per_number_and_day():
    assert ask(request(), packs=[PACK], history=dials(5)) == Allow()
    seventh = ask(request(), packs=[PACK], history=dials(6))
    assert isinstance(seventh, DelayUntil)
    assert (seventh.rule.code, seventh.at) == ("dials_per_day", at("2026-11-21 08:00:00"))
    assert ask(request(), packs=[PACK], history=dials(2, is_connected=True)) == Allow()
    fourth = ask(request(), packs=[PACK], history=dials(3, is_connected=True))
    assert isinstance(fourth, DelayUntil)
    assert fourth.rule.code == "connected_calls_per_day"
    assert ask(request(address="+8613900000000"), packs=[PACK], history=dials(6)) == Allow()
    assert ask(request(), packs=[PACK], history=dials(6, day="2026-11-19")) == Allow()


def test_the_eighth_call_in_seven_rolling_days_waits():
    calls = [Past("PHONE", at(f"2026-11-{day} 10:00:00"), f"number {day}") for day in range(14, 21)]
    answer = ask(request("2026-11-20 10:30:00"), packs=[PACK], history=calls)
    assert isinstance(answer, DelayUntil)
    assert (answer.rule.code, answer.at) == ("calls_per_week", at("2026-11-21 10:00:00"))
    assert ask(request("2026-11-21 10:00:00"), packs=[PACK], history=calls) == Allow()


def test_one_visit_a_day_by_two_persons():
    alone = ask(request(channel="VISIT", visitor_count=1), packs=[PACK])
    assert isinstance(alone, Refuse)
    assert alone.rule.code == "visit_persons"
    assert ask(request(channel="VISIT", visitor_count=2), packs=[PACK]) == Allow()
    again = ask(
        request(channel="VISIT", visitor_count=2), packs=[PACK], history=[Past("VISIT", at("2026-11-20 09:00:00"))]
    )
    assert isinstance(again, DelayUntil)


def test_one_written_demand_per_channel_in_three_days():
    sent = [Past("EMAIL", at("2026-11-18 17:00:00"), is_demand=True)]
    second = ask(request(channel="EMAIL", is_demand=True), packs=[PACK], history=sent)
    assert isinstance(second, DelayUntil)
    assert (second.rule.code, second.at) == ("demand_gap", at("2026-11-21 08:00:00"))
    assert ask(request("2026-11-21 08:00:00", "EMAIL", is_demand=True), packs=[PACK], history=sent) == Allow()
    assert ask(request(channel="SMS", is_demand=True), packs=[PACK], history=sent) == Allow()
    assert ask(request(channel="EMAIL"), packs=[PACK], history=sent) == Allow()


@pytest.mark.parametrize(
    ("more", "blocks", "rule"),
    [
        ({}, [Block("OPT_OUT")], "opt_out"),
        ({}, [Block("OPT_OUT", "PHONE")], "opt_out"),
        ({}, [Block("OPT_OUT", "EMAIL")], None),
        ({}, [Block("WRONG_PERSON")], "wrong_person"),
        ({"person": Person(acts_for_debtor=False)}, [], "acts_for_debtor"),
        ({"person": Person(acts_for_debtor=True, has_basis=False)}, [], "acts_for_debtor"),
        ({"person": None}, [], None),
        ({"proposes": ("STOP_SERVICE",), "is_property": True}, [], "utilities"),
        ({"proposes": ("STOP_SUPPLY",)}, [], None),
        ({"words": "请于本周内付款，否则停水停电。", "is_property": True}, [], "utilities"),
        ({"words": "本周六停电检修。"}, [], None),
        ({"words": "再不付款，后果自负！"}, [], "language"),
    ],
)
def test_refusals_stand_at_any_hour(more, blocks, rule):
    for now in ("2026-11-20 10:00:00", "2026-11-20 23:00:00"):
        answer = ask(request(now, **more), packs=[PACK], blocks=blocks)
        if rule is None:
            assert not isinstance(answer, Refuse)
        else:
            assert isinstance(answer, Refuse)
            assert answer.rule.code == rule
            assert answer.rule.source


def test_a_hold_that_covers_everything_waits_until_it_is_over():
    answer = ask(request(), packs=[PACK], holds=[RunningHold("COMPLAINT", date(2026, 11, 25))])
    assert isinstance(answer, DelayUntil)
    assert (answer.rule.code, answer.at) == ("hold", at("2026-11-26 08:00:00"))


def test_consent_lifts_only_its_own_rule_and_expires():
    late = request("2026-11-20 22:30:00")
    until = Consent("quiet_hours", at("2026-11-21 00:00:00"))
    assert ask(late, packs=[PACK], consents=[until]) == Allow()
    assert isinstance(ask(late, packs=[PACK], consents=[until], history=dials(6)), DelayUntil)
    assert isinstance(ask(request("2026-11-21 00:30:00"), packs=[PACK], consents=[until]), DelayUntil)
    many = Consent("dials_per_day", at("2027-01-01 00:00:00"))
    assert isinstance(ask(request(), packs=[PACK], consents=[many], history=dials(6)), DelayUntil)


def test_the_pack_names_every_rule_with_words_source_and_status():
    assert tuple(PACK.rules) == RULES
    assert PACK.is_whole
    for rule in PACK.rules.values():
        assert rule.in_words("zh-hans") != rule.in_words("en")
        assert "{" not in rule.in_words("en")
    assert PACK.rules["dials_per_day"].in_words("zh-hans") == "同一号码每天拨打不超过 6 次"
    assert not PACK.rules["dials_per_day"].is_verified


def test_a_policy_tightens_and_never_loosens():
    tight = PACK.tightened({"dials_per_day": {"limit": 2}})
    assert isinstance(ask(request(), packs=[tight], history=dials(2)), DelayUntil)
    assert ask(request(), packs=[PACK], history=dials(2)) == Allow()
    with pytest.raises(ValueError, match="looser"):
        PACK.tightened({"dials_per_day": {"limit": 7}})
