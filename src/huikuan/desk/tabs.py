"""The pages of one customer: a row of tabs above each, so that no page carries everything (decision 0022)."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Subquery
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from huikuan.cases.queries.case import latest_case
from huikuan.desk.access import Seat, visible_customer


@dataclass(frozen=True, slots=True)
class Tab:
    """One page of a customer; `view` takes the customer's id."""

    view: str
    label: LazyText
    icon: str


TABS: Final = (
    Tab("desk:customer", _("Customer"), "building-2"),
    Tab("desk:people", _("Contacts"), "contact-round"),
    Tab("desk:money", _("Money"), "wallet"),
    Tab("desk:contracts", _("Contracts"), "file-pen"),
    Tab("desk:customer-statements", _("Statements"), "scale"),
    Tab("desk:agreements", _("Agreements"), "handshake"),
    Tab("desk:disputes", _("Disputes and signals"), "message-circle-warning"),
    Tab("desk:customer-letters", _("Letters"), "mail"),
    Tab("desk:customer-visits", _("Visits"), "map-pin"),
)
"""In the order in which they are shown; a new noun adds its line."""


def tab_context(seat: Seat, customer_id: int, **beside: Subquery) -> dict[str, Any]:
    """Return what the frame of a tab page draws, the customer with what is asked beside. One query.

    Raises Http404 when the user may not see the customer.
    """
    customer = visible_customer(seat, customer_id, latest_case_id=latest_case(), **beside)
    return {
        "customer": customer,
        "customer_id": customer_id,
        "entity_id": customer.entity_id,
        "tabs": TABS,
        "tab_case_id": customer.latest_case_id,  # type: ignore[attr-defined]  # annotated
    }
