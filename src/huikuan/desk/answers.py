"""The three answers to a write: done (303, also seen by htmx), refused (409), ill-filled (422)."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext

from huikuan.kernel.refusal import Refusal

DONE, REFUSED, ILL_FILLED = 303, 409, 422


class SeeOther(HttpResponseRedirect):
    """Go on with GET: the answer to a POST that was done, so that a reload does not repeat it."""

    status_code = DONE


def done(request: HttpRequest, url: str, said: str = "") -> HttpResponse:
    """Answer a write that was done; `said` shows on the next page. htmx follows the redirect by itself."""
    if said:
        messages.success(request, said)
    return SeeOther(url)


def words_of(no: Refusal) -> str:
    """Return a refusal in the language of the reader."""
    return gettext(no.text).format(**no.facts)


def refused(form: forms.Form, no: Refusal) -> int:
    """Put a refusal on top of the form it answers; return the status of the page that shows it."""
    form.add_error(None, words_of(no))
    return REFUSED


def refusal_page(request: HttpRequest, no: Refusal) -> HttpResponse:
    """Answer a write without a form of its own: a page that says no, why, and leads back."""
    context = {"said": words_of(no), "back": request.headers.get("Referer", "")}
    return render(request, "desk/refused.html", context, status=REFUSED)
