"""What checks look at beside the entry itself."""

from dataclasses import dataclass

from .catalog import Catalog
from .facts import Deep
from .types import Types


@dataclass(frozen=True)
class Known:
    """What the checkout holds that a leaf may run; None where nobody looked."""

    modules: frozenset[str] | None = None
    playbooks: frozenset[str] | None = None
    workflows: frozenset[str] | None = None


@dataclass(frozen=True)
class Context:
    catalog: Catalog
    deep: Deep
    types: Types
    known: Known = Known()

    @classmethod
    def of(
        cls,
        catalog: Catalog,
        deep: Deep,
        known: Known | None = None,
        sound: frozenset[str] | None = None,
    ) -> "Context":
        """Entries that are not `sound` have been told of: nothing is judged by them."""
        keys = catalog.entries.keys() if sound is None else sound
        judged = {key: catalog.entries[key] for key in keys}
        return cls(catalog, deep, Types(judged), known or Known())
