"""A Windmill in memory for the logic of plan and push; the engine's own tests are beside it."""

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync.instances.windmill.client import Windmill

ROOT = Path(__file__).resolve().parents[2]


class MemoryWindmill(Windmill):
    """Answers sync's calls as Windmill does, and keeps them in `calls`.

    From write number `fail_at` on it refuses; with mode "once" only that one, with mode "lost"
    that one is done and its answer is lost.
    """

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1", "mlops", "token")
        self.folders: set[str] = set()
        self.types: dict[str, Any] = {}
        self.resources: dict[str, Any] = {}
        self.variables: dict[str, Any] = {}
        self.scripts: dict[str, Any] = {}
        self.flows: dict[str, Any] = {}
        self.clock = 0
        self.calls: list[str] = []
        self.fail_at = 0
        self.fail_mode = "down"
        self._lock = threading.Lock()

    @property
    def writes(self) -> list[str]:
        return [call for call in self.calls if call.startswith("POST")]

    def _send(
        self, method: str, path: str, *, missing_is_fine: bool = False, **options: Any
    ) -> httpx.Response:
        with self._lock:
            self.calls.append(f"{method} {path}")
            status, body = self._answer(method, path, options)
        request = httpx.Request(method, f"{self.base_url}/api/w/mlops/{path}")
        answer = {"json": body} if method == "GET" else {"text": body}
        response = httpx.Response(status, **answer, request=request)
        if response.is_success or (status == 404 and missing_is_fine):
            return response
        raise self._refusal(response)

    def _answer(self, method: str, path: str, options: dict[str, Any]) -> tuple[int, Any]:
        if method == "GET":
            return self._read(path, options.get("params") or {})
        number, mode = len(self.writes), self.fail_mode
        fails = self.fail_at and (
            number >= self.fail_at if mode == "down" else number == self.fail_at
        )
        if fails and mode != "lost":
            return 500, "out of order"
        self.clock += 1
        answer = self._write(path, json.loads(json.dumps(options["json"])))
        return (500, "answer lost") if fails else answer

    def _read(self, path: str, query: dict[str, Any]) -> tuple[int, Any]:
        tables: dict[str, dict[str, Any]] = {"apps": {}, "scripts": self.scripts}
        tables |= {"flows": self.flows, "resources": self.resources}
        tables["variables"] = self.variables
        kind, _, rest = path.partition("/")
        if path == "folders/listnames":
            return 200, sorted(self.folders)
        if rest == "list":
            shown = ("path", "hash", "edited_at", "no_main_func")
            rows = [
                {k: v for k, v in row.items() if k in shown}
                for row in tables[kind].values()
                if row["path"].startswith(query["path_start"])
                and (not row.get("no_main_func") or "include_without_main" in query)
            ]
            start = (query["page"] - 1) * query["per_page"]
            return 200, rows[start : start + query["per_page"]]
        if path.startswith("resources/type/get/"):
            found = self.types.get(path.rpartition("/")[2])
        elif path.startswith("resources/get_value/"):
            found = self.resources.get(rest.removeprefix("get_value/"), {}).get("value")
        else:
            key = rest.partition("?")[0].removeprefix("get/").removeprefix("p/")
            found = tables[kind].get(key)
        return (200, found) if found else (404, "not found")

    def _write(self, path: str, body: Any) -> tuple[int, Any]:
        stamp = f"v{self.clock}"
        if path == "folders/create":
            self.folders.add(body["name"])
        elif path.startswith("resources/type/"):
            self.types[body["name"]] = body
        elif path == "resources/create":
            self.resources[body["path"]] = {**body, "edited_at": stamp}
        elif path.startswith("variables/"):
            self.variables[body["path"]] = body
        elif path.startswith("scripts/archive/p/"):
            del self.scripts[path.removeprefix("scripts/archive/p/")]
        elif path.startswith("scripts/"):
            held = self.scripts.get(body["path"])
            if held and held["hash"] != body.pop("parent_hash", None):
                return 400, "Path conflict"
            self.scripts[body["path"]] = {**body, "hash": stamp}
        else:
            exists = body["path"] in self.flows
            if exists == path.endswith("create"):
                return 400, "wrong verb"
            self.flows[body["path"]] = {**body, "edited_at": stamp}
        return 201, stamp

    def edit(self, path: str, **fields: Any) -> None:
        """Somebody else's edit."""
        self.clock += 1
        table = next(t for t in (self.scripts, self.flows, self.resources) if path in t)
        stamp = {"hash": f"v{self.clock}", "edited_at": f"v{self.clock}"}
        table[path] = {**table[path], **fields, **stamp}


@pytest.fixture
def memory() -> MemoryWindmill:
    return MemoryWindmill()


Write = Callable[[dict[str, str]], Path]


@pytest.fixture
def checkout(tmp_path: Path) -> Write:
    """A small platform checkout; `checkout({path: text})` writes files into it."""
    root = tmp_path / "checkout"
    for folder in ("windmill/scripts", "windmill/flows", "catalog/components", "requirements"):
        (root / folder).mkdir(parents=True)
    for lock in (ROOT / "requirements").glob("*.lock"):
        shutil.copy(lock, root / "requirements")

    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return root

    return write
