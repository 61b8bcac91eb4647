"""The list of customers with what each owes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Exists, F, Min, OuterRef, Q, Subquery, Sum, When

from huikuan.credit.models import Grade
from huikuan.desk.access import Seat
from huikuan.desk.queries.paging import Order, Page, Place, page_of
from huikuan.parties.models import Customer
from huikuan.parties.queries import visible_to
from huikuan.receivables.models import OpenItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What a customer owes in one currency."""

    currency: str
    open_minor: int
    overdue_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    """One line of the list."""

    pk: int
    code: str
    name: str
    industry: str
    grade: str
    collector: str
    days: int
    owed: tuple[Owed, ...]


ORDERS = {"name": Order("name"), "code": Order("code")}


def customers(seat: Seat, *, search: str, grade: str, order: str, place: Place) -> tuple[Page[CustomerRow], int]:
    """Return a page of the customers of the chosen entity that the user may see, and how many match. Three queries."""
    found = visible_to(seat.user, entity_id=seat.entity.pk)
    if grade:
        found = found.filter(Exists(Grade.objects.filter(customer=OuterRef("pk"), ended_on=None, letter=grade)))
    if search:
        found = found.filter(Q(name__icontains=search) | Q(code__icontains=search))
    letter = Grade.objects.filter(customer=OuterRef("pk"), ended_on=None).values("letter")[:1]
    listed = found.select_related("collector").annotate(letter=Subquery(letter))
    page = page_of(listed, ORDERS[order], place, read=lambda rows: _rows(rows, seat.today))
    return page, found.count()


def _rows(found: Sequence[Customer], today: date) -> list[CustomerRow]:
    owed = owed_by([customer.pk for customer in found], today=today)
    return [
        CustomerRow(
            pk=customer.pk,
            code=customer.code,
            name=customer.name,
            industry=customer.industry,
            grade=customer.letter or "",  # type: ignore[attr-defined]  # annotated above
            collector=str(customer.collector) if customer.collector else "",
            days=max((today - oldest).days, 0) if (oldest := owed.get(customer.pk, ((), None))[1]) else 0,
            owed=owed.get(customer.pk, ((), None))[0],
        )
        for customer in found
    ]


def owed_by(customer_ids: list[int], *, today: date) -> dict[int, tuple[tuple[Owed, ...], date]]:
    """Return what each customer owes per currency, and its oldest due day. One query over open items only."""
    sums = (
        OpenItem.objects.filter(customer_id__in=customer_ids, settled_on=None)
        .order_by()
        .values("customer_id", "currency")
        .annotate(
            open=Sum("open_minor"),
            overdue=Sum(Case(When(due_on__lt=today, then=F("open_minor")), default=0)),
            oldest=Min("due_on"),
        )
    )
    found: dict[int, tuple[tuple[Owed, ...], date]] = {}
    for row in sums:
        owed = Owed(currency=row["currency"], open_minor=row["open"], overdue_minor=row["overdue"])
        before, oldest = found.get(row["customer_id"], ((), row["oldest"]))
        found[row["customer_id"]] = ((*before, owed), min(oldest, row["oldest"]))
    return found
