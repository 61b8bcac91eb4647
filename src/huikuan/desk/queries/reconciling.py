"""Account statements and bills of exchange as people see them."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.db.models import Count, F, Q, QuerySet, Sum

from huikuan.cash.models import AccountStatement
from huikuan.cash.models.account_statement import StatementState
from huikuan.desk.access import Seat
from huikuan.desk.queries.paging import Order, Page, Place, page_of
from huikuan.parties.models import User
from huikuan.parties.queries import may_see, visible_to
from huikuan.receivables.models import Bill
from huikuan.receivables.models.bill import BillState
from huikuan.receivables.rules.bill import present_until

LATEST: Final = Order("ends_on", down=True)
OVERDUE: Final = "OVERDUE"
"""Beside the states of a statement: sent, and the day to answer has passed."""
TONES: Final = {
    "MADE": "", "SENT": "info", "CONFIRMED": "good", "DIFFERS": "bad", "SETTLED": "warn", "WITHDRAWN": "",
    "HELD": "info", "PLEDGED": "info", "PRESENTED": "info", "PAID": "good", "DISHONORED": "bad", "ENDORSED": "",
    "DISCOUNTED": "",
}  # fmt: skip
"""Color of a state; the word beside it says the same."""
BILLS_SHOWN: Final = 200
OPEN_BILLS: Final = (BillState.HELD, BillState.PLEDGED, BillState.PRESENTED, BillState.DISHONORED)

_LIGHT: Final = ("data",)


def statement_rows(found: Sequence[AccountStatement], today: date) -> list[dict[str, Any]]:
    """Return statements as their table shows them."""
    return [
        {
            "statement": each,
            "tone": TONES[each.state],
            "is_late": each.state == StatementState.SENT and each.answer_by is not None and each.answer_by < today,
        }
        for each in found
    ]


def statements(seat: Seat, *, state: str, place: Place) -> Page[dict[str, Any]]:
    """Return a page of the statements of customers that the user may see, the latest period first."""
    found = _visible(seat)
    if state == OVERDUE:
        found = found.filter(state=StatementState.SENT, answer_by__lt=seat.today)
    elif state:
        found = found.filter(state=state)
    return _page(found, seat.today, place)


def statements_of(customer_id: int, today: date, place: Place) -> Page[dict[str, Any]]:
    """Return a page of one customer's statements, the latest period first."""
    return _page(AccountStatement.objects.filter(customer_id=customer_id), today, place)


def _page(found: QuerySet[AccountStatement], today: date, place: Place) -> Page[dict[str, Any]]:
    light = found.select_related("customer").defer(*_LIGHT)
    return page_of(light, LATEST, place, read=lambda rows: statement_rows(rows, today))


def statement_counts(seat: Seat) -> dict[str, int]:
    """Return how many statements are in each state, and how many answers are overdue. One query."""
    sums = {state: Count("pk", filter=Q(state=state)) for state in StatementState.values}
    late = Count("pk", filter=Q(state=StatementState.SENT, answer_by__lt=seat.today))
    return _visible(seat).order_by().aggregate(**sums, **{OVERDUE: late})


def _visible(seat: Seat) -> QuerySet[AccountStatement]:
    mine = visible_to(seat.user).filter(entity=seat.entity)
    return AccountStatement.objects.filter(entity=seat.entity, customer__in=mine)


def statement_visible_to(user: User, statement_id: int) -> AccountStatement | None:
    """Return a statement with what its page shows; None when the user may not know of it."""
    found = AccountStatement.objects.filter(may_see(user), pk=statement_id)
    return found.select_related("customer__entity", "entity", "pdf", "xlsx", "made_by").first()


def bill_rows(found: Sequence[Bill], today: date) -> list[dict[str, Any]]:
    """Return bills as their table shows them, with the day by which to act."""
    rows = []
    for bill in found:
        in_hand = bill.state in {BillState.HELD, BillState.PLEDGED}
        act_by = present_until(bill.matures_on) if in_hand else bill.recourse_ends_on
        rows.append(
            {
                "bill": bill,
                "tone": TONES[bill.state],
                "act_by": act_by,
                "is_late": act_by is not None and act_by < today,
                "is_due": in_hand and bill.matures_on <= today,
            }
        )
    return rows


def bills(seat: Seat, *, state: str) -> list[dict[str, Any]]:
    """Return the bills from customers that the user may see, as they mature; without a state the open ones."""
    found = _visible_bills(seat)
    chosen = found.filter(state=state) if state else found.filter(state__in=OPEN_BILLS)
    return bill_rows(list(chosen.select_related("customer").order_by("matures_on", "pk")[:BILLS_SHOWN]), seat.today)


def bill_calendar(seat: Seat) -> list[dict[str, Any]]:
    """Return what matures in which month, of the bills in our hands, by currency. One query."""
    in_hand = _visible_bills(seat).filter(state__in=[BillState.HELD, BillState.PLEDGED, BillState.PRESENTED])
    months = in_hand.order_by().values("currency", year=F("matures_on__year"), month=F("matures_on__month"))
    return [
        row | {"first_on": date(row["year"], row["month"], 1)}
        for row in months.annotate(count=Count("pk"), minor=Sum("amount_minor")).order_by("year", "month", "currency")
    ]


def _visible_bills(seat: Seat) -> QuerySet[Bill]:
    mine = visible_to(seat.user).filter(entity=seat.entity)
    return Bill.objects.filter(entity=seat.entity, customer__in=mine)


def bill_visible_to(user: User, bill_id: int) -> Bill | None:
    """Return a bill with what its page shows; None when the user may not know of it."""
    found = Bill.objects.filter(may_see(user), pk=bill_id)
    return found.select_related("customer", "entity", "receipt", "booked_by").first()
