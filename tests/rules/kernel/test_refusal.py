"""Refusals: the answer "no" with its facts."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import PurePosixPath

import pytest

from huikuan.kernel.refusal import Refusal, gettext_noop


class AlreadyOnHold(Refusal):
    code = "credit.already-on-hold"
    text = gettext_noop("Supply to {customer} is already stopped.")


def test_the_facts_stand_in_the_sentence_and_beside_it():
    no = AlreadyOnHold(customer="Tianhe", since=date(2026, 1, 5))
    assert str(no) == "Supply to Tianhe is already stopped."
    assert no.facts == {"customer": "Tianhe", "since": date(2026, 1, 5)}


def test_a_missing_fact_is_the_programmers_mistake():
    with pytest.raises(KeyError, match="customer"):
        AlreadyOnHold()


def test_the_machine_form_is_json():
    no = AlreadyOnHold(
        customer="Tianhe",
        since=date(2026, 1, 5),
        at=datetime(2026, 1, 5, 9, tzinfo=UTC),
        share=Decimal("0.10"),
        items=("A", 1, None, True),
        path=PurePosixPath("a/b"),
        more={1: date(2026, 1, 6)},
    )
    assert json.loads(json.dumps(no.as_dict()))["facts"] == {
        "customer": "Tianhe",
        "since": "2026-01-05",
        "at": "2026-01-05T09:00:00+00:00",
        "share": "0.10",
        "items": ["A", 1, None, True],
        "path": "a/b",
        "more": {"1": "2026-01-06"},
    }
