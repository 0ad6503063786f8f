"""Ports of this host, tried by binding them."""

import random
import socket
from collections.abc import Collection, Iterable
from contextlib import closing

from ...provision.errors import NoFreePort
from ..addresses import HOST

# Below the kernel's ephemeral range: no outgoing connection can take one before its server starts.
CANDIDATES = range(20_000, 32_000)


def port_is_free(port: int) -> bool:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        # As servers do: a connection in TIME_WAIT is no occupant, a listener still is.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose_ports(names: Iterable[str], taken: Collection[int]) -> dict[str, int]:
    """One free port a name; random, so that two platforms on one host seldom want the same."""
    draw = random.SystemRandom()
    candidates = iter(draw.sample(CANDIDATES, len(CANDIDATES)))
    chosen: dict[str, int] = {}
    for name in names:
        chosen[name] = _next_free(name, candidates, set(taken))
    return chosen


def _next_free(name: str, candidates: Iterable[int], taken: Collection[int]) -> int:
    for port in candidates:
        if port not in taken and port_is_free(port):
            return port
    raise NoFreePort(name)
