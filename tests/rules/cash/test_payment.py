"""What a gateway's news means, and whom its money pays."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.cash.rules.payment import Asked, News, NewsState, Verdict, judge, next_check, share_out
from tests.tables import rows
from tests.twins import payment as twin

NOON = datetime(2026, 7, 10, 4, tzinfo=UTC)

CASES = rows("""
    case             | known    | told    | reference | currency | minor | verdict
    it comes         | PENDING  | PAID    | T1        | CNY      |   100 | BOOKED
    before our offer | CREATED  | PAID    | T1        | CNY      |   100 | BOOKED
    after its end    | CLOSED   | PAID    | T1        | CNY      |   100 | BOOKED
    after a failure  | FAILED   | PAID    | T1        | CNY      |   100 | BOOKED
    again            | PAID     | PAID    | T0        | CNY      |   100 | REPEATED
    after a refund   | REFUNDED | PAID    | T0        | CNY      |   100 | REPEATED
    a second one     | PAID     | PAID    | T1        | CNY      |   100 | PAID_AGAIN
    too little       | PENDING  | PAID    | T1        | CNY      |    99 | AMOUNT_DIFFERS
    too much         | CLOSED   | PAID    | T1        | CNY      |   101 | AMOUNT_DIFFERS
    other money      | PENDING  | PAID    | T1        | USD      |   100 | CURRENCY_DIFFERS
    it fails         | PENDING  | FAILED  |           |          |     0 | MOVED
    it is closed     | CREATED  | CLOSED  |           |          |     0 | MOVED
    closed twice     | CLOSED   | CLOSED  |           |          |     0 | REPEATED
    closed as failed | CLOSED   | FAILED  |           |          |     0 | REPEATED
    too late to fail | PAID     | FAILED  |           |          |     0 | OUT_OF_ORDER
    too late to wait | PAID     | PENDING |           |          |     0 | OUT_OF_ORDER
    no longer waits  | CLOSED   | PENDING |           |          |     0 | OUT_OF_ORDER
    it waits         | PENDING  | PENDING |           |          |     0 | NOTED
""")


@pytest.mark.parametrize("case", CASES.to_dicts(), ids=lambda case: case["case"])
def test_what_news_means(case):
    news = News(
        event_id="e", number="n", state=NewsState(case["told"]), provider_reference=case["reference"] or "",
        currency=case["currency"] or "", amount_minor=case["minor"],
    )  # fmt: skip
    asked = Asked(state=case["known"], currency="CNY", amount_minor=100, provider_reference="T0")
    assert judge(news, asked) is Verdict(case["verdict"])


def test_money_without_an_amount_is_never_booked():
    news = News(event_id="e", number="n", state=NewsState.PAID, currency="CNY", amount_minor=None)
    asked = Asked(state="PENDING", currency="CNY", amount_minor=100, provider_reference="")
    assert judge(news, asked) is Verdict.AMOUNT_DIFFERS


ITEMS = st.dictionaries(st.integers(1, 6), st.integers(0, 40), max_size=6)


@given(asked=ITEMS, still_open=ITEMS)
def test_an_item_gets_what_was_asked_for_it_and_no_more_than_is_open(asked, still_open):
    shares = share_out(list(asked.items()), still_open)
    assert dict(shares) == twin.share_out(list(asked.items()), still_open)
    assert len(dict(shares)) == len(shares)


@given(checked=st.integers(0, 50), minutes=st.integers(0, 200))
def test_a_gateway_is_asked_again_always_later_and_never_after_half_an_hour_more(checked, minutes):
    now = NOON + timedelta(minutes=minutes)
    again = next_check(now, checked=checked, expires_at=NOON + timedelta(minutes=60))
    assert timedelta(0) < again - now <= timedelta(minutes=30)
