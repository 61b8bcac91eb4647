"""What a user asked the worklist to show, read from the query string."""

from collections.abc import Container, Mapping

from django.http import QueryDict

from huikuan.cases.models import Task
from huikuan.cases.queries.worklist import SORTS, WorklistFilter
from huikuan.credit.models.grade import Letter
from huikuan.desk.access import Seat
from huikuan.desk.forms.text import tidy

SEARCH_MAX = 80
BUCKETS = {"0": (None, 0), "1-30": (1, 30), "31-60": (31, 60), "61-90": (61, 90), "91": (91, None)}
"""Days overdue, both ends included; None is open."""
NAMES = ("q", "kind", "step", "grade", "collector", "bucket", "sort", "state")


def read_query(query: Mapping[str, str]) -> dict[str, str]:
    """Return what was asked for and is on offer, by the names of the query string; defaults are left out."""
    offered: dict[str, Container[str]] = {
        "kind": Task.Kind.values,
        "grade": Letter.values,
        "bucket": BUCKETS,
        "sort": [name for name in SORTS if name != "priority"],
        "state": ["done"],
    }
    found = {name: tidy(query, name, longest=SEARCH_MAX) for name in NAMES}
    if not found["collector"].isdecimal():
        found["collector"] = "none" if found["collector"] == "none" else ""
    return {name: value for name, value in found.items() if value and value in offered.get(name, (value,))}


def filter_of(query: Mapping[str, str], seat: Seat) -> WorklistFilter:
    """Return the filter that a query from `read_query` asks for, in the chosen entity."""
    least, most = BUCKETS.get(query.get("bucket", ""), (None, None))
    collector = query.get("collector", "")
    return WorklistFilter(
        entity_id=seat.entity.pk,
        owner_id=int(collector) if collector.isdecimal() else None,
        without_owner=collector == "none",
        kind=query.get("kind", ""),
        step_code=query.get("step", ""),
        grade=query.get("grade", ""),
        state="done" if query.get("state") == "done" else "open",
        due_by=None if query.get("state") == "done" else seat.today,
        overdue_from_days=least,
        overdue_to_days=most,
        overdue_as_of=seat.today if "bucket" in query else None,
        search=query.get("q", ""),
        sort=query.get("sort", "priority"),  # type: ignore[arg-type]  # read_query lets only the known pass
    )


def is_narrow(query: Mapping[str, str]) -> bool:
    """Tell whether anything but the order was asked for."""
    return any(name not in {"sort", "state"} for name in query)


def number(query: Mapping[str, str] | QueryDict, name: str) -> int | None:
    """Return a key from a query string, None for nonsense."""
    value = query.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 19 else None  # noqa: PLR2004  64 bits
