"""Every address that a provider's machine calls."""

from django.urls import URLPattern, path

from huikuan.hooks import followed, messages, opened, payments

app_name = "hooks"
urlpatterns: list[URLPattern] = [
    path("messages/<slug:provider>/", messages.hear, name="messages"),
    path("messages/<slug:provider>/<str:token>/", messages.hear, name="messages-token"),
    path("opened/<str:token>.gif", opened.show, name="opened"),
    path("followed/<str:token>/", followed.follow, name="followed"),
    path("payments/<slug:gateway>/", payments.called, name="payment"),
]
