"""Every page in both languages, both themes, wide and narrow: no complaint of the browser, nothing axe finds."""

import pytest
from axe_playwright_python.sync_playwright import Axe

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def places_of(portfolio) -> dict[str, str]:
    return {
        "worklist": "/worklist/",
        "filtered": "/worklist/?kind=CALL&sort=oldest&q=C0",
        "done": "/worklist/?state=done",
        "case": f"/cases/{portfolio.case.pk}/",
        "task": f"/cases/{portfolio.case.pk}/?task={portfolio.task.pk}",
        "customers": "/customers/",
        "customer": f"/customers/{portfolio.customer.pk}/",
        "customer without a case": f"/customers/{portfolio.customers[9].pk}/",
        "contracts": f"/customers/{portfolio.customer.pk}/contracts/",
        "money": f"/customers/{portfolio.customer.pk}/money/",
        "contacts": f"/customers/{portfolio.customer.pk}/contact-log/",
        "aging": "/aging/",
        "items": f"/aging/?by=item&customer={portfolio.customer.pk}",
        "dashboard": "/dashboard/",
        "runs": "/runs/",
        "run": f"/runs/{portfolio.run.pk}/",
        "run today": "/runs/today/",
        "policy": "/policy/",
        "policy editor": "/policy/new/",
        "messages": "/deliveries/",
        "message": f"/deliveries/{portfolio.deliveries['UNKNOWN'].pk}/",
        "manual": "/manual/",
    }


def violations(page) -> list[str]:
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    return [
        f"{found['id']}: {node['target']} {node.get('failureSummary', '')}"
        for found in results.response["violations"]
        for node in found["nodes"]
    ]


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("en", "light", 1280), ("zh-hans", "dark", 1280), ("zh-hans", "light", 390)]
)
def test_every_page_is_accessible_and_quiet(sign_in, portfolio, colleague, language, theme, width):
    page = sign_in(colleague, language=language, theme=theme, width=width)
    for name, place in places_of(portfolio).items():
        answer = page.goto(place)
        assert answer.status == 200, name
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
        assert violations(page) == [], name
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{name} is {overflow} px too wide"
        lang = page.evaluate("document.documentElement.lang")
        assert lang.lower() == language


def test_the_sign_in_page_is_accessible(chromium, live_server):
    stranger = chromium.new_context(base_url=live_server.url).new_page()
    stranger.goto("/login/")
    assert violations(stranger) == []
    stranger.context.close()


def test_a_missing_page_is_accessible(portfolio, colleague, sign_in, complaints):
    complaints.expect("404")
    page = sign_in(colleague)
    assert page.goto("/cases/999999/").status == 404
    assert violations(page) == []
