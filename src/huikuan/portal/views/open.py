"""Where every link leads first: to the page of its purpose."""

from collections.abc import Callable, Mapping
from typing import Final

from django.http import HttpResponse
from django.utils import timezone

from huikuan.outreach.commands.receipts import note_reading
from huikuan.parties.commands.links import LinkUnknown, note_opening
from huikuan.parties.models import SignedLink
from huikuan.portal.access import UNKNOWN, PortalRequest, linked, said_no
from huikuan.portal.views import bill, plan, statement

PAGES: Final[Mapping[str, Callable[[PortalRequest], HttpResponse]]] = {
    SignedLink.Purpose.BILL: bill.show,
    SignedLink.Purpose.PLAN: plan.show,
    SignedLink.Purpose.STATEMENT: statement.show,
}
"""The page of each purpose. It is given a request that came by a valid link."""


@linked("GET", "HEAD")
def show(request: PortalRequest) -> HttpResponse:
    """Show the page that the link was made for; the first opening is kept as evidence."""
    link = request.link
    page = PAGES.get(link.purpose)
    if page is None:
        return said_no(request, LinkUnknown(), UNKNOWN)
    if link.first_opened_at is None and request.method == "GET":
        now = timezone.now()
        note_opening(link_id=link.pk, now=now)
        noun, _, number = link.about.partition(":")
        if noun == "delivery" and number.isdigit():
            note_reading(delivery_id=int(number), how="portal", now=now)
    return page(request)
