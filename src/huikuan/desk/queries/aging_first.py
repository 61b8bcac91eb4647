"""The aging page as it opens: the customers most overdue read now, the totals as the day's run kept them.

The whole report reads everything that is open. This reads what a page shows: the last run knows who owes most, and
what those few have open is added up as it stands.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from huikuan.cases.models import CaseBalance
from huikuan.desk.access import Seat
from huikuan.desk.forms.aging import AgingAsked
from huikuan.desk.queries.kept import Kept, latest_kept
from huikuan.exchange.queries.aging import AgingReport, AgingRow, By, aging_report
from huikuan.parties.models import Customer
from huikuan.parties.queries import sees_whole, visible_to
from huikuan.receivables.models import CreditNote, OpenItem, Receipt

FIRST = 50
KEPT_FOR = timedelta(days=4)
"""Before the day's run, and over a weekend, the totals of the last run are shown, with its day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """The rows of the first page, and where their totals come from.

    Attributes:
        report: Rows of the customers chosen; totals of all.
        is_complete: There are no other customers.
        kept_on: Day of the run that kept the totals; None: they were added up just now.
    """

    report: AgingReport
    is_complete: bool
    kept_on: date | None


def opens_with_first(seat: Seat, asked: AgingAsked) -> bool:
    """Tell whether the page can open with the customers most overdue: today, by customer, not one customer alone."""
    return asked.by is By.CUSTOMER and asked.as_of == seat.today and asked.customer_id is None


def first_of(seat: Seat, asked: AgingAsked) -> First:
    """Return the first page. Five or six queries; eight when the totals must be added up. Raises Refusal."""
    wanted = {"collector_id": asked.collector_id, "industry": asked.industry}
    narrowed = {name: value for name, value in wanted.items() if value is not None}
    mine = visible_to(seat.user, entity_id=seat.entity.pk).filter(**narrowed)
    keys = _most_overdue(seat, mine)
    if len(keys) < FIRST:
        keys += _others(mine, seat, keys)[: FIRST - len(keys)]
    report = _report(seat, asked, By.CUSTOMER, Customer.objects.filter(pk__in=keys))
    if len(keys) < FIRST:
        return First(report=report, is_complete=True, kept_on=None)
    kept = None if asked.industry is not None else latest_kept(seat, asked.collector_id)
    if kept and kept.edges == asked.buckets and asked.as_of - kept.as_of <= KEPT_FOR:
        return First(report=replace(report, totals=_totals(kept)), is_complete=False, kept_on=kept.as_of)
    is_whole = not narrowed and sees_whole(seat.user, seat.entity.pk)
    whole = _report(seat, asked, By.CURRENCY, None if is_whole else mine)
    return First(report=replace(report, totals=whole.totals), is_complete=False, kept_on=None)


def _report(seat: Seat, asked: AgingAsked, by: By, customers: QuerySet[Customer] | None) -> AgingReport:
    """Return the report over customers that the caller has found visible."""
    return aging_report(
        as_of=asked.as_of, by=by, buckets=asked.buckets, entity_ids=[seat.entity.pk], customers=customers
    )


def _most_overdue(seat: Seat, mine: QuerySet[Customer]) -> list[int]:
    """Return who owed most in the entity's own currency when the last run looked."""
    balances = CaseBalance.objects.filter(
        currency=seat.entity.currency, overdue_minor__gt=0, case__closed_on=None, case__customer__in=mine
    )
    return list(balances.order_by("-overdue_minor").values_list("case__customer_id", flat=True)[:FIRST])


def _others(mine: QuerySet[Customer], seat: Seat, known: list[int]) -> list[int]:
    """Return customers with anything open or on account, by code."""
    items = OpenItem.objects.filter(customer=OuterRef("pk"), settled_on=None)
    settled_later = OpenItem.objects.filter(entity=seat.entity, settled_on__gt=seat.today).values("customer_id")
    money = Receipt.objects.filter(customer=OuterRef("pk"), unapplied_minor__gt=0)
    notes = CreditNote.objects.filter(customer=OuterRef("pk"), unapplied_minor__gt=0)
    has_any = Exists(items) | Q(pk__in=settled_later) | Exists(money) | Exists(notes)
    found = mine.filter(has_any).exclude(pk__in=known).order_by("code", "pk")
    return list(found.values_list("pk", flat=True)[:FIRST])


def _totals(kept: Kept) -> list[AgingRow]:
    return [
        AgingRow(
            id=None,
            key="",
            label="",
            currency=currency,
            items=each["items"],
            total_minor=each["total"],
            buckets_minor=tuple(each["buckets"]),
            on_account_minor=-each["on_account"],
            penalty_minor=None,
        )
        for currency, each in kept.currencies.items()
    ]
