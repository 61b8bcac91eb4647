"""The pay page of the sandbox gateway: what a provider would show, with buttons instead of a purse."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from huikuan.cash.gateways import take_callback
from huikuan.cash.ports import TRIAL, GatewayUnknown, trial_gateway
from huikuan.kernel.refusal import Refusal
from huikuan.portal.access import REFUSED, language_of


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, number: str) -> HttpResponse:
    """Show an order, and do what a button says: its callbacks, signed, are taken as any gateway's are."""
    try:
        gateway = trial_gateway()
        order = gateway.order(number)
    except GatewayUnknown:
        raise Http404 from None
    said = ""
    language = language_of(request, order.language)
    with translation.override(language):
        if request.method == "POST":
            now = timezone.now()
            try:
                for headers, body in gateway.press(number, request.POST.get("button", ""), now=now):
                    take_callback(gateway=TRIAL, headers=headers, body=body, now=now)
                return HttpResponseRedirect(f"{order.return_url}?lang={language}", status=303)
            except Refusal as no:
                said = gettext(no.text).format(**no.facts)
        answer = render(
            request, "portal/sandbox.html", {"order": order, "language": language, "said": said},
            status=REFUSED if said else 200,
        )  # fmt: skip
    answer["Cache-Control"], answer["Referrer-Policy"] = "no-store", "no-referrer"
    return answer
