"""The bill behind a link: what is open today, how the penalty comes about, how to pay, whom to call. Reads only."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from huikuan.kernel.zones import local_day
from huikuan.portal.access import PortalRequest, page_context
from huikuan.portal.views.pay import ways_to_pay
from huikuan.receivables.queries.account import account_of


def show(request: PortalRequest) -> HttpResponse:
    """Show the customer its account as it stands today."""
    link = request.link
    as_of = local_day(timezone.now(), link.entity.time_zone)
    context = {
        **page_context(request),
        "account": account_of(link.customer_id, as_of=as_of),
        "as_of": as_of,
        "caller": link.customer.collector,
        "ways": ways_to_pay(link.entity),
    }
    return render(request, "portal/bill.html", context)
