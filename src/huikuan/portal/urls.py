"""Every page of the portal. The token of the address is the whole right to see it: one purpose, until a day."""

from django.urls import URLPattern, path

from huikuan.portal.views import bill

app_name = "portal"
urlpatterns: list[URLPattern] = [
    path("<str:token>/", bill.show, name="open"),
]
