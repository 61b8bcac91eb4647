"""Where each part of the site hangs."""

from django.urls import include, path

urlpatterns = [
    path("", include("huikuan.desk.urls", namespace="desk")),
]
