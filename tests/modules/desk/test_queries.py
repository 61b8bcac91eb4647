"""What every page of the desk costs: few queries, whatever it shows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huikuan.cash.commands.matching import match_lines
from tests.bank import a_line
from tests.modules.desk.addresses import ADDRESSES
from tests.modules.desk.test_who_sees_what import asked, keys

__all__ = ["keys"]

FRAME = 3
"""Every page reads the session, the user and his roles."""
MOST = 10
"""Queries of a page beside its frame."""
MORE = {
    "call-script": 12,  # the claim as a message states it: items, money, terms, rates, waivers, holds, contracts
    "aging-export": 11,  # the report as a file, with the penalty of every item, and the entry in the journal
}
PAGES = [name for name, address in ADDRESSES.items() if address.method == "get"]
WHO = ("colleague", "finance", "administrator")
"""Between them they may open every page."""
RICH = (
    ("plan", "approved_plan", {}),
    ("agreements", "overridden", {}),
    ("case", "case", {"task": "task", "give": "1"}),
    ("call", "customer", {"task": "task", "person": "person"}),
    ("compose", "customer", {"template": "friendly", "person": "person"}),
    ("people", "customer", {"task": "task"}),
    ("plan-new", "customer", {"currency": "CNY", "parts": "3", "kind": "EVEN", "cycle": "MONTHLY", "items": "item"}),
    ("matching", None, {}),
    ("matching", None, {"q": "MAIN", "customer": "customer"}),
    ("inbound", "reply", {}),
    ("visit", "visit_under_way", {}),
    ("letter", "posted", {}),
    ("statement", "differing", {}),
)
"""Pages again with the rows and questions that make them show the most."""
MORE_OF_RICH = {
    ("agreements",): 11,  # six nouns, three of them with their parts
    ("case", "task", "give"): 11,  # and to whom it may be given
    ("call", "task", "person"): 11,  # and the task in hand
    ("matching", "q", "customer"): 12,  # and whom the search finds, and whose items are chosen from
    ("compose", "template", "person"): 23,  # the preview is the message itself: text, grade, wording, claim, guard
}


def cost_of(ask) -> int:
    """Return what an answer costs beside its frame."""
    with CaptureQueriesContext(connection) as queries:
        answer = ask()
        if answer.streaming:
            b"".join(answer.streaming_content)
    return len(queries) - FRAME


@pytest.mark.parametrize("who", WHO)
def test_no_page_starts_many_queries(who, request, client, keys, portfolio):
    client.force_login(request.getfixturevalue(who))
    asked(client, "people", ADDRESSES["people"], keys, portfolio)  # now this process knows what the policy says
    cost = {name: cost_of(lambda name=name: asked(client, name, ADDRESSES[name], keys, portfolio)) for name in PAGES}
    assert {name: count for name, count in cost.items() if count > MORE.get(name, MOST)} == {}


@pytest.mark.parametrize("who", WHO[:2])
def test_nor_when_there_is_more_to_show(who, request, client, keys, portfolio, now):
    for number in range(5):
        a_line(portfolio.entity, 1_000 + number, "货款 MAIN-INV-001", portfolio.customer.name)
    match_lines(entity_id=portfolio.entity.pk, now=now, threshold=101)
    client.force_login(request.getfixturevalue(who))
    asked(client, "people", ADDRESSES["people"], keys, portfolio)
    cost = {}
    for name, row, query in RICH:
        place = reverse(f"desk:{name}", args=[] if row is None else [keys[row]])
        data = {key: keys.get(value, value) for key, value in query.items()}
        cost[name, *query] = cost_of(lambda place=place, data=data: client.get(place, data))
    assert {each: count for each, count in cost.items() if count > MORE_OF_RICH.get(each, MOST)} == {}
