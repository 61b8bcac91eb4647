"""Links by which a debtor opens one page: signed, for one purpose, until a day, once."""

from datetime import timedelta

import pytest

from huikuan.journal.models import Entry
from huikuan.parties.commands.links import (
    LinkExpired,
    LinkUnknown,
    LinkUsed,
    address_of_link,
    find_link,
    issue_link,
    note_opening,
    revoke_link,
    use_link,
)
from tests.people import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(tianhe):
    return issue_link(
        customer_id=tianhe.pk, purpose="BILL", about="delivery:1", expires_at=NOON + timedelta(days=30), now=NOON
    )


def token_of(link) -> str:
    return address_of_link(link).rstrip("/").rpartition("/")[2]


def test_the_same_subject_keeps_its_address_and_the_later_end(link, tianhe):
    later = NOON + timedelta(days=60)
    again = issue_link(customer_id=tianhe.pk, purpose="BILL", about="delivery:1", expires_at=later, now=NOON)
    earlier = issue_link(customer_id=tianhe.pk, purpose="BILL", about="delivery:1", expires_at=NOON, now=NOON)
    assert address_of_link(again) == address_of_link(link) == address_of_link(earlier)
    assert earlier.expires_at == later


def test_an_address_that_was_changed_is_unknown(link):
    token = token_of(link)
    key, _dot, signature = token.partition(".")
    for forged in (f"{int(key) + 1}.{signature}", f"{key}.{signature[:-1]}", key, "", "x.y", f"{token}=", "9" * 5000):
        with pytest.raises(LinkUnknown):
            find_link(forged, now=NOON)
    assert find_link(token, now=NOON) == link


def test_a_link_ends_with_its_day_or_when_it_is_taken_back(link):
    with pytest.raises(LinkExpired):
        find_link(token_of(link), now=link.expires_at)
    revoke_link(link_id=link.pk, actor=None, now=NOON)
    with pytest.raises(LinkExpired):
        find_link(token_of(link), now=NOON)


def test_what_a_link_allows_is_done_once(link):
    use_link(link_id=link.pk, now=NOON)
    with pytest.raises(LinkUsed):
        use_link(link_id=link.pk, now=NOON)
    assert Entry.objects.filter(event="parties.link-used").count() == 1


def test_the_first_opening_is_kept(link):
    assert note_opening(link_id=link.pk, now=NOON)
    assert not note_opening(link_id=link.pk, now=NOON + timedelta(hours=1))
    link.refresh_from_db()
    assert link.first_opened_at == NOON
    assert Entry.objects.filter(event="parties.link-opened").count() == 1
