"""The address of the picture in a mail by which we learn that it was opened."""

from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, Signer

PLACE: Final = "/hooks/opened/{token}.gif"
_SIGNER: Final = "huikuan.opened"


def pixel_address(delivery_id: int) -> str:
    """Return the full address of the picture of one delivery."""
    return f"{settings.HUIKUAN_BASE_URL.rstrip('/')}{PLACE.format(token=_signer().sign(str(delivery_id)))}"


def delivery_of_pixel(token: str) -> int | None:
    """Return which delivery a picture belongs to; None when the address was made up."""
    try:
        return int(_signer().unsign(token))
    except (BadSignature, ValueError):
        return None


def _signer() -> Signer:
    return Signer(salt=_SIGNER, sep=".")
