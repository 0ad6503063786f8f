"""What the ML Pipeline Builder draws with: components, templates and targets.

Gives `components`, `pipelines`, `targets`, `own_targets` and `target_settings`: what some targets
must be told, each as a short-form JSON Schema.
"""

from typing import Any

from .model.base.target import OWN, SETTINGS, Target
from .worker.instance import asset, components


def main() -> dict[str, Any]:
    known = {name: item.model_dump(mode="json") for name, item in components().items()}
    # An entry of steps has nothing to draw.
    drawn = {name: entry for name, entry in asset("pipelines").items() if "graph" in entry}
    return {
        "components": known,
        "pipelines": drawn,
        "targets": [target.value for target in Target],
        "own_targets": [target.value for target in OWN],
        "target_settings": {name: dict(form) for name, form in SETTINGS.items()},
    }
