"""Signing in and out, and what a user chooses for himself: language, theme, entity."""

from django import forms
from django.conf import settings
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST

from huikuan.desk.access import DeskRequest, write
from huikuan.desk.answers import SeeOther
from huikuan.desk.context import THEME_COOKIE, THEMES
from huikuan.parties.models import User

YEAR_SECONDS = 365 * 24 * 60 * 60


class SignInForm(AuthenticationForm):
    """Name and password, drawn like every form of the desk."""

    def __init__(self, request: HttpRequest | None = None, *args: object, **kwargs: object) -> None:
        super().__init__(request, *args, **kwargs)
        for field in self.fields.values():
            field.template_name = "desk/field.html"  # type: ignore[attr-defined]  # Django 5.0, not in the stubs
            field.widget.attrs.pop("autofocus", None)


class SignIn(auth_views.LoginView):
    """The sign-in page; ill-filled is 422 like every form."""

    template_name = "desk/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        """Show the form again with what is wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


def _back(request: HttpRequest) -> HttpResponse:
    """Return to the page the choice was made on."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return SeeOther(target if safe else reverse("desk:home"))


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language: kept with the user, and in a cookie for the sign-in page."""
    answer, chosen = _back(request), request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES) and check_for_language(chosen):
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=chosen)
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=YEAR_SECONDS,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return answer


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Choose light, dark or whatever the machine prefers."""
    answer, chosen = _back(request), request.POST.get("theme", "")
    if chosen in THEMES:
        answer.set_cookie(
            THEME_COOKIE,
            chosen,
            max_age=YEAR_SECONDS,
            samesite="Lax",
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return answer


@write
def entity(request: DeskRequest) -> HttpResponse:
    """Look at another of one's entities; one that is not the user's own changes nothing."""
    chosen = request.POST.get("entity", "")
    if chosen in {str(each.pk) for each in request.seat.entities}:
        request.session["entity"] = int(chosen)
    return SeeOther(reverse("desk:worklist"))
