"""Make, open, use and revoke the links by which a debtor reads and answers without signing in (O1)."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction

from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Customer, SignedLink, User

PLACE: Final = "/p/{token}/"
"""Where the portal answers."""
_SIGNER: Final = "huikuan.portal"


class LinkUnknown(Refusal):
    """The address was never given out, or was changed on its way."""

    code = "parties.link-unknown"
    text = gettext_noop("This link is not known. Open it from our message again, or ask us for a new one.")


class LinkExpired(Refusal):
    """Its time is over, or it was taken back."""

    code = "parties.link-expired"
    text = gettext_noop("This link is no longer valid. Ask us for a new one.")


class LinkUsed(Refusal):
    """What it lets the customer do has been done."""

    code = "parties.link-used"
    text = gettext_noop("This has been answered already, on {at}. Call us when something is not right.")


@transaction.atomic
def issue_link(*, customer_id: int, purpose: str, about: str, expires_at: datetime, now: datetime) -> SignedLink:
    """Return the valid link of a purpose and subject; the same subject keeps its address, and its later end."""
    customer = Customer.objects.get(pk=customer_id)
    link, is_new = SignedLink.objects.get_or_create(
        purpose=purpose,
        about=about,
        revoked_at=None,
        defaults={"customer": customer, "entity_id": customer.entity_id, "issued_at": now, "expires_at": expires_at},
    )
    if is_new:
        record(
            "parties.link-issued",
            now=now,
            entity_id=customer.entity_id,
            customer_id=customer_id,
            subject=link,
            purpose=purpose,
            about=about,
            expires_at=expires_at,
        )
    elif expires_at > link.expires_at:
        link.expires_at = expires_at
        link.save(update_fields=["expires_at"])
    return link


def address_of_link(link: SignedLink) -> str:
    """Return the full address of a link as a message writes it."""
    return f"{settings.HUIKUAN_BASE_URL.rstrip('/')}{PLACE.format(token=_signer().sign(str(link.pk)))}"


def find_link(token: str, *, now: datetime) -> SignedLink:
    """Return the link of an address, with its customer and entity. Raises LinkUnknown, LinkExpired."""
    try:
        key = int(_signer().unsign(token))
    except (BadSignature, ValueError):
        raise LinkUnknown from None
    link = SignedLink.objects.select_related("customer", "entity").filter(pk=key).first()
    if link is None:
        raise LinkUnknown
    if link.revoked_at is not None or link.expires_at <= now:
        raise LinkExpired
    return link


@transaction.atomic
def note_opening(*, link_id: int, now: datetime) -> bool:
    """Keep that the customer has opened the page: evidence that the message arrived. True the first time."""
    is_first = SignedLink.objects.filter(pk=link_id, first_opened_at=None).update(first_opened_at=now) == 1
    if is_first:
        link = SignedLink.objects.get(pk=link_id)
        _record("parties.link-opened", link, now=now)
    return is_first


@transaction.atomic
def use_link(*, link_id: int, now: datetime) -> SignedLink:
    """Use up what a link lets the customer do, inside the command that does it. Raises LinkUsed, LinkExpired."""
    link = SignedLink.objects.select_for_update().get(pk=link_id)
    if link.revoked_at is not None or link.expires_at <= now:
        raise LinkExpired
    if link.used_at is not None:
        raise LinkUsed(at=link.used_at.date().isoformat())
    link.used_at = now
    link.save(update_fields=["used_at"])
    _record("parties.link-used", link, now=now)
    return link


@transaction.atomic
def revoke_link(*, link_id: int, actor: User | None, now: datetime) -> None:
    """Take a link back; revoking it again changes nothing."""
    if SignedLink.objects.filter(pk=link_id, revoked_at=None).update(revoked_at=now):
        _record("parties.link-revoked", SignedLink.objects.get(pk=link_id), now=now, actor=actor)


def _record(event: str, link: SignedLink, *, now: datetime, actor: User | None = None) -> None:
    record(
        event,
        now=now,
        actor=actor,
        entity_id=link.entity_id,
        customer_id=link.customer_id,
        subject=link,
        purpose=link.purpose,
        about=link.about,
    )


def _signer() -> Signer:
    return Signer(salt=_SIGNER, sep=".")
