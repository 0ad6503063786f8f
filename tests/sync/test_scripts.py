from pathlib import Path
from typing import Any

import pytest
import yaml

from sync.api import Item, desired
from tests.sync.conftest import Write
from windmill.scripts.model.base.errors import InvalidInput

CASES = yaml.safe_load((Path(__file__).parent / "data/worker_contract.yaml").read_text("utf-8"))
ROOT = Path(__file__).resolve().parents[2]


def scripts(checkout: Write, files: dict[str, str]) -> dict[str, Item]:
    root = checkout({f"windmill/scripts/{name}": text for name, text in files.items()})
    return {item.path: item for item in desired(root) if item.kind == "script"}


def locked(checkout: Write, files: dict[str, str], path: str) -> list[str]:
    lines = scripts(checkout, files)[path].body["lock"].splitlines()
    assert lines[0] == "# py: 3.11"
    return [line.partition("==")[0] for line in lines[1:]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_would_fail_on_a_worker_is_refused(checkout: Write, case: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        scripts(checkout, case["files"])
    for text in case["expect"]:
        assert text in str(refused.value)


def test_a_script_locks_what_it_imports_and_what_that_requires(checkout: Write) -> None:
    assert locked(checkout, {"a.py": "import json\nimport wmill\n"}, "f/mlops/a") == [
        "anyio", "certifi", "h11", "httpcore", "httpx", "idna", "typing-extensions", "wmill",
    ]  # fmt: skip


def test_a_lock_holds_what_imported_scripts_need_through_cycles(checkout: Write) -> None:
    files = {
        "a.py": "from .lib.b import X\n\n\ndef main(): ...\n",
        "lib/b.py": "import uv\n\nfrom ..c import X\n",
        "c.py": "import pypdf\n\nfrom .lib.b import X\n",
    }
    assert locked(checkout, files, "f/mlops/a") == ["pypdf", "uv"]
    assert locked(checkout, files, "f/mlops/c") == ["pypdf", "uv"]


def test_a_script_that_needs_nothing_has_a_lock_all_the_same(checkout: Write) -> None:
    assert scripts(checkout, {"a.py": "import os\n"})["f/mlops/a"].body["lock"] == "# py: 3.11\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import yaml\n", ["pyyaml"]),
        ("import python_terraform\n", ["python-terraform"]),
        ("import typing_extensions as t\n", ["typing-extensions"]),
        ("#extra_requirements:\n#uv\n#PyYAML==1\n\nX = 1\n", ["pyyaml", "uv"]),
        ("# extra_requirements:\n# uv>=0.1\nX = 1\n# pypdf\n", ["uv"]),
        ("try:\n    import pandas\nexcept ImportError:\n    pandas = None\n", []),
        ("from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import uv\n", []),
        ("import uv\n\n\ndef main():\n    import uv\n", ["uv"]),
    ],
)
def test_imports_and_comments_become_pins(checkout: Write, text: str, expected: list[str]) -> None:
    assert locked(checkout, {"a.py": text}, "f/mlops/a") == expected


def test_extra_requirements_of_a_library_reach_its_importers(checkout: Write) -> None:
    files = {"lib.py": "# extra_requirements:\n# uv\n", "a.py": "from .lib import X\n"}
    assert locked(checkout, files, "f/mlops/a") == ["uv"]


def test_a_library_is_told_apart_from_a_script(checkout: Write) -> None:
    found = scripts(checkout, {"lib.py": "X = 1\n", "a.py": "def main(): ...\n"})
    assert found["f/mlops/lib"].body["no_main_func"] is True
    assert found["f/mlops/lib"].body["auto_kind"] == "lib"
    assert "no_main_func" not in found["f/mlops/a"].body


def test_libraries_come_before_importers_and_cycles_do_not_matter(checkout: Write) -> None:
    files = {
        "a.py": "from .z import X\n",
        "z.py": "from .y import X\n",
        "y.py": "from .z import X\n",
    }
    order = list(scripts(checkout, files))
    assert order.index("f/mlops/z") < order.index("f/mlops/a")
    assert len(order) == 3


def test_an_empty_package_file_is_not_pushed(checkout: Write) -> None:
    assert list(scripts(checkout, {"__init__.py": "\n", "a.py": "X = 1\n"})) == ["f/mlops/a"]


def test_a_folder_that_is_not_the_platform_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="--root"):
        desired(tmp_path)


def test_the_same_checkout_gives_the_same_items() -> None:
    first, second = desired(ROOT), desired(ROOT)
    assert [(i.key, i.body, i.prints) for i in first] == [(i.key, i.body, i.prints) for i in second]


def test_what_we_ship_is_accepted_whole() -> None:
    paths = {item.path for item in desired(ROOT)}
    assert {"f/mlops/ml_pipeline_deployment", "f/mlops/catalog/pipelines/rag-chatbot"} <= paths
