"""The portfolio on which the pages are tested; its people are those of tests/people.py."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from huikuan.parties.models import User
from tests.modules.desk.portfolio import Portfolio, make_portfolio


@pytest.fixture
def now() -> datetime:
    """The real clock: the desk reads it, so its rows must be of today."""
    return timezone.now()


@pytest.fixture
def portfolio(huatai, owner, colleague, now) -> Portfolio:
    """Huatai's customers, given to the owner."""
    today = now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    return make_portfolio(huatai, owner, colleague, today=today, now=now, size=6)


@pytest.fixture
def foreign(jinxiu, outsider, now) -> Portfolio:
    """The same of the other entity, so that an outsider's own pages are full."""
    today = now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    return make_portfolio(jinxiu, outsider, outsider, today=today, now=now, size=2)


@pytest.fixture(autouse=True)
def _english(settings, monkeypatch) -> None:
    """Words are compared in the source language."""
    settings.LANGUAGE_CODE = "en"
    monkeypatch.setitem(User._meta.get_field("language").__dict__, "_get_default", lambda: "en")
