"""One push at a time: a lock in the Windmill itself, lost by whoever stops renewing it."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from windmill.scripts.model.base.windmill_paths import FOLDER, SYNC_LOCK

from ...errors import InstanceError, PushUnderWay
from .client import Windmill

# Windmill leaves resources of this type out of its own sync and export.
LOCK_TYPE = "state"
PATH = f"resources/get_value/{SYNC_LOCK}"


class Held(BaseModel):
    """Who pushes; `beat` grows while they live, so that no two clocks need to agree."""

    holder: str
    since: datetime
    id: str
    beat: int = 0

    def age(self) -> str:
        seconds = max(0, round((datetime.now(UTC) - self.since).total_seconds()))
        return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"

    def __str__(self) -> str:
        return f"{self.holder}, who has been pushing for {self.age()}"


@dataclass(frozen=True)
class Patience:
    """Seconds. Whoever was not seen alive for `dead_after` is not waited for."""

    beat: float = 5.0
    dead_after: float = 20.0
    wait: float = 120.0
    look: float = 1.0
    sleep: Callable[[float], None] = field(default=time.sleep)


@contextmanager
def one_at_a_time(
    windmill: Windmill,
    holder: str,
    on_wait: Callable[[str], None],
    patience: Patience = Patience(),
) -> Iterator[None]:
    """Raises PushUnderWay after `patience.wait`.

    Before our folder is there nothing can be held; who makes it second is refused by Windmill.
    """
    if FOLDER.removeprefix("f/") not in windmill.get("folders/listnames"):
        yield
        return
    mine = Held(holder=holder, since=datetime.now(UTC), id=uuid.uuid4().hex)
    _take(windmill, mine, on_wait, patience)
    with _renewed(windmill, mine, patience.beat):
        yield


def held(windmill: Windmill) -> Held | None:
    """What nobody could have written here is held by nobody."""
    try:
        return Held.model_validate(windmill.find(PATH))
    except ValidationError:
        return None


def _take(
    windmill: Windmill, mine: Held, on_wait: Callable[[str], None], patience: Patience
) -> None:
    waited, seen, seen_at = 0.0, held(windmill), 0.0
    if seen:
        on_wait(f"waiting for {seen}")
    while not _is_taken(
        windmill, mine, free=seen is None or waited - seen_at >= patience.dead_after
    ):
        if waited >= patience.wait and seen:
            raise PushUnderWay(holder=seen.holder, age=seen.age())
        patience.sleep(patience.look)
        waited += patience.look
        now = held(windmill)
        if now != seen:
            seen, seen_at = now, waited


def _is_taken(windmill: Windmill, mine: Held, *, free: bool) -> bool:
    """A lock whose holder died is taken away first; Windmill makes one for one of us only."""
    if not free:
        return False
    if windmill.find(PATH) is not None:
        windmill.delete(f"resources/delete/{SYNC_LOCK}")
    try:
        windmill.post("resources/create", _body(mine))
    except InstanceError:
        there = held(windmill)
        if there is None:
            raise
        return there.id == mine.id
    return True


@contextmanager
def _renewed(windmill: Windmill, mine: Held, every: float) -> Iterator[None]:
    done = threading.Event()

    def renew() -> None:
        current = mine
        while not done.wait(every):
            current = current.model_copy(update={"beat": current.beat + 1})
            with suppress(InstanceError):
                windmill.post("resources/create", _body(current), update_if_exists="true")

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        with suppress(InstanceError):  # it is dead to others soon anyway
            _release(windmill, mine)


def _release(windmill: Windmill, mine: Held) -> None:
    there = held(windmill)
    if there and there.id == mine.id:
        windmill.delete(f"resources/delete/{SYNC_LOCK}")


def _body(mine: Held) -> dict[str, Any]:
    description = "Who runs `mlops sync push` now"
    value = mine.model_dump(mode="json")
    return {
        "path": SYNC_LOCK,
        "resource_type": LOCK_TYPE,
        "description": description,
        "value": value,
    }
