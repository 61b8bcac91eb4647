"""The bill behind a link: what is open today, how the penalty comes about, how to pay, whom to call. Reads only."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from huikuan.kernel.zones import local_day
from huikuan.parties.commands.links import note_opening
from huikuan.portal.access import PortalRequest, linked
from huikuan.receivables.queries.account import account_of


@linked("GET", "HEAD")
def show(request: PortalRequest) -> HttpResponse:
    """Show the customer its account as it stands today; the first opening is kept as evidence."""
    link, now = request.link, timezone.now()
    if link.first_opened_at is None and request.method == "GET":
        note_opening(link_id=link.pk, now=now)
    as_of = local_day(now, link.entity.time_zone)
    context = {
        "entity": link.entity,
        "customer": link.customer,
        "account": account_of(link.customer_id, as_of=as_of),
        "as_of": as_of,
        "language": request.language,
        "caller": link.customer.collector,
    }
    return render(request, "portal/bill.html", context)
