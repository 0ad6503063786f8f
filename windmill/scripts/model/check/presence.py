"""Whether an output is always there: through all levels, as far as entries tell."""

from collections.abc import Mapping

from ..base.reference import Reference, references, whole
from ..entry.entry import Entry, Step


class Presence:
    """Entries must be free of circles."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self.entries = entries
        self._outputs: dict[tuple[str, str], str] = {}

    def doubt(self, reference: Reference, entry: Entry, reader: Step | None = None) -> str:
        """Why what it refers to may be null; '' where it never is, or `reader` asked for it."""
        maker = entry.steps_by_id.get(reference.head) if reference.root == "steps" else None
        if maker is None or maker.for_each is not None or (reader and _asks(reader, maker)):
            return ""  # a loop's `when` leaves items out of a list, which is there
        if maker.when not in (None, True):
            return f"step {maker.id!r} may be skipped"
        if len(reference.path) < 2:
            return ""
        inner = self._output(maker.use, str(reference.path[1]))
        return f"step {maker.id!r} may not give it: in {maker.use}, {inner}" if inner else ""

    def _output(self, key: str, name: str) -> str:
        if (key, name) not in self._outputs:
            self._outputs[key, name] = self._work_out(key, name)
        return self._outputs[key, name]

    def _work_out(self, key: str, name: str) -> str:
        entry = self.entries.get(key)
        if entry is None or entry.steps is None or name not in entry.outputs:
            return ""
        reference = whole(entry.outputs[name].value)
        return self.doubt(reference, entry) if reference else ""


def _asks(reader: Step, maker: Step) -> bool:
    """Whether it runs only where the other did, or looks at what that gave."""
    asked = [each.path[:1] for _, each in references(reader.when) if each.root == "steps"]
    same = reader.when is not None and reader.when == maker.when
    return same or (maker.id,) in asked
