"""Every address that a provider's machine calls."""

from django.urls import URLPattern, path

from huikuan.hooks import payments

app_name = "hooks"
urlpatterns: list[URLPattern] = [
    path("payments/<slug:gateway>/", payments.called, name="payment"),
]
