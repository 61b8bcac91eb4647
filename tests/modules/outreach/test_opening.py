"""Links to the customer's own page in messages, and what it means when a message is opened."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from huikuan.kernel.zones import local_day
from huikuan.outreach.commands.receipts import note_reading
from huikuan.outreach.following import followed_address
from huikuan.outreach.models import Delivery, Message, ProviderReceipt
from huikuan.outreach.opening import pixel_address
from huikuan.outreach.rules.tracking import may_track
from huikuan.parties.models import Consent, SignedLink
from huikuan.policy.commands import install_default
from huikuan.receivables.commands.items import book_item
from huikuan.runs.compose import NoticeComposer
from tests.people import NOON
from tests.tables import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def overdue(huatai, tianhe, finance):
    install_default(entity_id=huatai.pk, starts_on=date(2020, 1, 1), now=NOON)
    book_item(
        customer_id=tianhe.pk, number="INV-1", amount_minor=6000000, issued_on=date(2026, 6, 5),
        due_on=date(2026, 7, 5), actor=finance, now=NOON,
    )  # fmt: skip


@pytest.fixture
def abroad(settings):
    settings.HUIKUAN_BASE_URL = "https://ar.huatai.example"


@pytest.fixture
def sent(worker, queued):
    worker.drain()
    return Delivery.objects.get(pk=queued.pk)


def test_a_message_carries_the_link_of_the_bill_and_following_it_marks_it_read(overdue, queued, abroad, client, sent):
    draft = NoticeComposer().compose(queued, timezone.now())
    (link,) = re.findall(r"https://ar\.huatai\.example(/p/\S+)", draft.text)
    assert f'href="https://ar.huatai.example{link}"' in draft.html
    assert SignedLink.objects.get().about == f"delivery:{queued.pk}"
    assert client.get(link).status_code == 200
    assert Delivery.objects.get(pk=queued.pk).state == "READ"
    client.get(link)
    assert ProviderReceipt.objects.get().provider == "portal"


def test_composed_again_it_carries_the_same_link(overdue, queued, abroad):
    texts = {NoticeComposer().compose(queued, NOON).text for _time in range(2)}
    assert len(texts) == SignedLink.objects.count() == 1


def test_an_installation_without_an_address_in_the_world_gives_no_link(overdue, queued):
    assert "/p/" not in NoticeComposer().compose(queued, NOON).text
    assert SignedLink.objects.count() == 0


CASES = rows("""
    size:text | has_person | has_consent | told
    SMALL     | false      | false       | true
    SMALL     | true       | false       | false
    SMALL     | true       | true        | true
    PERSON    | false      | false       | false
    PERSON    | true       | true        | false
    ""        | false      | false       | true
