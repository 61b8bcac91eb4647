"""What a message offers online: the customer's page behind a signed link; and, where allowed, a mark when opened."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from huikuan.outreach.following import by_way_of_us
from huikuan.outreach.models import Delivery
from huikuan.outreach.opening import pixel_address
from huikuan.outreach.rules.template import Template, Words
from huikuan.outreach.rules.tracking import may_track
from huikuan.parties.commands.links import address_of_link, issue_link
from huikuan.parties.models import Consent, SignedLink
from huikuan.parties.queries import has_consent

LINK: Final = "bill_link"
VALID_FOR: Final = timedelta(days=90)
_OURSELVES: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def with_link(words: Words, template: Template, delivery: Delivery, now: datetime) -> Words:
    """Add the address of the customer's page when the text asks for it and the customer can reach us.

    Without HUIKUAN_BASE_URL we have no address in the world: then the line with the link is left out.
    """
    if LINK not in template.placeholders() or urlsplit(settings.HUIKUAN_BASE_URL).hostname in _OURSELVES:
        return words
    link = issue_link(
        customer_id=delivery.customer_id,
        purpose=SignedLink.Purpose.BILL,
        about=f"delivery:{delivery.pk}",
        expires_at=now + VALID_FOR,
        now=now,
    )
    return replace(words, words={**words.words, LINK: address_of_link(link)})


def with_marks(html: str, delivery: Delivery, now: datetime) -> str:
    """Add what tells that a mail is read, each where it is switched on and allowed: a picture, links by way of us."""
    is_wanted = settings.HUIKUAN_TRACKING or delivery.entity.counts_clicks
    if not html or not is_wanted or not _may_track(delivery, now):
        return html
    if delivery.entity.counts_clicks and urlsplit(settings.HUIKUAN_BASE_URL).hostname not in _OURSELVES:
        html = by_way_of_us(html, delivery.pk)
    if not settings.HUIKUAN_TRACKING:
        return html
    picture = f'<img src="{pixel_address(delivery.pk)}" width="1" height="1" alt="">'
    return html.replace("</body>", f"{picture}</body>")


def may_count_clicks(delivery: Delivery, now: datetime) -> bool:
    """Tell whether it may be noted, now, that a link of a message was followed."""
    return delivery.entity.counts_clicks and _may_track(delivery, now)


def _may_track(delivery: Delivery, now: datetime) -> bool:
    person_id = delivery.person_id
    agreed = person_id is not None and has_consent(
        person_id=person_id, kind=Consent.Kind.TRACKING, channel=delivery.channel, now=now
    )
    return may_track(size_class=delivery.customer.size_class, has_person=person_id is not None, has_consent=agreed)
