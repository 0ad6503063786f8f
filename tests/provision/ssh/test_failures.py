"""The client's complaints become errors that say what to do."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from windmill.scripts.provision.ssh.failures import explained
from windmill.scripts.provision.ssh.login import Login, fingerprint

CASES: list[dict[str, str]] = yaml.safe_load(
    (Path(__file__).parent / "complaints.yaml").read_text("utf-8")
)
LOGIN = Login("10.0.0.5", 2222, "ann", "work", "-----BEGIN secret-----")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["told"])
def test_a_complaint_is_told_with_a_fix(case: dict[str, Any]) -> None:
    error = explained(LOGIN, case["says"])
    assert error.code == case["code"]
    assert case["told"] in str(error)
    assert error.fix
    assert "secret" not in str(error)


def test_a_login_shows_no_private_key() -> None:
    assert "secret" not in repr(LOGIN)


def test_a_fingerprint_is_the_one_that_openssh_shows() -> None:
    # Of `ssh-keygen -lf` for this key.
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDIo1PrSqj4Pz7es1Xr9eVDnOvYWBipas8KA8GohbwvQ"
    assert fingerprint(key) == "SHA256:GH0wUBxKcUi2zNHQcgO8g11jPstbyWB5Llt4NMf0I5w"
