"""What a user asked the aging report to show, read from the query string."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from huikuan.desk.forms.text import tidy
from huikuan.desk.forms.worklist import number
from huikuan.exchange.queries.aging import BUCKETS, By
from huikuan.kernel.days import parse_day
from huikuan.kernel.refusal import Refusal

BUCKETS_MAX = 12
DAYS_MAX = 36_500
INDUSTRY_MAX = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class AgingAsked:
    """A report as asked for; `problem` says in words what could not be read and was left at its default."""

    as_of: date
    by: By
    buckets: tuple[int, ...]
    customer_id: int | None
    collector_id: int | None
    industry: str | None
    problem: Refusal | None

    def query(self, today: date) -> dict[str, str]:
        """Return the report as it stands in a query string, without defaults."""
        said = {
            "as_of": "" if self.as_of == today else self.as_of.isoformat(),
            "by": "" if self.by is By.CUSTOMER else self.by.value,
            "buckets": "" if self.buckets == BUCKETS else ",".join(map(str, self.buckets)),
            "customer": str(self.customer_id or ""),
            "collector": str(self.collector_id or ""),
            "industry": self.industry or "",
        }
        return {name: value for name, value in said.items() if value}


def read_aging(query: Mapping[str, str], *, today: date) -> AgingAsked:
    """Return what was asked for. A day that cannot be read, or buckets that are none, stay at their defaults."""
    problem: Refusal | None = None
    as_of, by = today, By.CUSTOMER
    if query.get("as_of"):
        try:
            as_of = parse_day(query["as_of"])
        except Refusal as no:
            problem = no
    if query.get("by") in set(By):
        by = By(query["by"])
    parts = [part.strip() for part in query.get("buckets", "").replace("，", ",").split(",") if part.strip()]
    is_readable = all(part.isascii() and part.isdigit() and int(part[:9]) <= DAYS_MAX for part in parts)
    buckets = tuple(int(part) for part in parts) if parts and is_readable else BUCKETS
    return AgingAsked(
        as_of=as_of,
        by=by,
        buckets=buckets[:BUCKETS_MAX],
        customer_id=number(query, "customer"),
        collector_id=number(query, "collector"),
        industry=tidy(query, "industry", longest=INDUSTRY_MAX) or None,
        problem=problem,
    )
