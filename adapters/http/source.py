"""From where a request comes: the one place that reads what proxies say."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

HOPS_MAX: Final = 32
_FORWARDED_FOR: Final = b"x-forwarded-for"
_UNKNOWN: Final = "unknown"
_SITE_BITS: Final = 64
"""What one subscriber is given at least (RFC 6177): all of it is one source."""
_NEIGHBOURS_BITS: Final = 24


def source_of(scope: Any, trusted: Sequence[Network]) -> str:
    """The network that asks: an IPv4 address, or the /64 of an IPv6 address.

    It is that of the socket. Only where a proxy of ours is at the other end, and that one too, X-Forwarded-For is read:
    from the right, past proxies of ours, up to the first that is none. What stands further left anybody may have
    written.
    """
    client = scope.get("client")
    peer = _address(client[0]) if client else None
    if peer is None:
        return _UNKNOWN
    if _is_ours(peer, trusted):
        for hop in _hops(scope):
            address = _address(hop)
            if address is None:
                break
            peer = address
            if not _is_ours(peer, trusted):
                break
    return _network(peer)


def neighbourhood(source: str) -> str:
    """Where that is, told so coarsely that it names no line: a /24 of IPv4, a /64 of IPv6; empty if unknown."""
    try:
        network = ip_network(source)
    except ValueError:
        return ""
    return str(network if isinstance(network, IPv6Network) else network.supernet(new_prefix=_NEIGHBOURS_BITS))


def networks(words: Sequence[str]) -> tuple[Network, ...]:
    """ValueError for what is no network."""
    return tuple(ip_network(word.strip()) for word in words)


def _hops(scope: Any) -> list[str]:
    """The nearest first."""
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == _FORWARDED_FOR]
    return [hop.strip() for hop in reversed(",".join(lines).rsplit(",", HOPS_MAX)[-HOPS_MAX:])]


def _address(word: str) -> Address | None:
    if word.startswith("["):
        word = word[1:].partition("]")[0]
    elif word.count(":") == 1:
        word = word.partition(":")[0]
    try:
        address = ip_address(word.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _is_ours(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)


def _network(address: Address) -> str:
    bits = _SITE_BITS if isinstance(address, IPv6Address) else address.max_prefixlen
    return str(ip_network((address, bits), strict=False))
