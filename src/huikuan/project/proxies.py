"""Whose address a request comes from when proxies stand before us: theirs is believed only as far as they are ours."""

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Network = IPv4Network | IPv6Network


def client_address(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """Return the address of the client: the last one in the chain that none of our proxies has.

    Anybody can write the header; each proxy appends whom it heard from. So it is read from its end, and only as long as
    who wrote the entry is one of ours. What cannot be read is not believed, nor what stands before it.

    Args:
        peer: Who is connected to us.
        forwarded: The header `X-Forwarded-For`, as it came.
        trusted: Networks of our own proxies.

    >>> from ipaddress import ip_network
    >>> client_address("10.0.0.9", "1.1.1.1, 203.0.113.7, 10.0.0.8", [ip_network("10.0.0.0/8")])
    '203.0.113.7'
    """
    client = peer
    for entry in reversed([part.strip() for part in forwarded.split(",")]):
        here, next_one = _address(client), _address(entry)
        if here is None or next_one is None or not any(here in network for network in trusted):
            break
        client = str(next_one)
    return client


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address, with a port behind it or in brackets; an IPv4 address in IPv6 clothes is taken for itself."""
    plain = text.strip('"')
    if plain.startswith("["):
        plain = plain[1:].partition("]")[0]
    elif plain.count(":") == 1:
        plain = plain.partition(":")[0]
    try:
        found = ip_address(plain)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def real_address(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Put the client's address where everybody looks for it (`REMOTE_ADDR`), before anything else sees the request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.HUIKUAN_TRUSTED_PROXIES:
            request.META["REMOTE_ADDR"] = client_address(
                request.META.get("REMOTE_ADDR", ""),
                request.META.get("HTTP_X_FORWARDED_FOR", ""),
                settings.HUIKUAN_TRUSTED_PROXIES,
            )
        return get_response(request)

    return middleware
