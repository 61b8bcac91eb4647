"""The picture in a mail by which we learn that it was opened. Whoever asks gets the same picture."""

from base64 import b64decode
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from huikuan.outreach.commands.receipts import note_reading
from huikuan.outreach.opening import delivery_of_pixel

PIXEL: Final = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Give the picture, and note the opening when the address is one of ours."""
    delivery_id = delivery_of_pixel(token)
    if delivery_id is not None and request.method == "GET":
        note_reading(delivery_id=delivery_id, how="pixel", now=timezone.now())
    return HttpResponse(PIXEL, content_type="image/gif", headers={"Cache-Control": "no-store"})
