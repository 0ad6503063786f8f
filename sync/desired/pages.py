"""What Windmill's own pages show of our scripts and flows: a description, a form, labels."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from windmill.scripts.model.base.windmill_paths import CATALOG
from windmill.scripts.model.entry.form import form, only_where_given
from windmill.scripts.model.entry.page import page

FIELDS = Path(__file__).with_name("fields.yaml")
CATALOG_DOCS, OTHER_DOCS = "docs/reference/catalog.md", "docs/explanation/architecture.md"
Doc = dict[str, Any]


def named_fields(schema: Mapping[str, Any]) -> Doc:
    """The form of arguments that are the platform's own: what each is called, is told by name."""
    known = _fields()
    properties = {
        name: {**known.get(name, {}), **field} for name, field in schema["properties"].items()
    }
    required = schema.get("required") or ()
    for name in properties:
        if properties[name].pop("internal", False) and name not in required:
            properties[name] |= only_where_given(name)
    return form({**schema, "properties": properties})


def description(text: str, schema: Mapping[str, Any]) -> str:
    return page([text], schema)


def from_git(text: str, path: str, file: str, root: Path) -> str:
    """The description with where the item stands in Git, and where it is explained."""
    docs = CATALOG_DOCS if path.startswith(f"{CATALOG}/") else OTHER_DOCS
    return f"{text}\n\nFrom {_link(file, root)} in Git · explained in {_link(docs, root)}".strip()


def _link(file: str, root: Path) -> str:
    """`COMMIT:PATH` is how a pinned entry's file is named."""
    repository, (commit, _, path) = _repository(root), file.rpartition(":")
    return f"[{file}]({repository}/blob/{commit or 'HEAD'}/{path})" if repository else f"`{file}`"


@cache
def _repository(root: Path) -> str:
    """The address that pyproject.toml gives; empty where it gives none."""
    file = root / "pyproject.toml"
    project = tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    urls = project.get("project", {}).get("urls", {})
    return str(urls.get("Repository", "")).rstrip("/")


@cache
def _fields() -> dict[str, Doc]:
    fields: dict[str, Doc] = yaml.safe_load(FIELDS.read_text("utf-8"))
    return fields
