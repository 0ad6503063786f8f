"""The catalog of budgets.yaml: its budget checks are evaluated by some tests and run by others."""

from pathlib import Path
from typing import Any

import yaml

from windmill.scripts.model.catalog.catalog import Catalog, read_entry

TABLE = yaml.safe_load((Path(__file__).parent / "budgets.yaml").read_text())
PRICES: dict[str, Any] = {
    "as_of": "2026-11-09",
    "offers": [
        {"target": target, "name": "gpu", "gpu": "L4", "gpu_memory_gb": 24}
        | {"hourly_usd": price, "per_gpu": True, "source": "list"}
        for target, price in (("runpod", 1.0), ("vastai", 2.0))
    ],
}


def catalog() -> Catalog:
    found = Catalog()
    for document in TABLE["entries"]:
        found = found.with_entry(*read_entry(yaml.safe_dump(document), "x.yaml"))
    return found
