"""RunPod's own client of its REST API v2: the vendor's MCP server from npm, asked over stdio.

Its tools are generated from the vendor's API document, and send by the vendor's TypeScript SDK.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO, Any

from sync.build.node import node_home, npm_packages

FOLDER = Path(__file__).with_name("runpod_client_package")
PROTOCOL = "2025-06-18"  # of MCP


def runpod_client() -> Path:
    """Its program, installed once a machine."""
    return npm_packages(FOLDER) / "@runpod/mcp-server/dist/stdio.mjs"


@dataclass(frozen=True)
class Answer:
    """`told` is what the API answered, with a `hint` of the client's own where it failed.

    Where the API did not answer it is the client's own error, with a `message`.
    """

    failed: bool
    told: dict[str, Any]


class VendorClient:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._ids = count(1)
        about = {"name": "certification", "version": "1"}
        hello = {"protocolVersion": PROTOCOL, "capabilities": {}, "clientInfo": about}
        self._ask("initialize", hello)
        self._write({"method": "notifications/initialized"})

    def schemas(self) -> dict[str, dict[str, Any]]:
        """What each tool takes, by its name: JSON Schemas."""
        tools = self._ask("tools/list", {})["result"]["tools"]
        return {tool["name"]: tool["inputSchema"] for tool in tools}

    def call(self, tool: str, **arguments: Any) -> Answer:
        answer = self._ask("tools/call", {"name": tool, "arguments": arguments})
        if "error" in answer:
            return Answer(True, answer["error"])
        result = answer["result"]
        told = json.loads(result["content"][0]["text"])
        return Answer(bool(result.get("isError")), told)

    def _ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        asked = next(self._ids)
        self._write({"id": asked, "method": method, "params": params})
        answer: dict[str, Any] = json.loads(_pipe(self._process.stdout).readline())
        assert answer["id"] == asked, answer
        return answer

    def _write(self, message: dict[str, Any]) -> None:
        stdin = _pipe(self._process.stdin)
        stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        stdin.flush()


@contextmanager
def running_runpod_client(program: Path, address: str, key: str) -> Iterator[VendorClient]:
    process = subprocess.Popen(
        [str(node_home() / "bin" / "node"), str(program)],
        env={"RUNPOD_API_BASE_URL": address, "RUNPOD_API_KEY": key},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield VendorClient(process)
    finally:
        process.kill()
        process.communicate()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe
    return pipe
