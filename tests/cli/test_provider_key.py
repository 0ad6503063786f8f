"""`mlops provider-key`: the key comes by standard input and is shown by no command."""

import io

import pytest

from tests.cli.conftest import Mlops

SECRET = "rpa-canary-52aa"


def test_a_key_is_stored_listed_and_removed(
    platform: Mlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SECRET}\n"))
    told = platform("provider-key", "runpod")
    assert (told.code, told.out) == (0, "runpod rents machines by this key from now on.\n")
    listed = platform("provider-key")
    assert listed.out == "runpod\n"
    assert platform("provider-key", "--json").json == [{"target": "runpod"}]
    refused = platform("provider-key", "runpod", "--remove")
    assert (refused.code, "--yes" in refused.err) == (1, True)
    gone = platform("provider-key", "runpod", "--remove", "--yes", "--json")
    assert gone.json == {"target": "runpod", "removed": True}
    assert "nothing is rented" in platform("provider-key").out
    for said in (told, listed, refused, gone):
        assert SECRET not in said.out + said.err


@pytest.mark.parametrize(
    ("words", "told"),
    [(("--remove",), "Name the TARGET"), (("runpod", SECRET), "unexpected extra argument")],
)
def test_what_is_missing_is_said(mlops: Mlops, words: tuple[str, ...], told: str) -> None:
    said = mlops("provider-key", *words)
    assert said.code != 0
    assert told in said.err


def test_a_target_that_rents_nothing_is_refused(
    platform: Mlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(SECRET))
    said = platform("provider-key", "local")
    assert said.code == 1
    assert "exoscale|runpod|vastai" in said.err
    assert SECRET not in said.err


def test_a_key_of_two_parts_is_taken_whole_and_half_of_it_is_refused(
    platform: Mlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(SECRET))
    half = platform("provider-key", "exoscale")
    assert half.code == 1
    assert "EXOkey:secret" in half.err
    assert "exoscale" not in platform("provider-key").out
    whole = f"EXO0123456789abcdef:{SECRET}"
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{whole}\n"))
    told = platform("provider-key", "exoscale")
    assert told.code == 0
    platform("provider-key", "exoscale", "--remove", "--yes")
    for said in (half, told):
        assert SECRET not in said.out + said.err
