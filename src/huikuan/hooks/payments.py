"""Payment gateways call here. What is not signed by them is not believed, and nothing of it is kept."""

import logging
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from huikuan.cash.gateways import take_callback
from huikuan.cash.ports import CallbackForged, GatewayUnknown, payment_gateway

logger = logging.getLogger(__name__)

BODY_MAX: Final = 64 * 1024
UNKNOWN, TOO_LARGE = 404, 413


@csrf_exempt
@require_POST
def called(request: HttpRequest, gateway: str) -> HttpResponse:
    """Take a gateway's news, and answer in its own words: taken, or 4xx so that an honest caller repeats it."""
    try:
        port = payment_gateway(gateway)
    except GatewayUnknown:
        return HttpResponse(status=UNKNOWN)
    length = request.headers.get("Content-Length") or "0"
    if not length.isdigit() or int(length) > BODY_MAX:
        return HttpResponse(status=TOO_LARGE)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        take_callback(gateway=gateway, headers=headers, body=request.body, now=timezone.now())
        is_taken = True
    except CallbackForged:
        logger.warning("a call in the name of %s is not signed by it", gateway)
        is_taken = False
    status, media_type, text = port.answer(is_taken=is_taken)
    return HttpResponse(text, status=status, content_type=media_type)
