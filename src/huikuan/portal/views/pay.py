"""Paying behind a signed link: choose items and a way, pay there, see that the money has come."""

from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huikuan.cash.gateways import ASKED_MAX, check_payment, start_payment
from huikuan.cash.models import Payment
from huikuan.cash.ports import payment_gateways
from huikuan.kernel.refusal import Refusal
from huikuan.kernel.zones import local_day
from huikuan.parties.models import Entity, SignedLink
from huikuan.portal.access import REFUSED, PortalRequest, linked, page_context
from huikuan.receivables.queries.account import account_of

BILL: Final = SignedLink.Purpose.BILL
NAMES: Final[dict[object, Promise | str]] = {
    "wechatpay": _("WeChat Pay"),
    "alipay": _("Alipay"),
    "stripe": _("Card (Stripe)"),
    "sandbox": _("Sandbox (trial, no money)"),
}
OPEN: Final = (Payment.State.CREATED, Payment.State.PENDING)


def ways_to_pay(entity: Entity, currency: str = "") -> list[tuple[str, Promise | str]]:
    """Return name and label of the gateways that take money for an entity, in a currency or in any."""
    if entity.code not in settings.HUIKUAN_GATEWAY_ENTITIES:
        return []
    gateways = payment_gateways()
    return [(name, NAMES[name]) for name, each in gateways.items() if not currency or currency in each.currencies]


@linked("GET", "HEAD", "POST", purpose=BILL)
def choose(request: PortalRequest) -> HttpResponse:
    """Show what can be paid, and begin a payment: 303 to it, 409 with the reason."""
    if request.method != "POST":
        return _draw(request)
    try:
        payment = start_payment(
            link_id=request.link.pk, gateway=request.POST.get("way", ""),
            item_ids=[int(each) for each in request.POST.getlist("item") if each.isdecimal()],
            with_penalty="penalty" in request.POST, is_phone="Mobi" in request.headers.get("User-Agent", ""),
            payer_ip=request.META.get("REMOTE_ADDR", ""), language=request.language, now=timezone.now(),
        )  # fmt: skip
    except Refusal as no:
        return _draw(request, said=_words(no))
    return _to(request, payment)


def _words(no: Refusal) -> str:
    """Return a refusal in the payer's language, the gateway by its name for people."""
    named = {"gateway": NAMES[no.facts["gateway"]]} if no.facts.get("gateway") in NAMES else {}
    return gettext(no.text).format(**no.facts | named)


def _draw(request: PortalRequest, said: str = "") -> HttpResponse:
    link = request.link
    as_of = local_day(timezone.now(), link.entity.time_zone)
    account = account_of(link.customer_id, as_of=as_of)
    currencies = sorted({item.currency for item in account.items})
    asked = request.GET.get("currency", "")
    currency = asked if asked in currencies else next(iter(currencies), "")
    items = [item for item in account.items if item.currency == currency]
    context = {
        **page_context(request),
        "as_of": as_of,
        "items": items,
        "currency": currency,
        "others": [each for each in currencies if each != currency],
        "penalty_minor": sum(item.penalty_minor for item in items),
        "ways": ways_to_pay(link.entity, currency),
        "said": said,
    }
    return render(request, "portal/pay.html", context, status=REFUSED if said else 200)


@linked("GET", "HEAD", purpose=BILL)
def show(request: PortalRequest, number: str) -> HttpResponse:
    """Show a payment: how to pay it, or what became of it."""
    payment = _own(request, number)
    is_open = payment.state in OPEN and payment.expires_at > timezone.now()
    context = {
        **page_context(request),
        "payment": payment,
        "way": NAMES.get(payment.gateway, payment.gateway),
        "lines": payment.lines.select_related("item").order_by("pk"),
        "is_open": is_open,
        "code": _code(payment.address) if is_open and payment.is_code else "",
    }
    return render(request, "portal/payment.html", context)


@linked("POST", purpose=BILL)
def check(request: PortalRequest, number: str) -> HttpResponse:
    """Have the gateway asked whether the money has come: 303 back."""
    payment = _own(request, number)
    if payment.check_count < ASKED_MAX:
        check_payment(payment_id=payment.pk, now=timezone.now())
    return _to(request, payment)


def _own(request: PortalRequest, number: str) -> Payment:
    """Return a payment of the link's customer. Raises Http404."""
    payment = Payment.objects.filter(customer_id=request.link.customer_id, number=number).first()
    if payment is None:
        raise Http404
    return payment


def _to(request: PortalRequest, payment: Payment) -> HttpResponse:
    """Go on with GET: a reload does not repeat the write."""
    place = reverse("portal:payment", args=[request.token, payment.number])
    return HttpResponseRedirect(f"{place}?{urlencode({'lang': request.language})}", status=303)


def _code(text: str) -> str:
    """Return a QR code as a picture that stands in the address of the image itself."""
    import segno  # noqa: PLC0415  only gateways with codes need it (extra "pay")

    picture: str = segno.make(text, error="m").svg_data_uri(scale=6, border=4, light="#fff", dark="#000")
    return picture
