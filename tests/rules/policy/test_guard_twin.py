"""The guard against its twin: ten thousand attempts in a row, and to the minute for a few."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from huikuan.kernel.calendar import WorkingCalendar
from huikuan.policy.reading.guard import packs_for
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
from huikuan.policy.rules.guard_pack import Debtor
from tests.twins.guard import World, blocked_by, first_free, refused_by

PLACES = (
    ("Asia/Shanghai", "CN", False),
    ("Asia/Shanghai", "CN", True),
    ("Europe/London", "GB", False),
    ("Europe/Berlin", "DE", True),
    ("America/New_York", "US", True),
    ("America/New_York", "US", False),
    ("Asia/Singapore", "SG", False),
)
CHANNELS = ("PHONE", "PHONE", "PHONE", "EMAIL", "SMS", "SMS", "LETTER", "VISIT", "WECHAT")
NUMBERS = ("+1", "+2")
OFFENCES = {"": "", "再不付款，後 果 自 負": "language", "不缴费将停止供水": "utilities", "请于周五前付款": ""}
PAYER = Person(acts_for_debtor=True)
FIRST = datetime(2026, 8, 3, tzinfo=UTC)
ATTEMPTS, CASES = 10_000, 50


def packs_of(country: str, *, is_person: bool, is_property: bool = False):
    businesses = frozenset({"PROPERTY"} if is_property else {"SALE"})
    return packs_for(None, Debtor(country, "PERSON" if is_person else "SMALL", businesses))


def attempts(dice: random.Random, zone: str, country: str):
    """Return the attempts of one case over four weeks, in order of time."""
    minutes = sorted(dice.randrange(28 * 24 * 60) for _ in range(ATTEMPTS // CASES))
    is_property = dice.random() < 0.2
    for offset in minutes:
        yield Request(
            channel=dice.choice(CHANNELS),
            now=FIRST + timedelta(minutes=offset),
            time_zone=zone,
            country=country,
            address=dice.choice(NUMBERS),
            person=dice.choice([PAYER] * 8 + [None, Person(acts_for_debtor=dice.random() < 0.5, has_basis=False)]),
            is_automatic=dice.random() < 0.4,
            is_demand=dice.random() < 0.6,
            is_property=is_property,
            words=dice.choice([""] * 8 + list(OFFENCES)),
            proposes=dice.choice([()] * 9 + [("STOP_SUPPLY",)]),
            visitor_count=dice.choice([1, 2, 2, 3]),
        )


def a_world(dice: random.Random, *, is_person: bool) -> World:
    """Return what stands from the beginning: holds, blocks and consents of some cases."""
    holds = [RunningHold("DISPUTE", date(2026, 8, dice.randrange(4, 12)))] if dice.random() < 0.3 else []
    blocks = [Block(dice.choice(["OPT_OUT", "WRONG_PERSON"]), dice.choice(["EMAIL", "VISIT"]))]
    rules = ["quiet_hours", "conversation_silence", "visit_consent"]
    consents = [Consent(rule, dice.choice([None, FIRST + timedelta(days=14)])) for rule in rules if dice.random() < 0.4]
    return World(holds=holds, blocks=blocks if dice.random() < 0.3 else [], consents=consents, is_person=is_person)


def agree(asked: Request, answer, world: World, dice: random.Random) -> None:
    """Compare one answer with the twin."""
    forbidden, waiting = refused_by(asked, world), blocked_by(asked, asked.now, world)
    if isinstance(answer, Refuse):
        assert answer.rule.code in forbidden
        return
    assert not forbidden
    if isinstance(answer, Allow):
        assert not waiting
        return
    assert answer.rule.code in waiting
    assert not blocked_by(asked, answer.at, world)
    span = int((answer.at - asked.now).total_seconds())
    for seconds in (span - 1, dice.randrange(span), dice.randrange(span)):
        assert blocked_by(asked, asked.now + timedelta(seconds=seconds), world)


def test_ten_thousand_attempts_agree_with_the_twin_and_none_outside_the_law_is_sent():
    dice = random.Random(20261121)
    counts = {"Allow": 0, "DelayUntil": 0, "Refuse": 0}
    for number in range(CASES):
        zone, country, is_person = PLACES[number % len(PLACES)]
        world = a_world(dice, is_person=is_person)
        sent = []
        for asked in attempts(dice, zone, country):
            packs = packs_of(country, is_person=is_person, is_property=asked.is_property)
            offence = OFFENCES[asked.words]
            world.offends = offence if offence != "utilities" or asked.is_property else ""
            world.history = [past for _, past in sent if past.at > asked.now - timedelta(days=14)]
            answer = ask(
                asked, packs=packs, history=world.history, blocks=world.blocks, holds=world.holds,
                consents=world.consents,
            )  # fmt: skip
            agree(asked, answer, world, dice)
            counts[type(answer).__name__] += 1
            if isinstance(answer, Allow):
                is_connected = asked.channel == "PHONE" and dice.random() < 0.5
                past = Past(asked.channel, asked.now, asked.address, is_connected, is_demand=asked.is_demand)
                sent.append((asked, past))
        lawful(sent, world)
    assert sum(counts.values()) == ATTEMPTS
    assert min(counts.values()) > ATTEMPTS // 20, counts


def lawful(sent: list[tuple[Request, Past]], world: World) -> None:
    """Look at what was sent as a judge would: count it day by day, without the guard and without its twin."""
    days = defaultdict(list)
    calls, demands = [], defaultdict(list)
    for asked, past in sent:
        here = asked.now.astimezone(ZoneInfo(asked.time_zone))
        days[here.date()].append(past)
        may_at_night = past.channel == "LETTER" or any(each.rule == "quiet_hours" for each in world.consents)
        assert may_at_night or 8 <= here.hour < 22
        if asked.is_automatic and past.channel not in {"LETTER", "VISIT"}:
            assert WorkingCalendar(asked.country).is_working_day(here.date())
            assert 9 <= here.hour < 18
        assert all(here.date() > hold.ends_on for hold in world.holds)
        assert "后" not in asked.words
        if past.channel == "PHONE":
            calls.append(past.at)
        if past.channel == "VISIT":
            assert asked.visitor_count >= 2
        if past.is_demand and past.channel not in {"VISIT", "PHONE"}:
            demands[past.channel].append(here.date())
    for day in days.values():
        assert sum(past.channel == "VISIT" for past in day) <= 1
        for number in NUMBERS:
            dials = [past for past in day if past.channel == "PHONE" and past.address == number]
            assert len(dials) <= 6
            assert sum(past.is_connected for past in dials) <= 3
    assert all(eighth - first >= timedelta(days=7) for first, eighth in zip(calls, calls[7:], strict=False))
    for each in demands.values():
        assert all((later - earlier).days >= 3 for earlier, later in pairwise(each))


minutes = st.integers(0, 9 * 24 * 60)
histories = st.lists(
    st.builds(
        Past,
        channel=st.sampled_from(["PHONE", "PHONE", "PHONE", "EMAIL", "VISIT", "SMS"]),
        at=minutes.map(lambda offset: FIRST + timedelta(days=9, minutes=-offset)),
        address=st.sampled_from(NUMBERS),
        is_connected=st.booleans(),
        is_demand=st.booleans(),
        is_ours=st.booleans(),
    ),
    max_size=14,
)


@settings(max_examples=40)
@given(
    channel=st.sampled_from(CHANNELS),
    later=minutes,
    is_automatic=st.booleans(),
    is_demand=st.booleans(),
    place=st.sampled_from(PLACES),
    history=histories,
    hold=st.none() | st.integers(0, 6).map(lambda days: RunningHold("DISPUTE", date(2026, 8, 12) + timedelta(days))),
    consent=st.none() | minutes.map(lambda offset: Consent("quiet_hours", FIRST + timedelta(days=9, minutes=offset))),
)
def test_the_guard_and_its_twin_agree_to_the_minute(
    channel, later, is_automatic, is_demand, place, history, hold, consent
):
    zone, country, is_person = place
    asked = Request(
        channel=channel,
        now=FIRST + timedelta(days=9, minutes=later % (3 * 24 * 60)),
        time_zone=zone,
        country=country,
        address=NUMBERS[0],
        person=PAYER,
        is_automatic=is_automatic,
        is_demand=is_demand,
        visitor_count=2,
    )
    visit = Consent("visit_consent", None)
    world = World(history, [hold] if hold else [], [], [visit, consent] if consent else [visit], is_person)
    answer = ask(
        asked, packs=packs_of(country, is_person=is_person), history=history, holds=world.holds, consents=world.consents
    )
    expected = first_free(asked, world, timedelta(days=16))
    if isinstance(answer, Allow):
        assert expected == asked.now
    else:
        assert isinstance(answer, DelayUntil)
        assert answer.at == expected
        assert answer.rule.code in blocked_by(asked, asked.now, world)
