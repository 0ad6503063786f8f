"""`mlops llm-key`: the key comes by standard input and is shown by no command."""

import io

import pytest

from tests.cli.conftest import Mlops

SECRET = "sk-canary-52aa"
ADDRESS = ("--base-url", "https://llm.example/v1")


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SECRET}\n"))
    return monkeypatch


def test_a_key_is_stored_listed_and_removed(platform: Mlops, stdin: pytest.MonkeyPatch) -> None:
    told = platform("llm-key", "big_one", *ADDRESS)
    assert (told.code, told.out) == (0, "big_one is stored for https://llm.example/v1.\n")
    assert "deployed again" in told.err
    listed = platform("llm-key")
    assert [line.split() for line in listed.out.splitlines()] == [
        ["NAME", "SENT", "TO"], ["big_one", "https://llm.example/v1"],
    ]  # fmt: skip
    assert platform("llm-key", "--json").json == [
        {"name": "big_one", "base_url": "https://llm.example/v1"}
    ]
    refused = platform("llm-key", "big_one", "--remove")
    assert (refused.code, "--yes" in refused.err) == (1, True)
    gone = platform("llm-key", "big_one", "--remove", "--yes", "--json")
    assert gone.json == {"name": "big_one", "base_url": "https://llm.example/v1", "removed": True}
    assert "No key is stored" in platform("llm-key").out
    for said in (told, listed, refused, gone):
        assert SECRET not in said.out + said.err


def test_an_address_without_tls_is_warned_of_and_this_machine_s_is_not(
    platform: Mlops, stdin: pytest.MonkeyPatch
) -> None:
    told = platform("llm-key", "plain", "--base-url", "http://llm.example/v1")
    assert "llm.example is asked without TLS" in told.err
    stdin.setattr("sys.stdin", io.StringIO(SECRET))
    told = platform("llm-key", "plain", "--base-url", "http://127.0.0.1:8000/v1")
    assert "without TLS" not in told.err
    platform("llm-key", "plain", "--remove", "--yes")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (ADDRESS, "Give the key a NAME"),
        (("--remove",), "Give the key a NAME"),
        (("big_one",), "Give --base-url URL"),
        (("big_one", *ADDRESS, "--remove"), "Give --base-url URL"),
        (("big_one", *ADDRESS, SECRET), "unexpected extra argument"),
    ],
)
def test_what_is_missing_is_said(mlops: Mlops, words: tuple[str, ...], told: str) -> None:
    said = mlops("llm-key", *words)
    assert said.code != 0
    assert told in said.err


def test_no_key_on_standard_input_is_said(platform: Mlops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    said = platform("llm-key", "big_one", *ADDRESS)
    assert "No key came on standard input" in said.err


def test_an_address_that_cannot_be_one_is_refused(
    platform: Mlops, stdin: pytest.MonkeyPatch
) -> None:
    said = platform("llm-key", "big_one", "--base-url", "https://u:p@llm.example/v1")
    assert said.code == 1
    assert "it is no plain address" in said.err
    assert SECRET not in said.err
