"""Two pushes at once: one waits, and whoever died is not waited for."""

import os
import socket
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sync.api import PlanOutdated, PushUnderWay, WindmillError, desired, plan, push, this_holder
from sync.instances.windmill.push_lock import Patience, held, one_at_a_time
from tests.sync.conftest import Write
from tests.sync.embedded import EmbeddedWindmill

FILES = {"windmill/scripts/price.py": "def main() -> int:\n    return 1\n"}
LOCK = "f/mlops/sync_lock"


@pytest.fixture
def root(checkout: Write, embedded: EmbeddedWindmill) -> Path:
    root = checkout(FILES)
    push(plan(desired(root), embedded), embedded)
    return root


class Others:
    """Somebody who holds the lock, seen by who sleeps; alive until `dies_after` looks."""

    def __init__(
        self, windmill: EmbeddedWindmill, dies_after: int, ends_after: int = 10**9
    ) -> None:
        self.windmill, self.dies_after, self.ends_after = windmill, dies_after, ends_after
        self.looks = 0
        self._write()

    def _write(self) -> None:
        since = datetime.now(UTC).isoformat()
        value = {"holder": "ann@laptop", "since": since, "id": "ann", "beat": self.looks}
        body = {"path": LOCK, "resource_type": "state", "value": value}
        self.windmill.others.post("resources/create", body, update_if_exists="true")

    def sleep(self, _seconds: float) -> None:
        self.looks += 1
        if self.looks == self.ends_after:
            self.windmill.others.delete(f"resources/delete/{LOCK}")
        elif self.looks < min(self.dies_after, self.ends_after):
            self._write()

    @property
    def patience(self) -> Patience:
        return Patience(beat=60, dead_after=20, wait=120, look=1, sleep=self.sleep)


def test_who_pushes_holds_it_and_gives_it_back(root: Path, embedded: EmbeddedWindmill) -> None:
    seen: list[str] = []
    with one_at_a_time(embedded, "bob@ci", seen.append):
        there = held(embedded)
        assert there
        assert there.holder == "bob@ci"
    assert held(embedded) is None
    assert seen == []


def test_the_second_waits_for_the_first_and_says_for_whom(
    root: Path, embedded: EmbeddedWindmill
) -> None:
    others, seen = Others(embedded, dies_after=10**9, ends_after=30), list[str]()
    with one_at_a_time(embedded, "bob@ci", seen.append, others.patience):
        assert others.looks == 30
    assert [text.partition(",")[0] for text in seen] == ["waiting for ann@laptop"]


def test_who_is_alive_for_too_long_is_told_and_keeps_it(
    root: Path, embedded: EmbeddedWindmill
) -> None:
    others = Others(embedded, dies_after=10**9)
    with (
        pytest.raises(PushUnderWay, match="ann@laptop, for 0 s"),
        one_at_a_time(embedded, "bob@ci", lambda _: None, others.patience),
    ):
        raise AssertionError("nobody else may be in here")
    there = held(embedded)
    assert there
    assert there.id == "ann"


def test_who_died_is_not_waited_for_longer_than_they_could_be_silent(
    root: Path, embedded: EmbeddedWindmill
) -> None:
    others = Others(embedded, dies_after=5)
    with one_at_a_time(embedded, "bob@ci", lambda _: None, others.patience):
        there = held(embedded)
        assert there
        assert there.holder == "bob@ci"
    assert 20 <= others.looks <= 26


def test_it_is_renewed_while_it_is_held(root: Path, embedded: EmbeddedWindmill) -> None:
    renewed = threading.Event()

    def watch(method: str, path: str, **options: Any) -> Any:
        answer = send(method, path, **options)
        if "beat" in str(options.get("json")) and options["json"]["value"]["beat"] >= 2:
            renewed.set()
        return answer

    send, embedded._send = embedded._send, watch  # type: ignore[method-assign]
    with one_at_a_time(embedded, "bob@ci", lambda _: None, Patience(beat=0.01)):
        assert renewed.wait(10)


def test_what_is_no_lock_is_held_by_nobody(root: Path, embedded: EmbeddedWindmill) -> None:
    body = {"path": LOCK, "resource_type": "state", "value": {"holder": 3}}
    embedded.others.post("resources/create", body)
    with one_at_a_time(embedded, "bob@ci", lambda _: None):
        there = held(embedded)
        assert there
        assert there.holder == "bob@ci"


def test_who_may_not_write_is_told_what_windmill_says(
    root: Path, embedded: EmbeddedWindmill
) -> None:
    embedded.wire.fail_at = len(embedded.wire.writes) + 1
    with pytest.raises(WindmillError, match="out of order"), one_at_a_time(embedded, "b", print):
        raise AssertionError("nobody may be in here")


def test_a_plan_from_before_somebody_else_s_push_is_refused(
    root: Path, checkout: Write, embedded: EmbeddedWindmill
) -> None:
    checkout({"windmill/scripts/price.py": "def main() -> int:\n    return 2\n"})
    ours = plan(desired(root), embedded)
    checkout({"windmill/scripts/other.py": "def main() -> int:\n    return 3\n"})
    push(plan(desired(root), embedded), embedded)
    with pytest.raises(PlanOutdated, match="somebody else pushed to Windmill"):
        push(ours, embedded)
    assert held(embedded) is None


def test_a_user_without_a_name_pushes_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 10001")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert this_holder() == f"{os.getuid()}@{socket.gethostname()}"


def test_nothing_to_do_takes_no_lock(root: Path, embedded: EmbeddedWindmill) -> None:
    embedded.wire.calls.clear()
    push(plan(desired(root), embedded), embedded)
    assert not [call for call in embedded.wire.calls if LOCK in call]
    assert embedded.wire.writes == []
