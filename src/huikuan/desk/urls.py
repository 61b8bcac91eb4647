"""Every page of the desk. Reads are GET, writes are POST to a noun below what they change."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path

from huikuan.desk.views import (
    aging,
    case,
    contacts,
    customer,
    dashboard,
    deliveries,
    health,
    holds,
    manual,
    policy,
    runs,
    sign_in,
    tasks,
    worklist,
)

app_name = "desk"
urlpatterns: list[URLPattern] = [
    path("", worklist.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("login/", sign_in.SignIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("language/", sign_in.language, name="language"),
    path("theme/", sign_in.theme, name="theme"),
    path("entity/", sign_in.entity, name="entity"),
    path("manual/", manual.show, name="manual"),
    path("dashboard/", dashboard.show, name="dashboard"),
    path("worklist/", worklist.show, name="worklist"),
    path("worklist/next/", worklist.start, name="start"),
    path("tasks/<int:task_id>/done/", tasks.finish, name="task-done"),
    path("tasks/<int:task_id>/cancellation/", tasks.call_off, name="task-off"),
    path("tasks/<int:task_id>/undo/", tasks.undo, name="task-undo"),
    path("cases/<int:case_id>/", case.show, name="case"),
    path("customers/", customer.index, name="customers"),
    path("customers/<int:customer_id>/", customer.show, name="customer"),
    path("customers/<int:customer_id>/contacts/", contacts.log, name="contact"),
    path("customers/<int:customer_id>/holds/", holds.place, name="hold"),
    path("customers/<int:customer_id>/grade/", customer.override, name="grade-override"),
    path("customers/<int:customer_id>/grade/release/", customer.release, name="grade-release"),
    path("holds/<int:hold_id>/release/", holds.release, name="hold-release"),
    path("aging/", aging.show, name="aging"),
    path("runs/", runs.index, name="runs"),
    path("runs/<int:run_id>/", runs.show, name="run"),
    path("policy/", policy.index, name="policies"),
    path("policy/new/", policy.edit, name="policy-edit"),
    path("policy/<int:version_id>/", policy.show, name="policy"),
    path("deliveries/", deliveries.index, name="deliveries"),
    path("deliveries/<int:delivery_id>/", deliveries.show, name="delivery"),
    path("deliveries/<int:delivery_id>/cancellation/", deliveries.cancel, name="delivery-cancel"),
    path("deliveries/<int:delivery_id>/retry/", deliveries.retry, name="delivery-retry"),
    path("deliveries/<int:delivery_id>/reconciliation/", deliveries.reconcile, name="delivery-reconcile"),
]
