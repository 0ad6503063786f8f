"""The one gate for addresses that people give: nothing inside the house is reached through us.

The workers' HTTP steps have the same gate, windmill/scripts/provision/outgoing.py. Neither side may
import the other: tests/address_gate_cases.yaml holds both to the same judgement and words.
"""

import asyncio
import ipaddress
import os
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serving import errors, pipeline_errors

if TYPE_CHECKING:
    import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Awaitable[Iterable[str]]]
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


NO_KEYS: Mapping[str, str] = {}


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
        if any(address in network for network in (*METADATA, *NO_SERVER)):
            return False
        if (host, port) in self.endpoints or is_public(address):
            return True
        return any(address in network for network in self.networks)


async def resolve(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    entries = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in entries]


class Gate:
    """Calls the very address that was judged, and follows no redirect."""

    def __init__(
        self, allowed: Allowed, look_up: Resolve = resolve, keys: Mapping[str, str] = NO_KEYS
    ) -> None:
        """`keys`: of deployments of the same platform, by scheme, host and port."""
        self._allowed = allowed
        self._look_up = look_up
        self._keys = keys

    async def address(self, url: str) -> str:
        """All that the name stands for must be fine: which one is called is not ours to choose."""
        target = destination(url)
        host, port = host_of(target), port_of(target)
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

        target, address = destination(url), await self.address(url)
        async with httpx.AsyncClient(timeout=seconds, trust_env=False) as client:
            request = client.build_request(
                method,
                target.copy_with(host=address),
                headers={**self._key_for(target), **headers, "Host": target.netloc.decode("ascii")},
                json=json,
                extensions={"sni_hostname": host_of(target)},
            )
            response = await client.send(request, stream=True, follow_redirects=False)
            try:
                yield response
            finally:
                await response.aclose()

    def _key_for(self, url: "httpx.URL") -> dict[str, str]:
        """For the address it belongs to and no other."""
        key = self._keys.get(origin_of(url))
        return {"Authorization": f"Bearer {key}"} if key else {}


async def read(response: "httpx.Response", most_bytes: int) -> bytes:
    """Raises ResponseTooLarge instead of filling the memory."""
    content = bytearray()
    async for part in response.aiter_bytes():
        content += part
        if len(content) > most_bytes:
            raise errors.ResponseTooLarge(limit=most_bytes)
    return bytes(content)


def gate() -> Gate:
    return Gate(Allowed.of(os.environ), keys=endpoint_keys(os.environ))


def endpoint_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """ENDPOINT_KEYS=http://127.0.0.1:20100=mk-…, separated by blanks"""
    words = environment.get("ENDPOINT_KEYS", "").split()
    named = [word.rpartition("=") for word in words]
    return {origin_of(destination(url)): key for url, _, key in named}


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


def destination(url: str) -> "httpx.URL":
    """As the client will read it: another parser could see another host. Raises AddressRefused."""
    import httpx

    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise errors.AddressRefused(url=shown(url), reason="it is no valid address") from error
    if parsed.scheme not in PORTS or not parsed.raw_host or parsed.userinfo:
        raise errors.AddressRefused(url=shown(url), reason="it is no plain http or https address")
    if not 0 < port_of(parsed) <= MOST_PORT:
        raise errors.AddressRefused(url=shown(url), reason=f"its port is not from 1 to {MOST_PORT}")
    return parsed


def port_of(url: "httpx.URL") -> int:
    return PORTS[url.scheme] if url.port is None else url.port


def origin_of(url: "httpx.URL") -> str:
    return f"{url.scheme}://{host_of(url)}:{port_of(url)}"


def host_of(url: "httpx.URL") -> str:
    """In ASCII, as it is looked up and as the server is told."""
    return url.raw_host.decode("ascii")


def _endpoint(word: str) -> tuple[str, int]:
    host, _, port = word.rpartition(":")
    return host.strip("[]").lower(), int(port)


def _words(environment: Mapping[str, str], name: str, read_word: Callable[[str], Any]) -> list[Any]:
    try:
        return [read_word(word) for word in environment.get(name, "").replace(",", " ").split()]
    except ValueError as error:
        raise pipeline_errors.BadSetting(name=name, reason=str(error)) from error
