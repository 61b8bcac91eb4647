"""The runner of the cases is itself put to the test: what it does not know never passes, and what is wrong fails."""

import copy

import pytest

from tests.journeys.acceptance.running import Disagreed, run_case
from tests.journeys.acceptance.words import Unsupported, deed, same

CASE = {
    "id": "OWN-1",
    "area": "level",
    "given": {
        "currency": "USD",
        "policy": {"step": "one_level_per_run", "levels": [{"no": 1, "after_days": 5}]},
        "items": [{"id": "I1", "customer": "A", "due": "2026-01-01", "amount": "100.00"}],
    },
    "timeline": [{"on": "2026-01-06", "do": "run_reminders", "expect": {"count": 1, "level": {"I1": 1}}}],
}


def changed(*path, to):
    case = copy.deepcopy(CASE)
    place = case
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return case


@pytest.mark.django_db
def test_a_case_that_holds_passes_and_counts_what_it_checked():
    assert run_case(CASE) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "to", "says"),
    [
        (("given", "weather"), "fine", "given: weather"),
        (("given", "items", 0, "color"), "red", "items: color"),
        (("given", "policy", "mood"), "stern", "policy: mood"),
        (("given", "policy", "levels", 0, "tone"), "polite", "policy.levels: tone"),
        (("given", "policy", "step"), "at_random", "policy.step: at_random"),
        (("timeline", 0, "do"), "dance", "verb: dance"),
        (("timeline", 0, "do"), "run_reminders twice", "words: run_reminders twice"),
        (("timeline", 0, "do"), "run_reminders speed=high", "words: run_reminders speed="),
        (("timeline", 0, "do"), "pay A 5.00 on I9", "words: there is no item I9"),
        (("timeline", 0, "on"), "tomorrow", "on: 'tomorrow' is no day"),
        (("timeline", 0, "expect", "smile"), True, "expect: smile"),
        (("timeline", 0, "expect", "reminders"), [{"item": "I1", "color": "red"}], "expect: reminders.color"),
        (("timeline", 0, "weather"), "fine", "timeline: weather"),
        (("timeline",), [], "timeline: nothing is done"),
    ],
    ids=str,
)
def test_what_is_not_understood_is_unsupported(path, to, says):
    with pytest.raises(Unsupported, match=says.replace(".", r"\.").replace("'", "['\"]")):
        run_case(changed(*path, to=to))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("expect", "says"),
    [
        ({"count": 2}, "count is 1, the case expects 2"),
        ({"level": {"I1": 2}}, "level is {'I1': 1}"),
        ({"reminders": []}, "reminders is"),
        ({"error": "refused"}, "nothing was refused"),
        ({"balance": {"A": "99.99"}}, "balance is {'A': '100.00'}"),
    ],
    ids=str,
)
def test_what_is_wrong_fails(expect, says):
    with pytest.raises(Disagreed, match=says.replace("{", r"\{").replace("}", r"\}")):
        run_case(changed("timeline", 0, "expect", to=expect))


@pytest.mark.django_db
def test_a_refusal_that_the_case_does_not_expect_fails():
    case = changed("timeline", to=[*CASE["timeline"], {"on": "2026-01-05", "do": "run_reminders"}])
    with pytest.raises(Disagreed, match=r"refused: runs\.day-already-passed"):
        run_case(case)


def test_words_are_taken_apart():
    pay = deed("pay C 100.00USD on I1=50.00,I2 dated=2026-03-02 rest=keep")
    assert (pay.verb, pay.words, pay.options) == ("pay", ["C", "100.00USD"], {"dated": "2026-03-02", "rest": "keep"})
    assert {name: amount and str(amount) for name, amount in pay.targets.items()} == {"I1": "50.00", "I2": None}


@pytest.mark.parametrize(
    ("actual", "expected", "is_same"),
    [
        ("110.00", "110.0", True),
        ("110.00", "110.01", False),
        ("110.00 EUR", "110.00", False),
        (1, True, False),
        (0, False, False),
        ([["I1", "1.00"]], [["I1", "1"]], True),
        ([["I1", "1.00"]], [], False),
        ({"I1": 1}, {}, False),
        (None, 0, False),
    ],
    ids=str,
)
def test_amounts_are_compared_by_value_and_everything_else_exactly(actual, expected, is_same):
    assert same(actual, expected) is is_same


BY_ITEM = {
    "id": "OWN-2",
    "area": "level",
    "given": {
        "currency": "USD",
        "policy": {
            "step": "one_level_per_sent_reminder",
            "levels": [{"no": 1, "after_days": 5}, {"no": 2, "after_days": 20}],
        },
        "emails": {"A": "ap@a.example"},
        "items": [
            {"id": "I1", "customer": "A", "due": "2026-01-01", "amount": "100.00"},
            {"id": "I2", "customer": "A", "due": "2026-01-15", "amount": "50.00"},
        ],
    },
    "timeline": [
        {"on": "2026-01-06", "do": "run_reminders", "expect": {"count": 1, "level": {"I1": 1, "I2": 0, "A": 1}}},
        {"on": "2026-01-06", "do": "send_all", "expect": {"emails_count": 1}},
        {"on": "2026-01-07", "do": "block I1"},
        {"on": "2026-01-20", "do": "run_reminders", "expect": {"count": 1, "level": {"I1": 1, "I2": 1}}},
        {
            "on": "2026-01-20",
            "do": "send_all",
            "expect": {"emails": [{"to": "ap@a.example", "level": 1, "item": "I2"}]},
        },
        {"on": "2026-01-21", "do": "unblock I1"},
        {
            "on": "2026-02-04",
            "do": "run_reminders",
            "expect": {
                "count": 2,
                "reminders": [
                    {"item": "I1", "level": 2, "state": "draft"},
                    {"item": "I2", "level": 2, "state": "draft"},
                ],
            },
        },
        {"on": "2026-02-04", "do": "send_all", "expect": {"emails_count": 1}},
        {"on": "2026-02-05", "do": "pay I1", "expect": {"level": {"I1": 0, "I2": 2}}},
    ],
}


@pytest.mark.django_db
def test_items_of_one_customer_stand_on_levels_of_their_own():
    assert run_case(BY_ITEM) == 10


@pytest.mark.django_db
def test_a_customer_who_climbs_as_a_whole_takes_his_items_along():
    case = copy.deepcopy(BY_ITEM)
    case["given"]["policy"]["scope"] = "customer"
    with pytest.raises(Disagreed, match=r"level is \{'I1': 1, 'I2': 1, 'A': 1\}|count is 2"):
        run_case(case)
