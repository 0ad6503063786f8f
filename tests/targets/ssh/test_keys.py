"""The key to log in by: a secret variable, or a file that the operator allows."""

from pathlib import Path

import pytest

from windmill.scripts.provision.ssh.errors import KeyRefused
from windmill.scripts.targets.ssh import keys

BLOCK = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC\n-----END OPENSSH PRIVATE KEY-----"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "id"
    path.parent.mkdir()
    path.write_text(f"{BLOCK}\n")
    return path


def test_a_file_must_be_allowed(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(keys.ALLOWED, raising=False)
    with pytest.raises(KeyRefused, match="has not allowed") as refused:
        keys.private_key(str(file))
    assert f"{keys.ALLOWED}={file}" in refused.value.fix
    for allowed in (file, file.parent):
        monkeypatch.setenv(keys.ALLOWED, f"/nowhere:{allowed}")
        assert keys.private_key(str(file)) == BLOCK


def test_a_link_to_what_is_not_allowed_is_refused(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.write_text(BLOCK)
    (file.parent / "link").symlink_to(other)
    monkeypatch.setenv(keys.ALLOWED, str(file.parent))
    with pytest.raises(KeyRefused):
        keys.private_key(str(file.parent / "link"))


def test_a_variable_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = {"f/mlops/ssh_keys/work": f"{BLOCK}\n"}
    monkeypatch.setattr(keys, "secret_variable", lambda path: stored.get(path, ""))
    assert keys.private_key("work") == BLOCK
    with pytest.raises(KeyRefused, match="f/mlops/ssh_keys/play"):
        keys.private_key("play")


def test_a_public_key_is_none(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("ssh-ed25519 AAAAC3Nza ann@desk\n")
    monkeypatch.setenv(keys.ALLOWED, str(file))
    with pytest.raises(KeyRefused, match="no private key"):
        keys.private_key(str(file))
