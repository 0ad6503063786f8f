"""Windmill and n8n pushed as one: what an n8n that fails leaves behind, and what is said of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from sync.api import (
    N8n,
    N8nError,
    Plan,
    PushFailed,
    Verb,
    desired,
    n8n_settings,
    plan,
    plan_of_pruning,
    push,
)
from tests.sync.conftest import Write
from tests.sync.embedded import EmbeddedWindmill
from tests.sync.test_n8n_items import NEEDED

WORKFLOW = {
    "name": "Hook",
    "nodes": [
        {
            "name": "Hook",
            "type": "n8n-nodes-base.webhook",
            "credentials": {"httpHeaderAuth": {"id": "mlops-gateway"}},
        }
    ],
    "connections": {},
    "settings": {},
}
FILES = {
    "windmill/scripts/price.py": '"""Price."""\n\n\ndef main() -> int:\n    return 1\n',
    "n8n/workflows/hook.json": json.dumps(WORKFLOW),
}
DOWN = N8nError("n8n does not answer: refused", "http://n8n")


class MemoryN8n(N8n):
    """The part of its public API that sync uses; `down` from its nth write on."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1", "key")
        self.tables: dict[str, list[Any]] = {path: [] for path in ("workflows", "credentials")}
        self.tables |= {"data-tables": [], "data-tables/mlops_sync/rows": []}
        self.writes: list[str] = []
        self.down_from: int | None = None

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        if method == "GET":
            if self.down_from == 0:
                raise DOWN
            return {"data": self.tables[path.partition("?")[0]]}
        self.writes.append(path)
        if self.down_from is not None and len(self.writes) >= self.down_from:
            raise DOWN
        return self._write(path, body)

    def _write(self, path: str, body: Any) -> Any:
        if body is None:
            self.tables[path.partition("/")[0]] = []
            return {}
        if path == "data-tables":
            self.tables[path] = [{"id": body["name"], "name": body["name"]}]
        elif path.endswith("/rows/upsert"):
            self.tables[path.removesuffix("/upsert")] = [body["data"]]
        elif path.endswith("/publish"):
            self.tables["workflows"][0]["active"] = True
        else:
            self.tables[path] = [{"id": "1", **body}]
        return {"id": "mlops_sync" if path == "data-tables" else "1"}


@pytest.fixture
def root(checkout: Write) -> Path:
    return checkout(FILES)


@pytest.fixture
def n8n() -> MemoryN8n:
    return MemoryN8n()


def pushed(root: Path, windmill: EmbeddedWindmill, n8n: MemoryN8n) -> list[str]:
    items = desired(root, n8n_settings(NEEDED))
    return [
        action.item.key for action in push(plan(items, windmill, n8n), windmill, n8n=n8n).written
    ]


def test_n8n_comes_after_windmill_and_a_second_push_writes_nothing(
    root: Path, embedded: EmbeddedWindmill, n8n: MemoryN8n
) -> None:
    written = pushed(root, embedded, n8n)
    assert written[-2:] == ["credential/mlops-gateway", "workflow/hook"]
    assert pushed(root, embedded, n8n) == []


def with_settings(root: Path, **settings: str) -> None:
    text = json.dumps({**WORKFLOW, "settings": settings})
    (root / "n8n/workflows/hook.json").write_text(text)


def planned(root: Path, windmill: EmbeddedWindmill, n8n: MemoryN8n) -> Plan:
    return plan(desired(root, n8n_settings(NEEDED)), windmill, n8n)


def test_a_setting_that_git_adds_or_drops_is_nobody_s_edit_and_n8n_s_own_are_no_matter(
    root: Path, embedded: EmbeddedWindmill, n8n: MemoryN8n
) -> None:
    pushed(root, embedded, n8n)
    n8n.tables["workflows"][0]["settings"]["callerPolicy"] = "any"
    with_settings(root, timezone="UTC")
    found = planned(root, embedded, n8n)
    assert (found.drifted, found.writes[0].changed) == ((), ("settings.timezone",))
    pushed(root, embedded, n8n)
    with_settings(root)
    assert planned(root, embedded, n8n).drifted == ()


