"""Which addresses the product may connect to: the public internet, and what the settings allow beside it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Self

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# What IANA's special-purpose registries (RFC 6890 and successors) call not globally reachable. Spelled out
# because `ipaddress.is_global` differs between patch releases of Python.
_NOT_PUBLIC_4 = [
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private, RFC 1918
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays, withdrawn
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
]
# Global unicast, and NAT64. Loopback, `::a.b.c.d`, unique local, link-local and multicast lie outside.
_PUBLIC_6 = [IPv6Network("2000::/3"), IPv6Network("64:ff9b::/96")]
_NOT_PUBLIC_6 = [
    IPv6Network("2001::/23"),  # protocol assignments, among them Teredo and ORCHID
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("3fff::/20"),  # documentation
]
_NAT64 = [IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48")]  # RFC 6052, RFC 8215

# Where clouds hand credentials to whoever asks. Some lie in public or commonly allowed ranges.
_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "169.254.169.254",  # most clouds
        "169.254.170.2",  # containers at AWS
        "169.254.170.23",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",  # Google
        "100.100.100.200",  # Alibaba
        "168.63.129.16",  # Azure
        "192.0.0.192",  # Oracle
    )
)
_LOOPBACK = IPv4Address("127.0.0.1")


def is_public(address: Address) -> bool:
    """True for global unicast addresses; IPv4 inside IPv6 is judged apart, by `meanings`."""
    if isinstance(address, IPv4Address):
        return not _within(address, _NOT_PUBLIC_4)
    return _within(address, _PUBLIC_6) and not _within(address, _NOT_PUBLIC_6)


def meanings(address: Address) -> list[Address]:
    """The addresses that a packet to `address` may end at: itself, and each IPv4 address written into it."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    embedded = [address.sixtofour, *(address.teredo or ())]
    if _within(address, _NAT64):
        embedded.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [address, *filter(None, embedded)]


@dataclass(frozen=True)
class OutboundPolicy:
    """What the settings say about connecting outward.

    A denied network wins over everything. The cloud metadata addresses open only to an entry that names them
    alone, so that allowing a wide network or a name does not hand out the machine's credentials.
    """

    allowed_networks: tuple[Network, ...] = ()
    allowed_hosts: tuple[str, ...] = ()  # lower case; `.example.org` stands for all names below it
    denied_networks: tuple[Network, ...] = ()
    trusted_pem: str = ""  # certificate authorities to trust beside the system's

    @classmethod
    def of(cls, allow: Iterable[str] = (), *, deny: Iterable[str] = (), trusted_pem: str = "") -> Self:
        """Reads networks, addresses and host names; ValueError for a name in `deny`: it is no fence."""
        entries = [(entry, _network(entry)) for entry in allow]
        return cls(
            allowed_networks=tuple(network for _, network in entries if network),
            allowed_hosts=tuple(_plain(entry).removeprefix("*") for entry, network in entries if not network),
            denied_networks=tuple(ipaddress.ip_network(entry, strict=False) for entry in deny),
            trusted_pem=trusted_pem,
        )

    def permits(self, host: str, address: Address) -> bool:
        """True when `host`, found at `address`, may be connected to."""
        seen = meanings(address)
        if any(_within(one, self.denied_networks) for one in seen):
            return False
        if any(one in _METADATA and not self._names(one) for one in seen):
            return False
        if self._trusts(host):
            return True
        return all(is_public(one) or _within(one, self.allowed_networks) for one in seen)

    def permits_written(self, host: str) -> bool:
        """The same of an address that is written out; of names only those of this machine (RFC 6761, 6.3)."""
        name = _plain(host)
        is_local = name == "localhost" or name.endswith(".localhost")
        try:
            address = _LOOPBACK if is_local else ipaddress.ip_address(name)
        except ValueError:
            return True  # whatever it will be found at
        return self.permits(host, address)

    def _names(self, address: Address) -> bool:
        return any(network.num_addresses == 1 and address in network for network in self.allowed_networks)

    def _trusts(self, host: str) -> bool:
        name = _plain(host)
        below = tuple(entry for entry in self.allowed_hosts if entry.startswith("."))
        return name in self.allowed_hosts or name.endswith(below)


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)


def _network(entry: str) -> Network | None:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None


def _plain(host: str) -> str:
    return host.lower().rstrip(".")
