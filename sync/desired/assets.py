"""Files and data that scripts need, each travelling as one Windmill resource."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from windmill.scripts.model.base.errors import InvalidInput, MissingPrices, Problem
from windmill.scripts.model.base.windmill_paths import asset_path
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.cost.price_files import read_prices

from ..items import FOLDER_KEY, Item, Kind
from .files import read_text

RESOURCE_TYPE = "mlops_files"
LOCKS = (
    "litellm", "model-server", "model-weights",
    "serving", "serving-ml", "serving-speech", "supervisor",
)  # fmt: skip
_NEVER_SENT = {"__pycache__", "node_modules"}
_LEFT_BEHIND = {".pyc", ".tfstate", ".backup", ".retry"}


def asset_items(root: Path, catalog: Catalog, problems: list[Problem]) -> list[Item]:
    assets: dict[str, Callable[[], dict[str, Any]]] = {
        "terraform": lambda: _files(root, "terraform/modules", "", problems),
        "ansible": lambda: _files(root, "ansible", "", problems),
        "serving": lambda: _files(root, "serving", "serving/", problems),
        "locks": lambda: _locks(root, problems),
        "components": lambda: _written(catalog, "components"),
        "pipelines": lambda: _written(catalog, "pipelines"),
        "entries": lambda: _entries(catalog),
        "prices": lambda: _prices(root, problems),
    }
    return [_resource_type(), *(_resource(name, read()) for name, read in assets.items())]


def _resource_type() -> Item:
    text = {"type": "object", "additionalProperties": True, "properties": {}}
    body = {"name": RESOURCE_TYPE, "schema": text, "description": "Files by their relative path"}
    return Item(Kind.resource_type, RESOURCE_TYPE, body)


def _resource(name: str, value: dict[str, Any]) -> Item:
    path = asset_path(name)
    body = {"path": path, "value": value, "resource_type": RESOURCE_TYPE, "description": ""}
    needs = frozenset([FOLDER_KEY, f"{Kind.resource_type}/{RESOURCE_TYPE}"])
    return Item(Kind.resource, path, body, needs)


def _files(root: Path, folder: str, prefix: str, problems: list[Problem]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for file in _sent(root / folder):
        text = read_text(file, root, problems)
        if text is not None:
            texts[prefix + file.relative_to(root / folder).as_posix()] = text
    return texts


def _sent(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        parts = file.relative_to(folder).parts
        hidden = any(part.startswith(".") or part in _NEVER_SENT for part in parts)
        if file.is_file() and not hidden and file.suffix not in _LEFT_BEHIND:
            yield file


def _locks(root: Path, problems: list[Problem]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name in LOCKS:
        file = root / "requirements" / f"{name}.lock"
        if file.is_file():
            texts[name] = file.read_text("utf-8")
        else:
            fix = "`make lock` resolves it from its .in file."
            shown = file.relative_to(root).as_posix()
            problems.append(Problem("is missing", "", fix, shown, code="E-SYNC-006"))
    return texts


def _written(catalog: Catalog, folder: str) -> dict[str, Any]:
    """By name, as people wrote them; the older ones that entries pin are compiled, not sent."""
    return {
        key.removeprefix(f"{folder}/"): source.data
        for key, source in catalog.sources.items()
        if key.startswith(f"{folder}/") and "@" not in key
    }


def _entries(catalog: Catalog) -> dict[str, Any]:
    """By key, with those that others pin: what plans of entries of steps are worked out from."""
    return {
        key: entry.model_dump(mode="json", by_alias=True, exclude_unset=True)
        for key, entry in sorted(catalog.entries.items())
    }


def _prices(root: Path, problems: list[Problem]) -> dict[str, Any]:
    """The newest; without any, nothing that has a budget will start."""
    try:
        prices, _ = read_prices(root / "catalog")
    except MissingPrices:
        return {}
    except InvalidInput as error:
        problems.extend(error.problems)
        return {}
    return prices.model_dump(mode="json", by_alias=True, exclude_unset=True)