def test_one_that_git_calls_otherwise_is_still_the_same(
    root: Path, embedded: EmbeddedWindmill, n8n: MemoryN8n
) -> None:
    pushed(root, embedded, n8n)
    (root / "n8n/workflows/hook.json").write_text(json.dumps({**WORKFLOW, "name": "Event"}))
    (found,) = planned(root, embedded, n8n).writes
    assert (found.verb, found.changed, found.drifted) == (Verb.update, ("name",), False)
    n8n.writes.clear()
    pushed(root, embedded, n8n)
    assert "workflows/1?publishIfActive=false" in n8n.writes


def test_what_git_no_longer_has_is_pruned_there_and_nothing_else(
    root: Path, embedded: EmbeddedWindmill, n8n: MemoryN8n
) -> None:
    pushed(root, embedded, n8n)
    (root / "n8n/workflows/hook.json").unlink()
    n8n.tables["workflows"].append({**WORKFLOW, "id": "2", "name": "Somebody's own"})
    n8n.writes.clear()
    wanted = desired(root, n8n_settings(NEEDED))
    push(plan_of_pruning(wanted, embedded, n8n), embedded, n8n=n8n)
    assert [path for path in n8n.writes if "mlops_sync" not in path] == [
        "workflows/1/unpublish",
        "workflows/1",
        "credentials/mlops-gateway",
    ]
    assert plan_of_pruning(wanted, embedded, n8n).is_empty


def test_a_setting_that_somebody_changed_in_n8n_is_drift(
    root: Path, embedded: EmbeddedWindmill, n8n: MemoryN8n
) -> None:
    with_settings(root, timezone="UTC")
    pushed(root, embedded, n8n)
    n8n.tables["workflows"][0]["settings"]["timezone"] = "Europe/Zurich"
    (edited,) = planned(root, embedded, n8n).drifted
    assert (edited.item.path, edited.changed) == ("hook", ("settings.timezone",))


def test_a_record_of_before_settings_were_noted_one_by_one_is_read(
    root: Path, embedded: EmbeddedWindmill, n8n: MemoryN8n
) -> None:
    pushed(root, embedded, n8n)
    (row,) = n8n.tables["data-tables/mlops_sync/rows"]
    kept = json.loads(row["value"])
    prints = kept["workflow/hook"]["prints"]
    kept["workflow/hook"]["prints"] = {
        **{name: print for name, print in prints.items() if not name.startswith("settings.")},
        "settings": "of all of them together",
    }
    row["value"] = json.dumps(kept)
    with_settings(root, timezone="UTC")
    assert planned(root, embedded, n8n).drifted == ()


def test_an_n8n_that_is_down_is_met_before_anything_is_written(
    root: Path, embedded: EmbeddedWindmill, n8n: MemoryN8n
) -> None:
    n8n.down_from = 0
    with pytest.raises(N8nError, match="n8n does not answer"):
        pushed(root, embedded, n8n)
    assert embedded.wire.writes == []


def test_an_n8n_that_goes_down_meanwhile_is_told_apart_from_windmill_which_is_done(
    root: Path, embedded: EmbeddedWindmill, n8n: MemoryN8n
) -> None:
    n8n.down_from = 4  # the data table, the intent and the credential are written
    with pytest.raises(PushFailed) as failed:
        pushed(root, embedded, n8n)
    assert "workflow/hook could not be written: n8n does not answer" in str(failed.value)
    done = len(failed.value.written) - 1
    assert f"Windmill: {done} of {done} items were written. n8n: 1 of 2" in str(failed.value)
    n8n.down_from = None
    # Nobody could note that the credential was written, and secrets never come back to compare.
    assert pushed(root, embedded, n8n) == ["credential/mlops-gateway", "workflow/hook"]


def test_a_windmill_that_fails_leaves_n8n_alone_and_that_is_said(
    root: Path, embedded: EmbeddedWindmill, n8n: MemoryN8n
) -> None:
    embedded.wire.fail_at = 3
    with pytest.raises(PushFailed, match=r"n8n: 0 of 2 items were written") as failed:
        pushed(root, embedded, n8n)
    assert n8n.writes == []
    assert "workflow/hook" in failed.value.as_dict()["not_written"]
    embedded.wire.fail_at = 0
    assert pushed(root, embedded, n8n)[-1] == "workflow/hook"
