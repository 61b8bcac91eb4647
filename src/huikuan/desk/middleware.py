"""What every answer of the desk carries: the user's language and time zone, and headers no page should lack."""

from collections.abc import Callable
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

NO_POWERS: Final = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
"""Powers of the browser that no page has, but for one that says so itself: a visit's, with the visitor's consent."""

Answer = Callable[[HttpRequest], HttpResponse]


def user_language(get_response: Answer) -> Answer:
    """Show a signed-in user the language and the clock that he chose, on any machine."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return get_response(request)
        chosen = request.user.language if request.user.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = chosen
        with translation.override(chosen), timezone.override(ZoneInfo(request.user.time_zone)):
            return get_response(request)

    return middleware


def private_pages(get_response: Answer) -> Answer:
    """Keep customers' data out of shared and disk caches, and powers of the browser that nobody needs off."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store" if request.user.is_authenticated else "no-cache"
        response.headers.setdefault("Permissions-Policy", NO_POWERS)
        return response

    return middleware
