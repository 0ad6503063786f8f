"""The platform's private folder."""

import json
from pathlib import Path

import pytest

from cli.errors import BadOption, HomeBusy, HomeUnusable
from cli.platform.embedded import Platform
from cli.platform.home import SECRETS, Home, read_json, write_private


@pytest.fixture
def made(home: Path) -> Home:
    made = Home.from_environment()
    made.make()
    return made


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_nobody_else_can_read_it(made: Home) -> None:
    made.secrets()
    assert mode(made.path) == 0o700
    assert mode(made.secrets_file) == 0o600
    assert mode(made.logs) == 0o700


def test_an_open_home_is_closed(made: Home) -> None:
    made.path.chmod(0o755)
    made.make()
    assert mode(made.path) == 0o700


def test_secrets_are_made_once(made: Home) -> None:
    first = made.secrets()
    assert made.secrets() == first
    assert len(set(first.values())) == len(SECRETS)
    assert all(len(value) >= 32 for value in first.values())


def test_a_secret_that_is_missing_is_added_and_the_others_kept(made: Home) -> None:
    write_private(made.secrets_file, json.dumps({"secret_key": "k", "installation": "i"}))
    secrets = made.secrets()
    assert (secrets["secret_key"], secrets["installation"]) == ("k", "i")
    assert secrets["windmill_token"]


def test_unreadable_secrets_are_not_replaced(made: Home) -> None:
    made.secrets_file.write_text("{half")
    with pytest.raises(HomeUnusable) as refused:
        made.secrets()
    assert str(made.secrets_file) in str(refused.value)
    assert made.secrets_file.read_text() == "{half"


def test_a_failed_write_leaves_the_old_file(made: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    file = made.path / "x.json"
    write_private(file, "old")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_private(file, "new")
    assert file.read_text() == "old"
    assert [item.name for item in made.path.glob(".x*")] == []


def test_one_at_a_time(made: Home) -> None:
    with made.locked(), pytest.raises(HomeBusy), made.locked():
        pass
    with made.locked():
        pass


def test_what_is_not_there_is_empty(made: Home) -> None:
    assert read_json(made.path / "nothing.json") == {}


def test_a_key_of_the_registry_that_the_environment_names_goes_first_and_into_no_file(
    made: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = made.secrets()["registry_key"]
    assert made.registry_keys() == (own,)
    key = "a-key-of-more-than-32-characters-in-all"
    monkeypatch.setenv("REGISTRY_SECRET_KEY", key)
    assert made.registry_keys() == (key, own)
    platform = Platform(made)
    platform._write_engine_files(made.secrets())
    arguments, environment = platform._launch("engine", 1, made.secrets())
    assert environment == {"REGISTRY_SECRET_KEY": key, "REGISTRY_SECRET_KEY_OLD": own}
    assert key not in " ".join(arguments)
    assert not any(
        key in file.read_text() or (own in file.read_text() and file != made.secrets_file)
        for file in made.path.rglob("*")
        if file.is_file()
    )


def test_a_key_that_is_named_in_vault_is_not_taken_for_the_key(
    made: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRY_SECRET_KEY", "vault:kv:secret/mlops/registry#registry_key")
    with pytest.raises(BadOption, match="does not ask"):
        made.registry_keys()
