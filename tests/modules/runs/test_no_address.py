"""A message for which there is no address goes the way that its step names, by machine or by post."""

from datetime import date, timedelta

import pytest

from huikuan.cases.models import Task
from huikuan.outreach.models import Delivery
from huikuan.policy.commands import upload_version
from huikuan.runs.commands.run import run_day
from huikuan.runs.models import Decision
from tests.modules.runs.conftest import BEGAN_ON, morning

DUE = date(2026, 7, 6)
POLICY = """
format: 1
name: by mail
segments: [{code: all, ladder: mail}]
templates: {friendly: [EMAIL, SMS], demand: [EMAIL, LETTER]}
ladders:
  mail:
    steps:
      - code: first
        rank: 1
        when: {days_overdue: 1}
        notice: {template: friendly, channels: [EMAIL], fallback: BACK}
"""
BY_SMS = "{when: no_address, channel: SMS, template: friendly}"
BY_POST = "{when: no_address, channel: LETTER, template: demand}"


@pytest.fixture
def reminded(settings, huatai, bill, tianhe):
    """Run the first day of the ladder, twice, with a fallback, for a customer with this mailbox and number."""
    settings.HUIKUAN_PORTS = {**settings.HUIKUAN_PORTS, "outreach.sms": "huikuan.outreach.fakes.FakeChannel"}

    def go(back: str, *, email: str, phone: str):
        tianhe.email, tianhe.phone = email, phone
        tianhe.save()
        upload_version(
            entity_id=huatai.pk, source=POLICY.replace("BACK", back), starts_on=BEGAN_ON, last_run_on=None, actor=None,
            now=morning(BEGAN_ON),
        )  # fmt: skip
        bill(tianhe, "INV-1", DUE, 100_000)
        day = DUE + timedelta(days=1)
        for _ in range(2):
            run_day(entity_id=huatai.pk, as_of=day, now=morning(day))
        assert Decision.objects.get().step_code == "first"
        messages = list(Delivery.objects.values_list("channel", "template"))
        return messages, sorted(Task.objects.values_list("kind", "step_code"))

    return go


def test_by_text_message_when_there_is_a_number(reminded):
    assert reminded(BY_SMS, email="", phone="13800138000") == ([("SMS", "friendly")], [])


def test_by_post_and_the_address_is_asked_for(reminded):
    assert reminded(BY_POST, email="", phone="") == ([], [("LETTER", "first"), ("REPAIR", "repair")])


def test_the_mailbox_comes_first(reminded):
    assert reminded(BY_SMS, email="ap@tianhe.example", phone="13800138000") == ([("EMAIL", "friendly")], [])


def test_without_either_the_address_is_asked_for(reminded):
    assert reminded(BY_SMS, email="", phone="") == ([], [("REPAIR", "repair")])