""")


@pytest.mark.parametrize("case", CASES.rows(named=True), ids=str)
def test_who_may_be_tracked(case):
    told = may_track(size_class=case["size"], has_person=case["has_person"], has_consent=case["has_consent"])
    assert told == case["told"]


@pytest.mark.parametrize("is_on", [True, False])
@pytest.mark.parametrize("agreed", [True, False])
def test_the_picture_is_there_only_where_it_may(overdue, queued, abroad, settings, wang, finance, is_on, agreed):
    settings.HUIKUAN_TRACKING = is_on
    queued.person = wang
    if agreed:
        Consent.objects.create(
            customer=queued.customer, person=wang, kind="TRACKING", source="WRITTEN", evidence="letter", begun_at=NOON
        )
    assert ("/hooks/opened/" in NoticeComposer().compose(queued, NOON).html) == (is_on and agreed)


def test_the_picture_marks_its_message_read_and_a_made_up_address_nothing(sent, client):
    assert client.get(f"/hooks/opened/{sent.pk}.forged.gif").content[:3] == b"GIF"
    assert Delivery.objects.get(pk=sent.pk).state == "SENT"
    address = pixel_address(sent.pk).removeprefix("http://127.0.0.1:8000")
    assert client.head(address).status_code == 200
    assert Delivery.objects.get(pk=sent.pk).state == "SENT", "a machine that only looks is no reader"
    answer = client.get(address)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/gif", "no-store")
    assert Delivery.objects.get(pk=sent.pk).state == "READ"


PAY = "https://pay.example/huatai?a=1&b=2"


@pytest.fixture
def followed(overdue, queued, abroad, huatai):
    """A message whose link to pay leads by way of us; the path of that link."""
    huatai.payment_url, huatai.counts_clicks = PAY, True
    huatai.save()
    queued.entity, queued.customer.entity = huatai, huatai
    draft = NoticeComposer().compose(queued, timezone.now())
    queued.message = Message.objects.create(
        language="zh-hans", subject="s", text=draft.text, html=draft.html, facts={}, sha256="0" * 64,
        composed_at=timezone.now(),
    )  # fmt: skip
    queued.state, queued.finished_at = "SENT", timezone.now()
    queued.save()
    (path,) = re.findall(r'href="https://ar\.huatai\.example(/hooks/followed/[^"]+)"', draft.html)
    return draft, path


def test_a_link_leads_by_way_of_us_to_what_the_mail_shows_and_is_noted_once_a_day(followed, queued, client):
    draft, path = followed
    assert PAY in draft.text
    assert "/hooks/followed/" not in draft.text
    assert f">{PAY.replace('&', '&amp;')}</a>" in draft.html
    assert client.head(path).status_code == 302
    assert not ProviderReceipt.objects.exists(), "a machine that only looks is no reader"
    for _time in range(2):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"], answer["Referrer-Policy"]) == (302, PAY, "no-referrer")
    receipt = ProviderReceipt.objects.get()
    assert (receipt.provider, receipt.state, receipt.detail, receipt.delivery_id) == ("link", "READ", PAY, queued.pk)
    assert Delivery.objects.get(pk=queued.pk).state == "READ"
    tomorrow = timezone.now().date() + timedelta(days=1)
    assert not note_reading(delivery_id=queued.pk, how="link", now=timezone.now(), day=_today(queued), detail=PAY)
    note_reading(delivery_id=queued.pk, how="link", now=timezone.now(), day=tomorrow, detail=PAY)
    assert ProviderReceipt.objects.count() == 2


def _today(delivery):
    return local_day(timezone.now(), delivery.entity.time_zone)


def test_no_address_leads_anywhere_but_to_a_link_of_its_own_message(followed, queued, client):
    _draft, path = followed
    place = path.removeprefix("/hooks/followed/").rstrip("/")
    forged = [place.replace("-", "-0", 1), f"{queued.pk}-https://evil.example", "x", f"{place}x"]
    other = followed_address(queued.pk, "https://evil.example/").removeprefix("https://ar.huatai.example")
    nobody = followed_address(queued.pk + 1, PAY).removeprefix("https://ar.huatai.example")
    for each in [*(f"/hooks/followed/{token}/" for token in forged), other, nobody]:
        assert client.get(each).status_code == 404, each
    assert not ProviderReceipt.objects.exists()


def test_switched_off_or_not_allowed_nothing_is_rewritten_and_nothing_noted(followed, queued, huatai, client, wang):
    _draft, path = followed
    huatai.counts_clicks = False
    huatai.save()
    assert client.get(path)["Location"] == PAY, "whoever has the mail still gets there"
    assert not ProviderReceipt.objects.exists()
    assert "/hooks/followed/" not in NoticeComposer().compose(queued, NOON).html
    huatai.counts_clicks = True
    queued.person = wang
    assert "/hooks/followed/" not in NoticeComposer().compose(queued, NOON).html, "a person who has not agreed"
    queued.person = None
    queued.customer.size_class = "PERSON"
    assert "/hooks/followed/" not in NoticeComposer().compose(queued, NOON).html, "a natural person"
