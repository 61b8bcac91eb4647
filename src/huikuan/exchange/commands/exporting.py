"""Export rows as a file: any columns and rows, or one of the lists. Only the rows under way are held in memory."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum

from django.db.models import QuerySet

from huikuan.exchange.ports import Column
from huikuan.exchange.queries.listed import columns_of, rows_of
from huikuan.exchange.wiring import writer
from huikuan.parties.models import Customer
from huikuan.parties.queries import Person, visible_to


class FileFormat(StrEnum):
    """Formats of exported files."""

    CSV = "csv"
    XLSX = "xlsx"

    @property
    def content_type(self) -> str:
        """Return the media type for a download."""
        if self is FileFormat.CSV:
            return "text/csv; charset=utf-8"
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export_rows(
    columns: Sequence[Column], rows: Iterable[Sequence[object]], file_format: FileFormat | str
) -> Iterator[bytes]:
    """Yield a file with these columns and rows; cells that a spreadsheet would run as a formula are made harmless.

    Args:
        columns: Headings and kinds of cells.
        rows: Values in the order of the columns: text, whole numbers, days, instants, None; money as decimal text.
        file_format: csv or xlsx.
    """
    return writer(FileFormat(file_format).value)(columns, rows)


def export_list(
    *,
    name: str,
    file_format: FileFormat | str,
    as_of: date | None = None,
    entity_ids: Sequence[int] | None = None,
    customers: QuerySet[Customer] | None = None,
    user: Person | None = None,
) -> Iterator[bytes]:
    """Yield a list as a file.

    Args:
        name: A name of `queries.lists.SOURCES`: customers, contacts, contracts, items, receipts, allocations, tasks,
            cases, deliveries, decisions.
        file_format: csv or xlsx.
        as_of: What was there on that day; None for all there is.
        entity_ids: Only these creditors; None for all.
        customers: Only these customers; None for all.
        user: Only customers that this user may see; None only for the command line, which stands above roles.
    """
    seen = customers
    if user is not None:
        visible = visible_to(user)
        seen = visible if customers is None else visible.filter(pk__in=customers.values("pk"))
    rows = rows_of(name, as_of=as_of, entity_ids=entity_ids, customers=seen)
    return export_rows(columns_of(name), rows, file_format)
