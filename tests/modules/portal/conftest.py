"""What the portal's tests share: the real clock, and links as the debtor opens them."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from huikuan.parties.commands.links import address_of_link, issue_link
from huikuan.parties.models import SignedLink
from tests.payments import Payer, make_payer


@pytest.fixture
def now() -> datetime:
    """The portal reads the real clock."""
    return timezone.now()


@pytest.fixture
def today(now):
    """The day in Shanghai."""
    return timezone.localdate(now, timezone.get_fixed_timezone(480))


@pytest.fixture
def debtor(tianhe, finance, sandbox, now, today) -> Payer:
    """Tianhe behind its link, today."""
    del sandbox
    return make_payer(tianhe, finance, now=now, today=today)


def path_of(link: SignedLink) -> str:
    """The address without the host."""
    return urlsplit(address_of_link(link)).path


def another_link(customer, purpose, *, now, about="x:1") -> SignedLink:
    return issue_link(
        customer_id=customer.pk, purpose=purpose, about=about, expires_at=now + timedelta(days=1), now=now
    )
