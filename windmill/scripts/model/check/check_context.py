"""What checks look at beside the entry itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..base.short_form import must_be_given
from ..base.target import Target
from ..catalog.catalog import Catalog
from ..entry.rollup import Rollups
from ..entry.type_inference import Schema, Types
from .presence import Presence

IMPLIED: Mapping[str, Schema] = {
    "target": {"type": "string", "enum": [target.value for target in Target]},
    "target_settings": {"type": "object"},
    "max_hourly_usd": {"type": "number"},
    "approve": {"type": "boolean"},
    "name": {"type": "string"},
}


@dataclass(frozen=True)
class Wanted:
    may: Mapping[str, Schema]
    must: frozenset[str]


@dataclass(frozen=True)
class Runnable:
    """What the checkout holds that a leaf may run; None where nobody looked."""

    modules: frozenset[str] | None = None
    playbooks: frozenset[str] | None = None
    workflows: frozenset[str] | None = None


@dataclass(frozen=True)
class Context:
    catalog: Catalog
    types: Types
    presence: Presence
    runnable: Runnable
    _wanted: dict[str, Wanted] = field(default_factory=dict)

    @classmethod
    def of(
        cls, catalog: Catalog, runnable: Runnable | None = None, sound: frozenset[str] | None = None
    ) -> "Context":
        """Entries that are not `sound` have been told of: nothing is judged by them."""
        keys = catalog.entries.keys() if sound is None else sound
        judged = {key: catalog.entries[key] for key in keys}
        return cls(catalog, Types(judged), Presence(catalog.entries), runnable or Runnable())

    @property
    def rollups(self) -> Rollups:
        return self.catalog.rollups

    def wanted(self, use: str) -> Wanted:
        """What a step may give to the entry it uses, and what it must."""
        if use not in self._wanted:
            used = self.catalog.entries[use]
            implied = IMPLIED if self.rollups[use].deploys else {}
            must = (name for name, s in used.inputs.items() if must_be_given(s))
            self._wanted[use] = Wanted({**implied, **used.inputs}, frozenset(must) - {"target"})
        return self._wanted[use]
