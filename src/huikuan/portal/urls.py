"""Every page of the portal. The token of the address is the whole right to see it: one purpose, until a day."""

from django.urls import URLPattern, path

from huikuan.portal.views import open as opening
from huikuan.portal.views import pay, plan, sandbox, statement

app_name = "portal"
urlpatterns: list[URLPattern] = [
    path("sandbox/<str:number>/", sandbox.show, name="sandbox"),
    path("<str:token>/", opening.show, name="open"),
    path("<str:token>/pay/", pay.choose, name="pay"),
    path("<str:token>/pay/<str:number>/", pay.show, name="payment"),
    path("<str:token>/pay/<str:number>/check/", pay.check, name="payment-check"),
    path("<str:token>/agreement.pdf", plan.agreement, name="agreement"),
    path("<str:token>/acceptance/", plan.accept, name="plan-acceptance"),
    path("<str:token>/refusal/", plan.decline, name="plan-refusal"),
    path("<str:token>/statement.pdf", statement.pdf, name="statement-pdf"),
    path("<str:token>/statement.xlsx", statement.xlsx, name="statement-xlsx"),
    path("<str:token>/confirmation/", statement.confirm, name="statement-confirmation"),
    path("<str:token>/differences/", statement.differ, name="statement-differences"),
]
