"""The one gate for addresses that people give: nothing inside the house is reached through us."""

import ipaddress
import socket
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from .errors import AddressRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Iterable[str]]
# A language model takes its time to answer; who is only looked at does not.
TIMEOUT_SECONDS = 300.0
LOOK_SECONDS = 30.0
MAX_BYTES = 5_000_000
# A cloud machine's own keys are there: no setting opens them.
METADATA = tuple(
    ipaddress.ip_network(text) for text in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128")
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Allowed:
    """Beside the public internet: networks of one's own, and (host, port) of one's deployments."""

    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    endpoints: Container[tuple[str, int]] = frozenset()

    @classmethod
    def of(cls, setting: str, endpoints: Container[tuple[str, int]] = frozenset()) -> "Allowed":
        """`10.0.0.0/8, 192.168.7.4`"""
        words = [word for word in setting.replace(",", " ").split() if word]
        return cls(tuple(ipaddress.ip_network(word) for word in words), endpoints)


def resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def pinned_address(url: str, allowed: Allowed, look_up: Resolve = resolve) -> str:
    """The one address that may be called for this URL. Raises AddressRefused.

    All that the name stands for must be fine: which of them would be called is not ours to choose.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise AddressRefused(url=_shown(url), reason="it is no plain http or https address")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        addresses = list(look_up(parts.hostname, port))
    except OSError as error:
        raise AddressRefused(url=_shown(url), reason="its name is not known") from error
    refused = [a for a in addresses if not _is_fine(plain(a), parts.hostname, port, allowed)]
    if refused or not addresses:
        reason = f"{refused[0]} is not on the public internet" if refused else "it has no address"
        raise AddressRefused(url=_shown(url), reason=reason)
    return addresses[0]


def plain(address: str) -> Address:
    """The IPv4 address that hides in an IPv6 one, where there is one."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv4Address):
        return found
    hidden = found.ipv4_mapped or found.sixtofour
    if hidden is None and found in _NAT64:
        hidden = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return hidden or found


def _is_fine(address: Address, host: str, port: int, allowed: Allowed) -> bool:
    if (host, port) in allowed.endpoints:
        return True
    if any(address in network for network in METADATA):
        return False
    return address.is_global or any(address in network for network in allowed.networks)


def request(
    method: str, url: str, allowed: Allowed, headers: dict[str, str] | None = None, body: Any = None
) -> httpx.Response:
    """Follows no redirect, calls the address that was judged, and reads no more than 5 MB."""
    host = urlsplit(url).netloc
    address = pinned_address(url, allowed)
    target = httpx.URL(url).copy_with(host=address)
    given = {} if method == "GET" else {"json": body}
    seconds = LOOK_SECONDS if method == "GET" else TIMEOUT_SECONDS
    patience = httpx.Timeout(seconds, connect=LOOK_SECONDS)
    extensions = {"sni_hostname": urlsplit(url).hostname}
    with (
        httpx.Client(timeout=patience, trust_env=False, follow_redirects=False) as client,
        client.stream(
            method,
            target,
            headers={**(headers or {}), "Host": host},
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
            raise AddressRefused(url=_shown(str(answer.url)), reason=reason)
    return content


def _plain_headers(answer: httpx.Response) -> list[tuple[str, str]]:
    """What was said of the body on the way no longer holds once it is unpacked."""
    gone = {"content-encoding", "content-length", "transfer-encoding"}
    return [(name, value) for name, value in answer.headers.multi_items() if name not in gone]


def _shown(url: str) -> str:
    """Without what may be a secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
