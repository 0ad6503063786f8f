"""What stands before llama.cpp: it asks for the key and lets in no web page.

llama.cpp itself listens on a socket that only its own user may open, and is sent one request a
connection: what follows a request that was let in is its body and nothing else.
"""

import asyncio
import hmac
import json
import re
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

MOST_HEAD = 32_768
HEAD_SECONDS = 10.0
LINGER_SECONDS = 1.0
BLOCK = 65_536
# Neither what was asked nor what was answered stands there; probes and Prometheus know no key.
OPEN = {"/health", "/metrics"}
ASKED = re.compile(rb"(?:GET|POST) (/[!-~]*) HTTP/1\.1")
HEADER = re.compile(rb"([A-Za-z0-9-]+):[ \t]*([^\r\n\0]*?)[ \t]*")
ADDRESS = re.compile(r"[0-9.]+|\[[0-9a-f:.]+\]", re.IGNORECASE)


@dataclass(frozen=True)
class Refusal(Exception):
    status: HTTPStatus
    reason: str

    def answer(self) -> bytes:
        body = json.dumps({"error": {"message": self.reason, "code": self.status}}).encode()
        head = f"HTTP/1.1 {self.status} {self.status.phrase}\r\nConnection: close\r\n"
        told = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return (head + told).encode() + body


@dataclass(frozen=True)
class Head:
    first: bytes
    path: str
    headers: list[tuple[str, bytes]]

    @classmethod
    def read(cls, data: bytes) -> "Head":
        first, *lines = data.removesuffix(b"\r\n\r\n").split(b"\r\n")
        asked = ASKED.fullmatch(first)
        if not asked:
            raise Refusal(HTTPStatus.BAD_REQUEST, "only GET and POST are answered")
        return cls(first, asked[1].decode(), [_header(line) for line in lines])

    def value(self, name: str) -> str:
        return ",".join(value.decode("latin-1") for key, value in self.headers if key == name)

    def alone(self) -> bytes:
        """As it is passed on: the connection carries no other request."""
        kept = [(name, value) for name, value in self.headers if name != "connection"]
        lines = [name.encode() + b": " + value for name, value in [*kept, ("connection", b"close")]]
        return b"\r\n".join([self.first, *lines, b"", b""])


@dataclass(frozen=True)
class Door:
    key: str
    hosts: frozenset[str]
    behind: Path

    async def stand(self, host: str, port: int) -> None:
        server = await asyncio.start_server(self._open, host, port, limit=MOST_HEAD)
        async with server:
            await server.serve_forever()

    def judge(self, head: Head) -> None:
        """Raises Refusal. A name that is not ours was made to point here by somebody's page."""
        name = re.sub(r":\d+$", "", head.value("host")).lower()
        if name not in self.hosts and not ADDRESS.fullmatch(name):
            raise Refusal(HTTPStatus.MISDIRECTED_REQUEST, "this is not the model server's name")
        if head.value("origin"):
            raise Refusal(HTTPStatus.FORBIDDEN, "no web page asks the model server")
        shown = head.value("authorization").encode()
        if head.path not in OPEN and not hmac.compare_digest(shown, f"Bearer {self.key}".encode()):
            raise Refusal(HTTPStatus.UNAUTHORIZED, "the model server's key is needed")

    async def _open(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with _gone_is_fine():
                await self._answer(reader, writer)
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_SECONDS)
        try:
            head = Head.read(asked)
            self.judge(head)
        except Refusal as refusal:
            writer.write(refusal.answer())
            await _see_off(reader, writer)
        else:
            await self._pass_on(head, reader, writer)

    async def _pass_on(
        self, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        answered, asking = await asyncio.open_unix_connection(str(self.behind))
        try:
            asking.write(head.alone())
            await _until_one_ends(_carry(reader, asking), _carry(answered, writer))
        finally:
            asking.close()


def _header(line: bytes) -> tuple[str, bytes]:
    found = HEADER.fullmatch(line)
    if not found:
        raise Refusal(HTTPStatus.BAD_REQUEST, "a header cannot be read")
    return found[1].decode().lower(), found[2]


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while block := await reader.read(BLOCK):
        writer.write(block)
        await writer.drain()


async def _until_one_ends(*ways: Coroutine[None, None, None]) -> None:
    """The answer is complete, or who asked has left: then llama.cpp stops, too."""
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _see_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Whoever still sends would lose the answer if the connection were cut."""
    await writer.drain()
    writer.write_eof()
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while await reader.read(BLOCK):
                pass


@contextmanager
def _gone_is_fine() -> Iterator[None]:
    broken = (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, OSError)
    with suppress(*broken):
        yield
