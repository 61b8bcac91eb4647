"""The pages of the desk, asked for as a browser would, with a big ledger behind them: milliseconds and queries."""

import statistics
import time
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from huikuan.bench.portfolio import AS_OF, NOW, entity
from huikuan.bench.stopwatch import peak_mib
from huikuan.cases.models import Case
from huikuan.parties.models import User
from huikuan.parties.queries import may_see, visible_to
from huikuan.runs.commands.run import run_day
from huikuan.runs.models import Run

TIMES = (5, 20)
"""How often a page is asked for: at least, and at most while it takes less than `ENOUGH_SECONDS` in all."""
ENOUGH_SECONDS = 0.5
MILLI = 1000
TARGET_MS = 100
TARGET_QUERIES = 13
"""Ten of the page, and three of every frame."""


def measure() -> dict[str, Any]:
    """Do the day's run, then ask for every main page; the first answer, which warms up, is not counted.

    A manager sees the whole entity; a collector his own customers, which nothing was added up for but by the run.
    """
    run = run_day(entity_id=entity().pk, as_of=AS_OF, now=NOW)
    manager = User.objects.get(username="manager")
    collector = (
        User.objects.filter(collected_customers__entity=entity()).annotate(n=Count("pk")).order_by("-n", "pk")[0]
    )
    with patch.object(timezone, "now", lambda: NOW):  # the pages are those of the day of the load
        pages = {
            f"{role} {name}": _page(path, user)
            for role, user in (("manager", manager), ("collector", collector))
            for name, path in _paths(run, user).items()
        }
    return {
        "pages": pages,
        "target_ms": TARGET_MS,
        "slow": sorted(name for name, page in pages.items() if page["median_ms"] > TARGET_MS),
        "many_queries": sorted(name for name, page in pages.items() if page["queries"] > TARGET_QUERIES),
        "peak_mib": peak_mib(),
    }


def _paths(run: Run, user: User) -> dict[str, str]:
    case = Case.objects.filter(may_see(user), closed_on=None).order_by("pk").first()
    customer = visible_to(user).order_by("pk").first()
    paths = {name: reverse(f"desk:{name}") for name in _LISTS}
    if case is not None:
        paths["case"] = reverse("desk:case", args=[case.pk])
    if customer is not None:
        paths |= {name: reverse(f"desk:{name}", args=[customer.pk]) for name in _OF_CUSTOMER}
    return paths | {"run": reverse("desk:run", args=[run.pk])}


_LISTS = ("dashboard", "worklist", "customers", "aging", "runs", "deliveries", "letters", "statements", "policies")
_OF_CUSTOMER = ("customer", "people", "money", "contracts", "agreements", "disputes", "call", "compose", "plan-new")


def _page(path: str, user: User) -> dict[str, Any]:
    """Ask for one page again and again."""
    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])
    client.force_login(user)
    first = client.get(path)
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    queries = len(captured)  # now: the next request empties the log
    seconds: list[float] = []
    least, most = TIMES
    while len(seconds) < least or (len(seconds) < most and sum(seconds) < ENOUGH_SECONDS):
        begun = time.perf_counter()
        client.get(path)
        seconds.append(time.perf_counter() - begun)
    return {
        "status": first.status_code,
        "median_ms": round(statistics.median(seconds) * MILLI, 1),
        "p95_ms": round(sorted(seconds)[-(-len(seconds) * 95 // 100) - 1] * MILLI, 1),
        "queries": queries,
        "bytes": len(first.content),
    }
