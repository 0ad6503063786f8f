from pathlib import Path
from typing import Any

import pytest
import yaml

from sync.api import Item, desired
from tests.sync.conftest import Write
from windmill.scripts.model.base.errors import InvalidInput

CASES = yaml.safe_load((Path(__file__).parent / "data/worker_contract.yaml").read_text("utf-8"))
ROOT = Path(__file__).resolve().parents[2]
MAIN = "\n\ndef main(): ...\n"


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
    assert locked(checkout, {"a.py": "import json\nimport wmill\n" + MAIN}, "f/mlops/a") == [
        "anyio", "certifi", "h11", "httpcore", "httpx", "idna", "typing-extensions", "wmill",
    ]  # fmt: skip


def test_a_lock_holds_what_imported_scripts_need_through_cycles(checkout: Write) -> None:
    files = {
        "a.py": "from .lib.b import X\n\n\ndef main(): ...\n",
        "lib/b.py": "import uv\n\nfrom ..c import X\n",
        "c.py": "import pypdf\n\nfrom .lib.b import X\n\n\ndef main(): ...\n",
    }
    assert locked(checkout, files, "f/mlops/a") == ["pypdf", "uv"]
    assert locked(checkout, files, "f/mlops/c") == ["pypdf", "uv"]


def test_a_script_that_needs_nothing_has_a_lock_all_the_same(checkout: Write) -> None:
    (script,) = scripts(checkout, {"a.py": "import os\n" + MAIN}).values()
    assert script.body["lock"] == "# py: 3.11\n"


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
    text = text if "def main" in text else text + MAIN
    assert locked(checkout, {"a.py": text}, "f/mlops/a") == expected


def test_extra_requirements_of_a_library_reach_its_importers(checkout: Write) -> None:
    files = {"lib.py": "# extra_requirements:\n# uv\n", "a.py": "from .lib import X\n" + MAIN}
    assert locked(checkout, files, "f/mlops/a") == ["uv"]


def test_a_script_carries_all_it_imports_and_a_library_is_no_script(checkout: Write) -> None:
    files = {
        "a.py": "from .lib.z import X\n" + MAIN,
        "lib/z.py": "from .y import X\n",
        "lib/y.py": "from .z import X\nfrom ..other import main\n",
        "other.py": MAIN,
        "unused.py": "X = 1\n",
    }
    found = scripts(checkout, files)
    assert set(found) == {"f/mlops/a", "f/mlops/other"}
    carried = found["f/mlops/a"].body["modules"]
    assert {name: module["content"] for name, module in carried.items()} == {
        name: text for name, text in files.items() if name not in ("a.py", "unused.py")
    }
    assert "modules" not in found["f/mlops/other"].body


def test_what_an_unused_library_needs_is_checked_all_the_same(checkout: Write) -> None:
    with pytest.raises(InvalidInput, match="E-SYNC-004"):
        scripts(checkout, {"unused.py": "import no_such_package\n"})


def test_a_package_file_is_no_script(checkout: Write) -> None:
    assert list(scripts(checkout, {"__init__.py": "\n", "a.py": MAIN})) == ["f/mlops/a"]


def test_a_folder_that_is_not_the_platform_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="--root"):
        desired(tmp_path)


def test_the_same_checkout_gives_the_same_items() -> None:
    first, second = desired(ROOT), desired(ROOT)
    assert [(i.key, i.body, i.prints) for i in first] == [(i.key, i.body, i.prints) for i in second]


def test_what_we_ship_is_accepted_whole() -> None:
    paths = {item.path for item in desired(ROOT)}
    assert {"f/mlops/ml_pipeline_deployment", "f/mlops/catalog/pipelines/rag-chatbot"} <= paths


def test_only_a_step_that_opens_the_registry_brings_sqlalchemy() -> None:
    """Importing it takes a fifth of a second, in each process of a run."""
    for item in desired(ROOT):
        if item.kind == "script" and "sqlalchemy==" in item.body["lock"].lower():
            opens = [
                item.body["content"],
                item.body["modules"].get("provision/worker_probe.py", {}),
                item.body["modules"].get("targets/planning/here.py", {}),
            ]
            assert any(word in str(opens) for word in ("open_registry", "open_for_reading")), (
                item.path
            )
