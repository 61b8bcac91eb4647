"""Every address that a provider's machine calls."""

from django.urls import URLPattern

app_name = "hooks"
urlpatterns: list[URLPattern] = []
