"""Images are kept between runs: for one engine at a time, and only where it was ended in peace."""

from pathlib import Path

import pytest

from tests.docker_engine.data_root import data_root


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLOPS_CACHE", str(tmp_path / "cache"))


def build_a_layer(temporary: Path) -> Path:
    with data_root(temporary) as (data, _):
        data.mkdir(parents=True, exist_ok=True)
        (data / "layer").touch()
    return data


def test_the_next_run_finds_what_was_built(tmp_path: Path) -> None:
    build_a_layer(tmp_path)
    with data_root(tmp_path) as (data, _):
        assert (data / "layer").exists()


def test_a_second_engine_at_once_has_a_folder_of_its_own(tmp_path: Path) -> None:
    with data_root(tmp_path / "first") as (first, _):
        assert build_a_layer(tmp_path / "second") == tmp_path / "second"
        assert first != tmp_path / "first"
    with data_root(tmp_path / "third") as (third, _):
        assert third == first


def test_what_a_killed_run_left_is_thrown_away(tmp_path: Path) -> None:
    build_a_layer(tmp_path)
    with pytest.raises(KeyboardInterrupt), data_root(tmp_path):
        raise KeyboardInterrupt
    with data_root(tmp_path) as (data, _):
        assert not data.exists()
