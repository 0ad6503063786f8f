"""The node types. A new one is a new file here, with a subclass of Component."""

import importlib
import inspect
import pkgutil

from serving.component import Component


def load_components() -> dict[str, type[Component]]:
    components: dict[str, type[Component]] = {}
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        members = vars(importlib.import_module(module.name)).values()
        for member in members:
            if (
                inspect.isclass(member)
                and issubclass(member, Component)
                and member is not Component
            ):
                components[member.kind] = member
    return components
