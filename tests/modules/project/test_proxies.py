"""The client's address behind proxies: only what our own proxies say is believed."""

from ipaddress import ip_network

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from huikuan.project import env
from huikuan.project.proxies import client_address
from tests.tables import rows

OURS = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]

CASES = rows("""
    case                | peer            | forwarded                        | client
    no proxy            | 203.0.113.7     | -                                | 203.0.113.7
    a liar              | 203.0.113.7     | 1.1.1.1                          | 203.0.113.7
    one proxy           | 10.0.0.9        | 203.0.113.7                      | 203.0.113.7
    a liar behind it    | 10.0.0.9        | 1.1.1.1, 203.0.113.7             | 203.0.113.7
    two proxies         | 10.0.0.9        | 1.1.1.1, 203.0.113.7, 10.0.0.8   | 203.0.113.7
    only ours           | 10.0.0.9        | 10.0.0.7, 10.0.0.8               | 10.0.0.7
    nothing said        | 10.0.0.9        | -                                | 10.0.0.9
    nonsense            | 10.0.0.9        | 203.0.113.7, unknown             | 10.0.0.9
    with its port       | 10.0.0.9        | 203.0.113.7:51234                | 203.0.113.7
    IPv6                | fd00::1         | [2001:db8::7]:443                | 2001:db8::7
    IPv4 in IPv6        | ::ffff:10.0.0.9 | 203.0.113.7                      | 203.0.113.7
""")


def test_each_chain_is_read_from_its_end():
    for each in CASES.iter_rows(named=True):
        forwarded = "" if each["forwarded"] in {None, "-"} else each["forwarded"]
        assert client_address(each["peer"], forwarded, OURS) == each["client"], each["case"]


@given(st.lists(st.ip_addresses(v=4), max_size=5), st.ip_addresses(v=4))
def test_whoever_is_not_ours_cannot_pretend(said, peer):
    forwarded = ", ".join(map(str, said))
    outside = not any(peer in network for network in OURS)
    assert not outside or client_address(str(peer), forwarded, OURS) == str(peer)
    through = client_address("10.0.0.9", f"{forwarded}, {peer}".lstrip(", "), OURS)
    assert not outside or through == str(peer)


@pytest.mark.parametrize("nonsense", ["1", "10.0.0.0/33", "10.0.0.1/8", "proxy.local", "0.0.0.0/0", "::/0"])
def test_nonsense_stops_the_start(monkeypatch, nonsense):
    monkeypatch.setenv("HUIKUAN_TRUSTED_PROXIES", f"10.0.0.0/8, {nonsense}")
    with pytest.raises(ImproperlyConfigured, match="HUIKUAN_TRUSTED_PROXIES"):
        env.networks("HUIKUAN_TRUSTED_PROXIES")


def test_networks_and_single_addresses_are_read(monkeypatch):
    monkeypatch.setenv("HUIKUAN_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.7")
    assert [str(each) for each in env.networks("HUIKUAN_TRUSTED_PROXIES")] == ["10.0.0.0/8", "192.0.2.7/32"]
    monkeypatch.delenv("HUIKUAN_TRUSTED_PROXIES")
    assert env.networks("HUIKUAN_TRUSTED_PROXIES") == []
