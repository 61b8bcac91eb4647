"""A link of a mail that leads by way of us: noted once a day where that is allowed, then on to where it says."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from huikuan.kernel.zones import local_day
from huikuan.outreach.commands.receipts import note_reading
from huikuan.outreach.following import delivery_of_link, target_in
from huikuan.outreach.models import Delivery
from huikuan.runs.online import may_count_clicks


@require_safe
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Lead on to the link that stands in the message; 404 for an address that was made up."""
    known = delivery_of_link(token)
    delivery_id, digest = known or (0, "")
    found = Delivery.objects.select_related("message", "customer", "entity").filter(pk=delivery_id).first()
    target = None if found is None or found.message is None else target_in(found.message.html, digest)
    if found is None or target is None:
        raise Http404
    now = timezone.now()
    if request.method == "GET" and may_count_clicks(found, now):
        day = local_day(now, found.entity.time_zone)
        note_reading(delivery_id=found.pk, how="link", now=now, day=day, detail=target)
    return HttpResponseRedirect(target, headers={"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"})
