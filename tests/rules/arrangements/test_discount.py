"""2 % within 10 days: exact to the cent, in time or refused; the rule and the bookkeeper agree."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.arrangements.rules.discount import offered, verdict
from huikuan.arrangements.rules.offer import Paid
from tests.tables import cases
from tests.twins import discount as twin

ISSUED = date(2026, 7, 1)
TOLD = cases("""
    why:text                   | amount | first | on         | then | then_on    | state:text | minor | paid_on
    98 % on the last day       |  10001 |  9801 | 2026-07-11 |      |            | TAKEN      |   200 | 2026-07-11
    98 % a day late            |  10001 |  9801 | 2026-07-12 |      |            | LATE       |   200 | 2026-07-12
    more than 98 %             |  10001 |  9900 | 2026-07-03 |      |            | TAKEN      |   101 | 2026-07-03
    in two parts, both in time |  10001 |  5000 | 2026-07-03 | 4801 | 2026-07-09 | TAKEN      |   200 | 2026-07-09
    the second part late       |  10001 |  5000 | 2026-07-03 | 4801 | 2026-07-19 | LATE       |   200 | 2026-07-19
    a cent too little          |  10001 |  9800 | 2026-07-03 |      |            |            |       |
    all of it                  |  10001 | 10001 | 2026-07-03 |      |            |            |       |
""")


@pytest.mark.parametrize("case", TOLD, ids=lambda case: case["why"])
def test_two_percent_within_ten_days(case):
    paid = [Paid(case["on"], case["first"])]
    if case["then"]:
        paid.append(Paid(case["then_on"], case["then"]))
    terms = offered(amount_minor=case["amount"], issued_on=ISSUED, share=20_000, days=10)
    said = verdict(amount_minor=case["amount"], paid=paid, terms=terms)
    wanted = None if case["state"] is None else (case["state"], case["minor"], case["paid_on"])
    assert (said and (said.state, said.minor, said.paid_on)) == wanted


@given(
    amount=st.integers(1, 5000),
    share=st.integers(0, 200_000),
    days=st.integers(1, 20),
    paid=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 3000)), max_size=3),
)
def test_the_rule_is_the_walk_through_the_days(amount, share, days, paid):
    money = [(ISSUED + timedelta(days=offset), minor) for offset, minor in paid]
    terms = offered(amount_minor=amount, issued_on=ISSUED, share=share, days=days)
    said = verdict(amount_minor=amount, paid=[Paid(*each) for each in money], terms=terms)
    wanted = twin.verdict(amount_minor=amount, issued_on=ISSUED, share_ppm=share, days=days, paid=money)
    assert (said and (said.state, said.minor, said.paid_on)) == wanted
