"""The pages of the desk, asked for as a browser would, with a big ledger behind them: milliseconds and queries."""

import statistics
import time
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huikuan.bench.portfolio import AS_OF, NOW, entity
from huikuan.bench.stopwatch import peak_mib
from huikuan.cases.models import Case
from huikuan.parties.models import Customer, User
from huikuan.runs.commands.run import run_day
from huikuan.runs.models import Run

TIMES = 20
MILLI = 1000
TARGET_MS = 100
TARGET_QUERIES = 10


def measure() -> dict[str, Any]:
    """Do the day's run, then ask for every main page; the first answer, which warms up, is not counted."""
    run = run_day(entity_id=entity().pk, as_of=AS_OF, now=NOW)
    pages = {name: _page(path) for name, path in _paths(run).items()}
    return {
        "pages": pages,
        "target_ms": TARGET_MS,
        "slow": sorted(name for name, page in pages.items() if page["median_ms"] > TARGET_MS),
        "many_queries": sorted(name for name, page in pages.items() if page["queries"] > TARGET_QUERIES),
        "peak_mib": peak_mib(),
    }


def _paths(run: Run) -> dict[str, str]:
    case = Case.objects.filter(closed_on=None).order_by("pk").first()
    customer = Customer.objects.order_by("pk").first()
    paths = {name: reverse(f"desk:{name}") for name in _LISTS}
    if case is not None:
        paths["case"] = reverse("desk:case", args=[case.pk])
    if customer is not None:
        paths["customer"] = reverse("desk:customer", args=[customer.pk])
    return paths | {"run": reverse("desk:run", args=[run.pk])}


_LISTS = ("dashboard", "worklist", "customers", "aging", "runs", "deliveries", "policies")


def _page(path: str) -> dict[str, Any]:
    """Ask for one page again and again, as a manager of the whole entity."""
    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])
    client.force_login(User.objects.get(username="manager"))
    first = client.get(path)
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    queries = len(captured)  # now: the next request empties the log
    seconds = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        client.get(path)
        seconds.append(time.perf_counter() - begun)
    return {
        "status": first.status_code,
        "median_ms": round(statistics.median(seconds) * MILLI, 1),
        "p95_ms": round(sorted(seconds)[-(-TIMES * 95 // 100) - 1] * MILLI, 1),
        "queries": queries,
        "bytes": len(first.content),
    }
