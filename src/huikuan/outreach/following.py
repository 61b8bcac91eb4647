"""Links in a mail that lead by way of us, so that we learn that somebody followed one.

The address holds no target, only which delivery and the digest of the link: the target is looked up in the message as
it left. Whatever a stranger makes of the address, it leads to nothing that we did not send.
"""

import hashlib
import re
from html import unescape
from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, Signer

PLACE: Final = "/hooks/followed/{token}/"
_SIGNER: Final = "huikuan.followed"
_LINK: Final = re.compile(r'<a href="(https?://[^"]+)"(?P<style>[^>]*)>(?P<shown>https?://[^<]+)</a>')
"""A link that shows where it leads; what we write shows nothing else (`rules.html`)."""


def by_way_of_us(html: str, delivery_id: int) -> str:
    """Return a mail whose links to others lead by way of us. What is shown stays the address that is reached."""
    home = settings.HUIKUAN_BASE_URL.rstrip("/")

    def led(found: re.Match[str]) -> str:
        url = unescape(found[1])
        if found[1] != found["shown"] or url.startswith(f"{home}/"):
            return found[0]
        return f'<a href="{followed_address(delivery_id, url)}"{found["style"]}>{found["shown"]}</a>'

    return _LINK.sub(led, html)


def followed_address(delivery_id: int, url: str) -> str:
    """Return the full address that stands for a link of one delivery."""
    token = _signer().sign(f"{delivery_id}-{_digest(url)}")
    return f"{settings.HUIKUAN_BASE_URL.rstrip('/')}{PLACE.format(token=token)}"


def delivery_of_link(token: str) -> tuple[int, str] | None:
    """Return delivery and digest of an address of ours; None when it was made up."""
    try:
        number, _, digest = _signer().unsign(token).partition("-")
        return int(number), digest
    except (BadSignature, ValueError):
        return None


def target_in(html: str, digest: str) -> str | None:
    """Return the address of that digest which a mail shows; None when it shows none."""
    shown = (unescape(found["shown"]) for found in _LINK.finditer(html))
    return next((url for url in shown if _digest(url) == digest), None)


def _digest(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def _signer() -> Signer:
    return Signer(salt=_SIGNER, sep=".")
