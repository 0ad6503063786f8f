"""The one gate for addresses that people give: nothing inside the house is reached through us."""

import asyncio
import ipaddress
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from serving import errors

if TYPE_CHECKING:
    import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Awaitable[Iterable[str]]]
PORTS = {"http": 80, "https": 443}
NAT64 = ipaddress.ip_network("64:ff9b::/96")
METADATA = tuple(
    ipaddress.ip_network(n) for n in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128")
)


@dataclass(frozen=True)
class Allowed:
    """Beside the public internet: networks of one's own, and (host, port) of one's deployments."""

    networks: tuple[Network, ...] = ()
    endpoints: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Allowed":
        """ALLOW_ADDRESSES=10.0.0.0/8,192.168.7.4 and ALLOW_ENDPOINTS=127.0.0.1:20100"""
        networks = _words(environment, "ALLOW_ADDRESSES", ipaddress.ip_network)
        endpoints = _words(environment, "ALLOW_ENDPOINTS", _endpoint)
        return cls(tuple(networks), frozenset(endpoints))

    def covers(self, address: Address, host: str, port: int) -> bool:
        if (host, port) in self.endpoints:
            return True
        if any(address in network for network in METADATA):
            return False
        return address.is_global or any(address in network for network in self.networks)


async def resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class Gate:
    """Calls the very address that was judged, and follows no redirect."""

    def __init__(self, allowed: Allowed, look_up: Resolve = resolve) -> None:
        self._allowed = allowed
        self._look_up = look_up

    async def address(self, url: str) -> str:
        """All that the name stands for must be fine: which one is called is not ours to choose."""
        host, port = _host_and_port(url)
        try:
            addresses = list(await self._look_up(host, port))
        except (OSError, UnicodeError) as error:
            raise errors.AddressRefused(url=shown(url), reason="its name is not known") from error
        refused = [a for a in addresses if not self._allowed.covers(plain(a), host, port)]
        if refused or not addresses:
            what = f"{refused[0]} is not on the public internet" if refused else "it has no address"
            raise errors.AddressRefused(url=shown(url), reason=what)
        return addresses[0]

    @asynccontextmanager
    async def open(
        self, method: str, url: str, *, seconds: float, headers: Mapping[str, str], json: Any = None
    ) -> "AsyncIterator[httpx.Response]":
        import httpx

        address = await self.address(url)
        async with httpx.AsyncClient(timeout=seconds, trust_env=False) as client:
            request = client.build_request(
                method,
                httpx.URL(url).copy_with(host=address),
                headers={**headers, "Host": urlsplit(url).netloc},
                json=json,
                extensions={"sni_hostname": urlsplit(url).hostname},
            )
            response = await client.send(request, stream=True, follow_redirects=False)
            try:
                yield response
            finally:
                await response.aclose()


async def read(response: "httpx.Response", most_bytes: int) -> bytes:
    """Raises ResponseTooLarge instead of filling the memory."""
    content = bytearray()
    async for part in response.aiter_bytes():
        content += part
        if len(content) > most_bytes:
            raise errors.ResponseTooLarge(limit=most_bytes)
    return bytes(content)


def gate() -> Gate:
    return Gate(Allowed.of(os.environ))


def plain(address: str) -> Address:
    """The IPv4 address that hides in an IPv6 one, where there is one."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv4Address):
        return found
    hidden = found.ipv4_mapped or found.sixtofour
    if hidden is None and found in NAT64:
        hidden = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return hidden or found


def shown(url: str) -> str:
    """Without what may be a secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


def _host_and_port(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise errors.AddressRefused(url=url[:100], reason=str(error)) from error
    if parts.scheme not in PORTS or not parts.hostname or parts.username:
        raise errors.AddressRefused(url=shown(url), reason="it is no plain http or https address")
    return parts.hostname, port or PORTS[parts.scheme]


def _endpoint(word: str) -> tuple[str, int]:
    host, _, port = word.rpartition(":")
    return host, int(port)


def _words(environment: Mapping[str, str], name: str, read_word: Callable[[str], Any]) -> list[Any]:
    try:
        return [read_word(word) for word in environment.get(name, "").replace(",", " ").split()]
    except ValueError as error:
        raise errors.BadSetting(name=name, reason=str(error)) from error
