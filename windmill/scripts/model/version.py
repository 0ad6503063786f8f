"""An entry's version: a hash over what it says and over everything it uses."""

import hashlib
import json
from typing import Any

from .catalog import Catalog
from .component import Component
from .entry import Entry, PinnedEntry

MISSING = ""


class Versions:
    """By key, as in the catalog; `components/x` too. Two entries of one version compile alike.

    Comments, layout and the names of the refs that pin do not count; what they lead to does.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._known: dict[str, str] = {}

    def __getitem__(self, key: str) -> str:
        """64 hexadecimal digits; MISSING for what is not there."""
        if key not in self._known:
            self._known[key] = MISSING  # a circle ends here
            self._known[key] = self._work_out(key)
        return self._known[key]

    def _work_out(self, key: str) -> str:
        if key.startswith("components/"):
            component = self._component(key.removeprefix("components/"))
            return _hash(canonical(component)) if component else MISSING
        entry = self.catalog.entries.get(key)
        if entry is None:
            return MISSING
        return _hash({"entry": canonical(entry), "uses": [self[use] for use in parts_of(entry)]})

    def _component(self, name: str) -> Component | None:
        found = self.catalog.components if "@" not in name else self.catalog.pinned_components
        return found.get(name)


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
