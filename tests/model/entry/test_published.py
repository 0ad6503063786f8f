"""What editors are told of catalog files is what the checker takes."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import ValidationError

from docs.generate import pictures, schemas
from tests.model.check.test_check import CASES, GOOD
from windmill.scripts.model.cost.prices import Prices

ROOT = Path(__file__).parents[3]
CATALOG = ROOT / "catalog"
PRICES = sorted((CATALOG / "prices").glob("*.yaml"))
FILES = sorted(file for file in CATALOG.glob("*/**/*.yaml") if file not in PRICES)
SHAPES = (
    "unknown field",
    "step id that is no identifier",
    "duration that is none",
    "use that escapes",
)


def published(folder: str) -> jsonschema.Draft202012Validator:
    name = "component" if folder == "components" else "entry"
    file = ROOT / "docs" / "reference" / "schemas" / f"{name}.schema.json"
    return jsonschema.Draft202012Validator(json.loads(file.read_text()))


def test_the_published_schemas_are_current() -> None:
    stale = [file.name for file, text in schemas().items() if file.read_text("utf-8") != text]
    assert not stale, "make docs"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_shipped_file_fits_the_published_schema(file: Path) -> None:
    published(file.relative_to(CATALOG).parts[0]).validate(yaml.safe_load(file.read_text("utf-8")))


@pytest.mark.parametrize("file", PRICES, ids=lambda file: file.stem)
def test_every_shipped_price_is_read_and_one_without_an_amount_is_not(file: Path) -> None:
    shipped = yaml.safe_load(file.read_text("utf-8"))
    read = Prices.model_validate(shipped)
    assert {row.source for row in read.rows} <= read.sources.keys()
    del shipped["offers"][0]["hourly_usd"]
    with pytest.raises(ValidationError, match="hourly_usd"):
        Prices.model_validate(shipped)


def test_no_file_of_the_catalog_is_left_out() -> None:
    assert {*FILES, *PRICES} == {*CATALOG.rglob("*.yaml")}


@pytest.mark.parametrize("case", [c for c in CASES if c["case"] in SHAPES], ids=lambda c: c["case"])
def test_an_editor_sees_a_wrong_shape_too(case: dict[str, Any]) -> None:
    old, new = case["replace"]
    folder = case["file"].split("/")[0]
    published(folder).validate(yaml.safe_load(GOOD[case["file"]]))
    broken = yaml.safe_load(GOOD[case["file"]].replace(old, new, 1))
    assert not published(folder).is_valid(broken)


def test_the_picture_of_the_readme_is_current() -> None:
    stale = [file.name for file, text in pictures().items() if file.read_text("utf-8") != text]
    assert not stale, "`make docs` draws it again"


def test_editors_find_the_schemas_of_this_checkout() -> None:
    settings = json.loads((ROOT / ".vscode" / "settings.json").read_text())
    assert [file for file in settings["yaml.schemas"] if (ROOT / file).is_file()] == [
        f"./docs/reference/schemas/{name}.schema.json" for name in ("entry", "component")
    ]
