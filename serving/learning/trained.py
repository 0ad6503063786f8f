"""Trained models by what they were trained from: a restart does not train again."""

import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from serving.files import write_atomically

SOURCES = Path(__file__).parents[1]
ROOMS = ("learning", "components", "tables")  # what a model depends on

T = TypeVar("T")


def trained_once(folder: Path, source: Any, train: Callable[[], T]) -> T:
    """`source` is the data and the settings; other code or another library trains anew."""
    path = folder / f"{_digest(source)}.pickle"
    if path.exists():
        try:
            # Written below, into the deployment's own folder: as trusted as the code beside it.
            model: T = pickle.loads(path.read_bytes())  # noqa: S301
            return model
        except Exception:  # noqa: BLE001 - damaged: it is only a cache
            path.unlink()
    model = train()
    for old in folder.glob("*.pickle"):
        old.unlink()
    write_atomically(path, pickle.dumps(model))
    return model


def _digest(source: Any) -> str:
    import sklearn

    digest = hashlib.sha256(repr((sklearn.__version__, source)).encode())
    for room in ROOMS:
        for file in sorted((SOURCES / room).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:24]
