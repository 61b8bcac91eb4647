"""A real browser on a real server, with Huatai's portfolio behind it."""

import os
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.modules.desk.portfolio import Portfolio, make_portfolio

# Playwright keeps an event loop in this thread, which Django would take for an asynchronous program.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here, so that it can be left out."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of this machine; nothing is downloaded."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def portfolio(transactional_db, huatai, owner, colleague) -> Portfolio:
    """What the browser sees, of today."""
    now: datetime = timezone.now()
    today: date = now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    return make_portfolio(huatai, owner, colleague, today=today, now=now)


class Complaints:
    """What the browser complained about: script errors, failed requests, violations of the content policy."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.expected: list[str] = []

    def expect(self, status: str) -> None:
        """Let the browser report pages that answer with this status."""
        self.expected.append(f"status of {status}")

    def listen(self, page: Page) -> None:
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self.found.append(f"script: {error}"))
        page.on("requestfailed", self._failed)

    def _console(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not any(each in text for each in self.expected):
            self.found.append(f"{kind}: {text}")

    def _failed(self, request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a page left before all of it had come
            self.found.append(f"request: {request.url} {request.failure}")


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Fail the test when the browser complained."""
    heard = Complaints()
    yield heard
    assert heard.found == []


@pytest.fixture
def sign_in(chromium, live_server, complaints):
    """Return a function that opens a window in which a user is signed in."""
    opened: list[BrowserContext] = []

    def open_window(user, *, language="en", theme="light", width=1280, height=900, script=True) -> Page:
        user.language = language
        user.save(update_fields=["language"])
        client = Client()
        client.force_login(user)
        context = chromium.new_context(
            base_url=live_server.url, viewport={"width": width, "height": height}, java_script_enabled=script,
            reduced_motion="reduce", locale="zh-CN" if language == "zh-hans" else "en-US",
        )  # fmt: skip
        context.set_default_timeout(15_000)
        context.add_cookies(
            [
                {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": live_server.url},
                {"name": "theme", "value": theme, "url": live_server.url},
            ]
        )
        opened.append(context)
        page = context.new_page()
        complaints.listen(page)
        return page

    yield open_window
    for context in opened:
        context.close()
