"""The one gate for addresses that people give: nothing inside the house is reached through us.

Served pipelines have the same gate, serving/outgoing.py. Neither side may import the other:
tests/address_gate_cases.yaml holds both to the same judgement and words.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from typing import Any

import httpx

from .errors import AddressRefused, BadSetting

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Iterable[str]]
# A language model takes its time to answer; who is only looked at does not.
TIMEOUT_SECONDS = 300.0
LOOK_SECONDS = 30.0
MAX_BYTES = 5_000_000
PORTS = {"http": 80, "https": 443}
MOST_PORT = 65535
MOST_SHOWN = 200
NAT64 = ipaddress.ip_network("64:ff9b::/96")
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
# What hands out a cloud machine's keys: link-local ones of most clouds, EC2's and Google's own in
# IPv6, Azure's, Alibaba's, Oracle's. No setting opens them.
METADATA = tuple(
    ipaddress.ip_network(network)
    for network in (
        "169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "fd20:ce::254/128",
        "168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32",
    )
)  # fmt: skip
# Many at once, networks long withdrawn, and what hides an IPv4 address so that a network of one's
# own or a relay decides where it leads: Teredo, IPv4-translated, NAT64 of one's own (RFC 8215).
NO_SERVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "224.0.0.0/4", "ff00::/8", "fec0::/10",
        "2001::/32", "::ffff:0:0:0/96", "64:ff9b:1::/48",
    )
)  # fmt: skip
COMPATIBLE = ipaddress.ip_network("::/96")
FIRST_COMPATIBLE = 1 << 16  # Below lie :: and ::1, which are addresses of IPv6 itself.


@dataclass(frozen=True)
class Allowed:
    """Beside the public internet: networks of one's own, and (host, port) of one's deployments."""

    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    endpoints: Container[tuple[str, int]] = frozenset()

    @classmethod
    def of(cls, setting: str, endpoints: Container[tuple[str, int]] = frozenset()) -> "Allowed":
        """`10.0.0.0/8, 192.168.7.4`"""
        words = setting.replace(",", " ").split()
        try:
            return cls(tuple(ipaddress.ip_network(word) for word in words), endpoints)
        except ValueError as error:
            raise BadSetting("ALLOW_ADDRESSES", str(error)) from error

    def covers(self, address: Address, host: str, port: int) -> bool:
        if any(address in network for network in (*METADATA, *NO_SERVER)):
            return False
        if (host, port) in self.endpoints or is_public(address):
            return True
        return any(address in network for network in self.networks)


def resolve(host: str, port: int) -> list[str]:
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in entries]


def pinned_address(url: str, allowed: Allowed, look_up: Resolve = resolve) -> str:
    """The one address that may be called for this URL. Raises AddressRefused.

    All that the name stands for must be fine: which of them would be called is not ours to choose.
    """
    target = destination(url)
    host, port = host_of(target), port_of(target)
    try:
        addresses = list(look_up(host, port))
    except (OSError, UnicodeError) as error:
        raise AddressRefused(url=shown(url), reason="its name is not known") from error
    refused = [a for a in addresses if not allowed.covers(plain(a), host, port)]
    if refused or not addresses:
        reason = f"{refused[0]} is not on the public internet" if refused else "it has no address"
        raise AddressRefused(url=shown(url), reason=reason)
    return addresses[0]


def plain(address: str) -> Address:
    """The IPv4 address that hides in an IPv6 one, where there is one."""
    given = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(given, ipaddress.IPv4Address):
        return given
    if hidden := given.ipv4_mapped or given.sixtofour:
        return hidden
    if given in NAT64 or (given in COMPATIBLE and int(given) >= FIRST_COMPATIBLE):
        return ipaddress.IPv4Address(int(given) & 0xFFFFFFFF)
    return given


def is_public(address: Address) -> bool:
    """`is_global` alone is also true of multicast and of forms that hide an IPv4 address."""
    if isinstance(address, ipaddress.IPv6Address):
        return address.is_global and address in GLOBAL_UNICAST
    return address.is_global and not address.is_multicast


def shown(url: str) -> str:
    """Without what may be a secret: who logs in, and what is asked."""
    path = re.split("[?#]", url, maxsplit=1)[0]
    return re.sub("[^/]*@", "", path)[:MOST_SHOWN]


def destination(url: str) -> httpx.URL:
    """As the client will read it: another parser could see another host. Raises AddressRefused."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise AddressRefused(url=shown(url), reason="it is no valid address") from error
    if parsed.scheme not in PORTS or not parsed.raw_host or parsed.userinfo:
        raise AddressRefused(url=shown(url), reason="it is no plain http or https address")
    if not 0 < port_of(parsed) <= MOST_PORT:
        raise AddressRefused(url=shown(url), reason=f"its port is not from 1 to {MOST_PORT}")
    return parsed


def port_of(url: httpx.URL) -> int:
    return PORTS[url.scheme] if url.port is None else url.port


def host_of(url: httpx.URL) -> str:
    """In ASCII, as it is looked up and as the server is told."""
    return url.raw_host.decode("ascii")


def request(
    method: str, url: str, allowed: Allowed, headers: dict[str, str] | None = None, body: Any = None
) -> httpx.Response:
    """Follows no redirect, calls the address that was judged, and reads no more than 5 MB."""
    target, address = destination(url), pinned_address(url, allowed)
    given = {} if method == "GET" else {"json": body}
    seconds = LOOK_SECONDS if method == "GET" else TIMEOUT_SECONDS
    patience = httpx.Timeout(seconds, connect=LOOK_SECONDS)
    host = {"Host": target.netloc.decode("ascii")}
    extensions = {"sni_hostname": host_of(target)}
    with (
        httpx.Client(timeout=patience, trust_env=False, follow_redirects=False) as client,
        client.stream(
            method,
            target.copy_with(host=address),
            headers={**(headers or {}), **host},
            extensions=extensions,
            **given,
        ) as answer,
    ):
        content = _bounded(answer)
    return httpx.Response(answer.status_code, headers=_plain_headers(answer), content=content)


def _bounded(answer: httpx.Response) -> bytes:
    content = b""
    for chunk in answer.iter_bytes():
        content += chunk
        if len(content) > MAX_BYTES:
            reason = "its answer is larger than 5 MB"
            raise AddressRefused(url=shown(str(answer.url)), reason=reason)
    return content


def _plain_headers(answer: httpx.Response) -> list[tuple[str, str]]:
    """What was said of the body on the way no longer holds once it is unpacked."""
    gone = {"content-encoding", "content-length", "transfer-encoding"}
    return [(name, value) for name, value in answer.headers.multi_items() if name not in gone]
