"""Error pages that say what to do. 500 stands alone: nothing it needs can fail again."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import get_template
from django.utils.translation import gettext as _


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    del exception
    said = _("The address or the form could not be read. Go back and try again.")
    return _draw(request, 400, _("This could not be understood"), said, "circle-question-mark")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, in the words of whoever refused."""
    said = str(exception) or _("Your role does not allow this. Ask a manager or an administrator.")
    return _draw(request, 403, _("You may not do this"), said, "lock")


def forbidden_csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without a valid token: usually an old page."""
    del reason
    said = _("This form has expired, or cookies are switched off. Go back, reload the page and send it again.")
    return _draw(request, 403, _("The form has expired"), said, "lock")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, the same whether a thing does not exist or is not the user's to see."""
    del exception
    said = _(
        "There is nothing here, or it is not among what you may see. Check the address, or start from the worklist."
    )
    return _draw(request, 404, _("Not found"), said, "map-pin-off")


def broken(request: HttpRequest) -> HttpResponse:
    """500."""
    del request
    return HttpResponseServerError(get_template("desk/500.html").render())


def _draw(request: HttpRequest, status: int, title: str, said: str, icon: str) -> HttpResponse:
    context = {"status": status, "heading": title, "said": said, "drawn": icon}
    return render(request, "desk/error.html", context, status=status)
