"""The aging page: the report of the exchange, cut to what a page shows, with a bar for every row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from huikuan.desk.access import Seat
from huikuan.desk.charts import shares
from huikuan.desk.forms.aging import AgingAsked
from huikuan.exchange.ports import Column
from huikuan.exchange.queries.aging import AgingReport, AgingRow, By, aging_report
from huikuan.kernel.money import format_decimal
from huikuan.parties.models import Customer
from huikuan.parties.queries import visible_to

ROWS_SHOWN = 100
RED_AFTER_DAYS = 30
BAR = 1000
"""Width of a bar in its own units."""

NAMES = {
    By.CUSTOMER: _("Customer"),
    By.ITEM: _("Item"),
    By.CONTRACT: _("Contract"),
    By.COLLECTOR: _("Collector"),
    By.INDUSTRY: _("Industry"),
    By.CURRENCY: _("Currency"),
    By.ENTITY: _("Entity"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketHead:
    """A bucket: its name, its color, and whether money in it is red."""

    label: str
    tone: str
    is_red: bool
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgingLine:
    """A row of the table: amounts beside their buckets, and the bar."""

    row: AgingRow
    cells: tuple[tuple[int, BucketHead], ...]
    bar: tuple[tuple[str, int, int], ...]
    drill: dict[str, str]

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing is open: only money on account is left."""
        return self.row.total_minor == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgingPage:
    """The report as a page shows it: the largest overdue amounts first, totals below."""

    heads: tuple[BucketHead, ...]
    lines: tuple[AgingLine, ...]
    totals: tuple[AgingLine, ...]
    row_count: int
    is_first: bool
    """The rows are those of the customers most overdue; there are others."""
    kept_on: date | None
    """Day of the run that kept the totals; None: they were added up just now."""

    @property
    def hidden_count(self) -> int:
        """Return how many rows are left to the export."""
        return self.row_count - len(self.lines)


def report_of(seat: Seat, asked: AgingAsked, *, with_penalty: bool = False) -> AgingReport:
    """Return the report of the chosen entity for the customers that the user may see. Raises Refusal."""
    return aging_report(
        as_of=asked.as_of,
        by=asked.by,
        buckets=asked.buckets,
        entity_ids=[seat.entity.pk],
        customers=_narrowed(seat, asked),
        user=seat.user,
        with_penalty=with_penalty,
    )


def _narrowed(seat: Seat, asked: AgingAsked) -> QuerySet[Customer] | None:
    """Return the customers that a drill-down asks for, None for all."""
    wanted = {
        "pk": asked.customer_id,
        "collector_id": asked.collector_id,
        "industry": asked.industry,
    }
    asked_for = {name: value for name, value in wanted.items() if value is not None}
    return visible_to(seat.user).filter(**asked_for) if asked_for else None


def aging_page(
    report: AgingReport, asked: AgingAsked, *, is_first: bool = False, kept_on: date | None = None
) -> AgingPage:
    """Cut a report to a page; say whether it is the first of more, and which run kept its totals."""
    heads = tuple(_head(number, label, asked.buckets) for number, label in enumerate(report.labels))
    largest = sorted(report.rows, key=lambda row: (-row.overdue_minor, -row.total_minor))[:ROWS_SHOWN]
    return AgingPage(
        heads=heads,
        lines=tuple(_line(row, heads, asked.by) for row in largest),
        totals=tuple(_line(row, heads, asked.by) for row in report.totals),
        row_count=len(report.rows),
        is_first=is_first,
        kept_on=kept_on,
    )


def _head(number: int, label: str, buckets: Sequence[int]) -> BucketHead:
    starts_after = (0, 0, *buckets)[number]
    return BucketHead(
        label=label,
        tone=f"b{min(number, 6)}",
        is_red=number > 0 and starts_after >= RED_AFTER_DAYS,
        is_current=number == 0,
    )


def _line(row: AgingRow, heads: Sequence[BucketHead], by: By) -> AgingLine:
    bar = tuple((heads[index].tone, x, width) for index, x, width in shares(row.buckets_minor, BAR))
    return AgingLine(row=row, cells=tuple(zip(row.buckets_minor, heads, strict=True)), bar=bar, drill=_drill(row, by))


def _drill(row: AgingRow, by: By) -> dict[str, str]:
    """Return what to add to the query string to look into a row; empty where there is nothing below."""
    if by is By.CUSTOMER and row.id is not None:
        return {"by": By.ITEM.value, "customer": str(row.id)}
    if by is By.COLLECTOR and row.id is not None:
        return {"by": By.CUSTOMER.value, "collector": str(row.id)}
    if by is By.INDUSTRY and row.key:
        return {"by": By.CUSTOMER.value, "industry": row.key}
    return {}


def file_columns(report: AgingReport) -> list[Column]:
    """Return the columns of the report as a file."""
    money = [*report.labels, "on_account", "penalty"]
    return [
        Column("as_of", "day", 12),
        Column(report.by.value, "text", 24),
        Column("name", "text", 32),
        Column("currency", "text", 9),
        Column("items", "whole", 8),
        Column("total", "money", 18),
        *(Column(name, "money", 16) for name in money),
    ]


def file_rows(report: AgingReport) -> Iterator[Sequence[object]]:
    """Yield the rows of the file, without totals, so that a spreadsheet can sum and filter them."""
    for row in report.rows:
        amounts = (row.total_minor, *row.buckets_minor, row.on_account_minor, row.penalty_minor or 0)
        written = [format_decimal(minor, row.currency) for minor in amounts]
        yield [report.as_of, row.key, row.label, row.currency, row.items, *written]
