from pathlib import Path
from typing import Any

import pytest

from sync.api import desired
from tests.sync.conftest import Write
from windmill.scripts.model.base.errors import InvalidInput

ROOT = Path(__file__).resolve().parents[2]


def asset(root: Path, name: str) -> Any:
    path = f"f/mlops/assets/{name}"
    item = next(item for item in desired(root) if item.path == path)
    assert item.body["resource_type"] == "mlops_files"
    return item.body["value"]


def test_files_travel_under_the_names_their_users_expect(checkout: Write) -> None:
    root = checkout(
        {
            "terraform/modules/local/main.tf": "# tf",
            "ansible/deploy.yml": "# play",
            "serving/api/page.html": "<p>",
        }
    )
    assert asset(root, "terraform") == {"local/main.tf": "# tf"}
    assert asset(root, "ansible") == {"deploy.yml": "# play"}
    assert asset(root, "serving") == {"serving/api/page.html": "<p>"}


def test_caches_states_and_hidden_files_stay_at_home(checkout: Write) -> None:
    root = checkout(
        {
            "terraform/modules/local/.terraform/x": "",
            "terraform/modules/local/terraform.tfstate": "{}",
            "serving/__pycache__/a.pyc": "",
            "serving/.secret": "",
        }
    )
    assert asset(root, "terraform") == {}
    assert asset(root, "serving") == {}


def test_a_link_out_of_the_checkout_is_refused(checkout: Write, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret")
    root = checkout({"serving/a.py": "A = 1\n"})
    (root / "serving/b.py").symlink_to(tmp_path / "secret")
    with pytest.raises(InvalidInput, match=r"serving/b\.py  E-SYNC-009"):
        desired(root)


def test_locks_are_sent_as_they_stand() -> None:
    lock = (ROOT / "requirements/litellm.lock").read_text("utf-8")
    assert asset(ROOT, "locks")["litellm"] == lock


def test_components_travel_as_objects() -> None:
    assert asset(ROOT, "components")["llm-chat"]["kind"] == "component"
