"""Where each part of the site hangs."""

from django.urls import include, path

urlpatterns = [
    path("hooks/", include("huikuan.hooks.urls", namespace="hooks")),
    path("p/", include("huikuan.portal.urls", namespace="portal")),
    path("", include("huikuan.desk.urls", namespace="desk")),
]

handler400 = "huikuan.desk.views.errors.bad_request"
handler403 = "huikuan.desk.views.errors.forbidden"
handler404 = "huikuan.desk.views.errors.not_found"
handler500 = "huikuan.desk.views.errors.broken"
