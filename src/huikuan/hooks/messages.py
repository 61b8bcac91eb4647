"""What became of our messages, as the providers' machines tell it; and what people answer by text message.

Nothing here looks at a session or a cookie: each call is proved by the provider's signature, or by the secret part of
the address where a provider does not sign. A call that proves nothing changes nothing.
"""

import logging

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from huikuan.outreach.callbacks import Call, ForgedError, UnreadableError, callback_of
from huikuan.outreach.commands.inbound import take_inbound
from huikuan.outreach.commands.receipts import note_receipt
from huikuan.outreach.models import InboundMessage

logger = logging.getLogger(__name__)

BODY_MAX = 1_000_000


@csrf_exempt
@require_POST
def hear(request: HttpRequest, provider: str, token: str = "") -> HttpResponse:
    """Take one call: 200 with the provider's thanks, 403 forged, 400 unreadable, 404 not in use, 413 too long."""
    read = callback_of(provider)
    if read is None:
        raise Http404
    if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_MAX:
        return HttpResponse(status=413)
    now = timezone.now()
    url = settings.HUIKUAN_BASE_URL.rstrip("/") + request.get_full_path()
    try:
        heard = read(Call(url, token, request.headers, request.body), now)
    except ForgedError as error:
        logger.warning("a call in the name of %s is not believed: %s", provider, error)
        return HttpResponseForbidden()
    except UnreadableError as error:
        logger.warning("a call of %s cannot be read: %s", provider, error)
        return HttpResponseBadRequest()
    for told in heard.told:
        note_receipt(provider=provider, told=told, now=now)
    for reply in heard.replies:
        take_inbound(
            channel=InboundMessage.Channel.SMS, key=reply.reference, sender=reply.address, text=reply.text,
            sent_at=reply.at, now=now,
        )  # fmt: skip
    return HttpResponse(heard.answer, content_type=heard.media_type)
