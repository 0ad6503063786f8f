"""catalog.lock: what each pinned use stands for."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ..base.errors import InvalidInput, Problem
from ..base.parse import parse
from ..base.source import Source, load_yaml
from ..entry.entry import Strict, Use

LOCK_FILE = "catalog.lock"
_HEAD = """\
# Written by `mlops catalog lock`: what each pinned use stands for. It belongs in Git.
version: 1
pins:"""


class Pin(Strict):
    commit: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
    hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class CatalogLock(Strict):
    version: Literal[1] = 1
    pins: dict[Use, Pin] = Field(default_factory=dict)


def parse_lock(text: str, file: str) -> tuple[CatalogLock, Source]:
    """Raises InvalidInput."""
    source = load_yaml(text, file)
    return parse(CatalogLock, source), source


def read_lock(root: Path) -> tuple[CatalogLock, Source] | None:
    """None where there is no lock; raises InvalidInput."""
    file = root / LOCK_FILE
    shown = f"{root.name}/{LOCK_FILE}"
    try:
        return parse_lock(file.read_text("utf-8"), shown)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        problem = Problem(f"cannot be read: {reason}", file=shown, code="E-YAML")
        raise InvalidInput([problem]) from error


def lock_text(lock: CatalogLock) -> str:
    """The same pins give the same bytes, a line a pin, so that Git merges them."""
    pins = [
        f"  {use}: {{commit: '{pin.commit}', hash: '{pin.hash}'}}"
        for use, pin in sorted(lock.pins.items())
    ]
    return "\n".join([_HEAD, *pins]) + "\n" if pins else f"{_HEAD} {{}}\n"
