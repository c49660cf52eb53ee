from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.connectors.addresses import OutboundPolicy, is_public

NOTHING_PRIVATE = OutboundPolicy()
EVERYTHING = OutboundPolicy.of(["0.0.0.0/0", "::/0"])

PUBLIC = ["1.1.1.1", "93.184.215.14", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::101:101"]
NOT_PUBLIC = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.1.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",  # IPv4-compatible
    "::ffff:10.0.0.1",  # IPv4-mapped
    "64:ff9b::a00:1",  # NAT64
    "64:ff9b:1::101:101",  # NAT64 of a site
    "100::1",  # discard
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
    "2001:db8::1",
    "2002:a00:1::1",  # 6to4
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
METADATA = [
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "168.63.129.16",
    "fd00:ec2::254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
]


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_permitted(text: str) -> None:
    assert NOTHING_PRIVATE.permits("host.example", ip_address(text))


@pytest.mark.parametrize("text", NOT_PUBLIC + METADATA)
def test_other_addresses_are_not(text: str) -> None:
    assert not NOTHING_PRIVATE.permits("host.example", ip_address(text))


@given(st.ip_addresses())
def test_nothing_is_public_that_python_calls_private(address: IPv4Address | IPv6Address) -> None:
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_inside_ipv6_is_judged_as_itself(address: IPv4Address) -> None:
    permitted = NOTHING_PRIVATE.permits("", address)
    forms = [
        (0xFFFF << 32) | int(address),
        (0x0064FF9B << 96) | int(address),
        (0x2002 << 112) | int(address) << 80,
    ]
    assert [NOTHING_PRIVATE.permits("", IPv6Address(form)) for form in forms] == [permitted] * 3


@pytest.mark.parametrize("text", ["10.1.2.3", "::ffff:10.1.2.3", "fd12::1", "192.168.7.7"])
def test_allowed_networks_open(text: str) -> None:
    policy = OutboundPolicy.of(["10.1.0.0/16", "fd12::/16", "192.168.7.7"])
    assert policy.permits("host.example", ip_address(text))
    assert not policy.permits("host.example", ip_address("10.2.0.1"))


@pytest.mark.parametrize(
    ("host", "permitted"),
    [
        ("ca.corp.example", True),
        ("CA.Corp.Example.", True),
        ("a.b.lab.example", True),
        ("x.tools.example", True),
        ("lab.example", False),
        ("other.example", False),
        ("evilca.corp.example", False),
        ("ca.corp.example.evil", False),
    ],
)
def test_allowed_names_open_private_addresses(host: str, permitted: bool) -> None:
    policy = OutboundPolicy.of(["ca.corp.example", ".lab.example", "*.Tools.example"])
    assert policy.permits(host, ip_address("10.0.0.1")) is permitted


@pytest.mark.parametrize("text", METADATA)
def test_metadata_opens_to_its_own_entry_only(text: str) -> None:
    assert not EVERYTHING.permits("host.example", ip_address(text))
    assert not OutboundPolicy.of(["host.example"]).permits("host.example", ip_address(text))


def test_metadata_can_be_named() -> None:
    policy = OutboundPolicy.of(["169.254.169.254/32", "fd00:ec2::254"])
    assert policy.permits("host.example", ip_address("169.254.169.254"))
    assert policy.permits("host.example", ip_address("fd00:ec2::254"))


def test_a_denied_network_wins() -> None:
    policy = OutboundPolicy.of(["10.0.0.0/8", "host.example"], deny=["10.9.0.0/16", "1.1.1.0/24"])
    assert policy.permits("host.example", ip_address("10.8.0.1"))
    for text in ("10.9.0.1", "::ffff:10.9.0.1", "1.1.1.1", "64:ff9b::101:101"):
        assert not policy.permits("host.example", ip_address(text))


def test_a_name_is_no_fence() -> None:
    with pytest.raises(ValueError, match="does not appear"):
        OutboundPolicy.of(deny=["evil.example"])
