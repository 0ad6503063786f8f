"""Plans as the worker that this runs on can make them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ...model.entry.entry import Entry
from ...model.show.whole_plan import WholePlan
from ...store.opened import open_registry_to_read
from ...worker.cpu_throttler import throttle
from ...worker.instance import asset, components
from ..listed_offers import baselines
from .planner import Planner
from .whole import whole


def planner_here(only_with: Collection[str] | None, with_terraform: bool) -> Planner:
    names = None if only_with is None else frozenset(only_with)
    if with_terraform:
        throttle()
    modules = asset("terraform") if with_terraform else None
    return Planner(components(), open_registry_to_read(), baselines(), names, modules)


def wholes(key: str, calls: Sequence[Mapping[str, Any]], planner: Planner) -> list[WholePlan]:
    """Of an entry that is called once, or for each of a list."""
    entries = {name: Entry.model_validate(each) for name, each in asset("entries").items()}
    return [whole(entries, key, args, planner) for args in calls]
