"""What follows from the fate of a message: another channel, a repair, or nothing."""

from datetime import date, time, timedelta

import pytest

from huikuan.cases.models import Task
from huikuan.outreach.commands.contact import log_contact
from huikuan.outreach.models import Delivery, Message
from huikuan.runs.commands.fallback import fall_back
from tests.modules.runs.conftest import morning

pytestmark = pytest.mark.django_db

SENT = morning(date(2026, 7, 7))  # a Tuesday
LATER = SENT + timedelta(hours=24)


@pytest.fixture(autouse=True)
def wired(settings, policy):
    fake = "huikuan.outreach.fakes.FakeChannel"
    settings.HUIKUAN_PORTS = {**settings.HUIKUAN_PORTS, "outreach.email": fake, "outreach.sms": fake}


@pytest.fixture
def sent(tianhe):
    """A message of a step, as it ended: sent("bill", "SENT")."""

    def make(step, state, channel="EMAIL", at=SENT):
        said = Message.objects.create(
            language="zh-hans", subject="s", text="t", facts={}, sha256="0" * 64, composed_at=at
        )  # fmt: skip
        return Delivery.objects.create(
            key=f"{channel.lower()}/{tianhe.pk}/CNY/{step}/2026-07-07/0", entity=tianhe.entity, customer=tianhe,
            channel=channel, template=step, step_code=step, currency="CNY", as_of=at.date(), not_before=at,
            state=state, created_at=at, finished_at=at, message=said,
        )  # fmt: skip

    return make


def acts(tianhe, now=LATER):
    return dict(fall_back(entity_id=tianhe.entity_id, now=now))


def followers():
    return list(Delivery.objects.filter(state="QUEUED").values_list("channel", "template"))


def test_a_bill_unread_for_a_day_goes_as_a_text_message_once(tianhe, sent):
    sent("bill", "SENT")
    assert acts(tianhe, LATER - timedelta(seconds=1)) == {}
    assert acts(tianhe) == {"unread": 1}
    assert followers() == [("SMS", "bill")]
    assert acts(tianhe, LATER + timedelta(days=1)) == {}
    assert len(followers()) == 1


def test_what_goes_instead_goes_in_the_preferred_hours(tianhe, sent):
    tianhe.contact_persons.create(
        name="张会计", role="ACCOUNTANT", phone="+8613800138000", created_at=SENT,
        preferred_from=time(14), preferred_until=time(15),
    )  # fmt: skip
    sent("bill", "SENT")
    assert acts(tianhe) == {"unread": 1}
    assert Delivery.objects.get(state="QUEUED").not_before.isoformat() == "2026-07-08T06:00:00+00:00"


def test_what_was_read_or_answered_is_left_alone(tianhe, sent, owner):
    sent("bill", "READ")
    assert acts(tianhe) == {}
    Delivery.objects.update(state="SENT")
    log_contact(
        customer_id=tianhe.pk, channel="PHONE", direction="IN", outcome="REACHED", at=SENT, actor=owner, now=SENT
    )  # fmt: skip
    assert acts(tianhe) == {}


def test_the_text_message_is_taken_back_when_the_first_is_read_meanwhile(tianhe, sent):
    first = sent("bill", "DELIVERED")
    acts(tianhe)
    Delivery.objects.filter(pk=first.pk).update(state="READ")
    assert acts(tianhe) == {"taken-back": 1}
    assert Delivery.objects.exclude(pk=first.pk).get().state == "CANCELLED"
    assert acts(tianhe) == {}


def test_a_bounced_message_asks_for_repair_and_goes_the_next_way_at_once(tianhe, sent, owner):
    sent("bill", "BOUNCED")
    assert acts(tianhe, SENT) == {"next-channel": 1, "repair": 1}
    task = Task.objects.get()
    assert (task.kind, task.owner, task.customer) == ("REPAIR", owner, tianhe)
    assert acts(tianhe, LATER) == {}


def test_a_failed_message_goes_the_next_way_and_asks_for_repair_only_when_none_is_left(tianhe, sent):
    sent("bill", "FAILED")
    assert acts(tianhe, SENT) == {"next-channel": 1}
    Delivery.objects.filter(state="QUEUED").update(state="FAILED", finished_at=SENT)
    assert acts(tianhe, SENT) == {"repair": 1}
    assert acts(tianhe, LATER) == {}


def test_nothing_more_is_sent_where_another_message_of_the_step_got_through(tianhe, sent):
    sent("friendly", "FAILED")
    sent("friendly", "SENT", channel="SMS")
    assert acts(tianhe, SENT) == {}
    assert not Task.objects.exists()
