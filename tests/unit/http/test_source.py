"""From where a request comes, whatever it says of itself."""

from typing import Any

import pytest

from adapters.http.source import networks, source_of

PROXIES = networks(["10.0.0.0/8", "2001:db8:aaaa::/48", "127.0.0.1"])


def scope(peer: str | None, *forwarded: str) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    return {"client": (peer, 443) if peer else None, "headers": [(b"host", b"x"), *headers]}


@pytest.mark.parametrize(
    ("peer", "forwarded", "source"),
    [
        ("203.0.113.9", (), "203.0.113.9/32"),
        ("203.0.113.9", ("198.51.100.1",), "203.0.113.9/32"),
        ("203.0.113.9", ("10.0.0.1, 198.51.100.1",), "203.0.113.9/32"),
        ("10.1.2.3", (), "10.1.2.3/32"),
        ("10.1.2.3", ("198.51.100.1",), "198.51.100.1/32"),
        ("10.1.2.3", ("1.1.1.1, 198.51.100.1",), "198.51.100.1/32"),
        ("10.1.2.3", ("1.1.1.1, 198.51.100.1, 10.9.9.9",), "198.51.100.1/32"),
        ("10.1.2.3", ("1.1.1.1", "198.51.100.1", "10.9.9.9"), "198.51.100.1/32"),
        ("10.1.2.3", ("198.51.100.1, 10.9.9.9, made up",), "10.1.2.3/32"),
        ("10.1.2.3", ("made up, 10.9.9.9",), "10.9.9.9/32"),
        ("10.1.2.3", ("made up, 198.51.100.1",), "198.51.100.1/32"),
        ("10.1.2.3", ("",), "10.1.2.3/32"),
        ("10.1.2.3", (" 10.0.0.7 ,10.0.0.8",), "10.0.0.7/32"),
        ("10.1.2.3", ("198.51.100.1:5555",), "198.51.100.1/32"),
        ("10.1.2.3", ("[2001:db8:1:2:3::4]:5555",), "2001:db8:1:2::/64"),
        ("10.1.2.3", ("2001:db8:1:2:3::4",), "2001:db8:1:2::/64"),
        ("2001:db8:aaaa::1", ("2001:db8:1:2:ffff::",), "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", (), "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", (), "2001:db8:1:2::/64"),
        ("fe80::1%eth0", (), "fe80::/64"),
        ("::ffff:203.0.113.9", (), "203.0.113.9/32"),
        ("::ffff:10.1.2.3", ("198.51.100.1",), "198.51.100.1/32"),
        (None, ("198.51.100.1",), "unknown"),
        ("a socket's path", ("198.51.100.1",), "unknown"),
        ("10.1.2.3", ("1.2.3.4," * 5_000 + "198.51.100.1",), "198.51.100.1/32"),
        ("10.1.2.3", ("198.51.100.1" + ",10.0.0.1" * 5_000,), "10.0.0.1/32"),
        ("10.1.2.3", ("\udcff".encode(errors="surrogateescape").decode("latin-1"),), "10.1.2.3/32"),
    ],
)
def test_the_source_is_the_nearest_that_is_no_proxy_of_ours(
    peer: str | None, forwarded: tuple[str, ...], source: str
) -> None:
    assert source_of(scope(peer, *forwarded), PROXIES) == source


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.1.2.3", "::1", "203.0.113.9"])
def test_without_a_proxy_of_ours_no_header_changes_anything(peer: str) -> None:
    spoofed = scope(peer, "198.51.100.1")

    assert source_of(spoofed, ()) == source_of(scope(peer), ())
