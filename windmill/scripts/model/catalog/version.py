"""An entry's version: a hash over what it says and over everything it uses."""

import hashlib
import json
from typing import Any

from ..drawing.component import Component
from ..entry.entry import Entry, PinnedEntry
from .catalog import Catalog

MISSING = ""


class Versions:
    """By key, as in the catalog; `components/x` too. Two entries of one version compile alike.

    Comments, layout and the names of the refs that pin do not count; what they lead to does.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._hashes: dict[str, str] = {}

    def __getitem__(self, key: str) -> str:
        """64 hexadecimal digits; MISSING for what is not there."""
        waiting, begun = [key], {key}
        while waiting:
            parts = self._parts(waiting[-1]) if waiting[-1] not in self._hashes else []
            needed = [part for part in parts if part not in self._hashes and part not in begun]
            begun.update(needed)
            waiting += needed
            if not needed:
                done = waiting.pop()
                self._hashes.setdefault(done, self._work_out(done, parts))
        return self._hashes[key]

    def _parts(self, key: str) -> list[str]:
        entry = self.catalog.entries.get(key)
        return parts_of(entry) if entry else []

    def _work_out(self, key: str, parts: list[str]) -> str:
        if key.startswith("components/"):
            component = self._component(key.removeprefix("components/"))
            return _hash(canonical(component)) if component else MISSING
        entry = self.catalog.entries.get(key)
        uses = [self._hashes.get(part, MISSING) for part in parts]
        return _hash({"entry": canonical(entry), "uses": uses}) if entry else MISSING

    def _component(self, name: str) -> Component | None:
        components = self.catalog.components if "@" not in name else self.catalog.pinned_components
        return components.get(name)


def parts_of(entry: Entry) -> list[str]:
    """Keys of the entries and components it is made of, in its own order."""
    nodes = entry.graph.nodes if entry.graph else ()
    at = f"@{entry.at}" if isinstance(entry, PinnedEntry) else ""
    components = [f"components/{node.component}{at}" for node in nodes]
    return [*(step.use for step in entry.steps or ()), *components]


def canonical(thing: Entry | Component) -> dict[str, Any]:
    """What was written, without what is so anyway: new fields of the model change no version."""
    document = thing.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for step in document.get("steps") or ():
        step["use"] = step["use"].partition("@")[0]
    return document


def _hash(value: Any) -> str:
    # Keys keep their order: that of inputs is the order of a form.
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
