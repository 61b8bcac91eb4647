"""What every page of the desk costs: few queries, whatever it shows. The table of addresses is that of who sees what."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huikuan.cash.commands.matching import match_lines
from tests.bank import a_line
from tests.modules.desk.addresses import ADDRESSES
from tests.modules.desk.test_who_sees_what import asked, keys

__all__ = ["keys"]

FRAME = 3
"""Every page reads the session, the user and his roles."""
MOST = 10
"""Queries of a page beside its frame."""
MORE = {}
PAGES = [name for name, address in ADDRESSES.items() if address.method == "get"]
BY = ("colleague", "finance", "administrator")
"""Between them they may open every page."""


@pytest.mark.parametrize("who", BY)
def test_no_page_starts_many_queries(who, request, client, keys, portfolio):
    client.force_login(request.getfixturevalue(who))
    cost = {}
    for name in PAGES:
        with CaptureQueriesContext(connection) as queries:
            answer = asked(client, name, ADDRESSES[name], keys, portfolio)
            if answer.streaming:
                b"".join(answer.streaming_content)
        cost[name] = len(queries) - FRAME
        if answer.status_code==200 and cost[name]>8: print(name, cost[name])
        if cost[name]>MOST:
            for q in queries: print("    ", q["sql"][:60], q["sql"][q["sql"].find(" FROM "):][:90])
    assert {name: count for name, count in cost.items() if count > MORE.get(name, MOST)} == {}
