"""What a signed link gives: the page it was made for, in the customer's language, and no trace in any cache."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt

from huikuan.kernel.refusal import Refusal
from huikuan.parties.commands.links import LinkExpired, LinkUnknown, find_link
from huikuan.parties.models import SignedLink

P = ParamSpec("P")
GONE, UNKNOWN, REFUSED = 410, 404, 409


class PortalRequest(HttpRequest):
    """A request that came by a valid link."""

    link: SignedLink
    token: str
    language: str


View = Callable[Concatenate[PortalRequest, P], HttpResponse]


def linked(*methods: str, purpose: str = "") -> Callable[[View[P]], Callable[..., HttpResponse]]:
    """Make a view a page of the portal: `token` becomes `request.link`. 404 unknown, 410 over, 405 wrong method.

    A link of another purpose than the view's is unknown there. The token is a secret of the address: who can forge a
    request to it knows it already, so that no cookie is needed to ward off forged requests.
    """

    def wrap(view: View[P]) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def opened(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            known = cast("PortalRequest", request)
            with translation.override(language_of(request, settings.LANGUAGE_CODE)):
                try:
                    known.link, known.token = find_link(token, now=timezone.now()), token
                    if purpose and known.link.purpose != purpose:
                        raise LinkUnknown  # noqa: TRY301  answered as any other unknown one
                except (LinkUnknown, LinkExpired) as no:
                    answer = said_no(request, no, UNKNOWN if isinstance(no, LinkUnknown) else GONE)
                    return _private(answer)
            known.language = language_of(request, known.link.customer.language)
            with translation.override(known.language):
                if request.method not in methods:
                    return _private(HttpResponse(status=405, headers={"Allow": ", ".join(methods)}))
                return _private(view(known, *args, **kwargs))

        return opened

    return wrap


def language_of(request: HttpRequest, usual: str) -> str:
    """Return the language the reader chose by `?lang=`, else the usual one where it is offered, else English."""
    offered: Final = dict(settings.LANGUAGES)
    asked = request.GET.get("lang", "")
    if asked in offered:
        return asked
    return usual if usual in offered else "en"


def page_context(request: PortalRequest) -> dict[str, object]:
    """Return what every page of the portal draws: who writes, to whom, in which language, at which address."""
    link = request.link
    return {
        "entity": link.entity,
        "customer": link.customer,
        "token": request.token,
        "language": request.language,
        "now": timezone.now(),
    }


def said_no(request: HttpRequest, no: Refusal, status: int) -> HttpResponse:
    """Answer with a page that says no and what to do."""
    said = {"said": gettext(no.text).format(**no.facts), "language": translation.get_language()}
    return render(request, "portal/refused.html", said, status=status)


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
