"""A shell completes commands, entries and deployments."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from click.shell_completion import ShellComplete

from cli.clients import gateway
from cli.main import commands, run


def completed(line: str) -> list[str]:
    """For a line as far as it is typed."""
    *words, incomplete = line.split(" ")
    shell = ShellComplete(commands, {}, "mlops", "_MLOPS_COMPLETE")
    return [each.value for each in shell.get_completions(words, incomplete)]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("dep", ["deploy"]),
        ("catalog sh", ["show"]),
        ("deploy rag-c", ["rag-chatbot"]),
        ("catalog show support-", ["support-desk"]),
    ],
)
def test_what_can_follow_is_offered(line: str, offered: list[str]) -> None:
    assert completed(line) == offered


def test_an_entry_of_the_catalog_one_stands_in_is_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "catalog/components").mkdir(parents=True)
    (tmp_path / "catalog/pipelines").mkdir()
    (tmp_path / "catalog/pipelines/own-thing.yaml").touch()
    monkeypatch.chdir(tmp_path)
    assert completed("deploy own") == ["own-thing"]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Response]:
    """What a gateway answers, once each."""
    answers: list[httpx.Response] = []
    transport = httpx.MockTransport(lambda request: answers.pop(0))

    def client(**options: Any) -> httpx.Client:
        return httpx.Client(transport=transport, base_url=options["base_url"])

    found = gateway.Gateway("http://gateway.test", "")
    found.http = client(base_url="http://gateway.test/api/v1")
    monkeypatch.setattr(gateway, "find_gateway", lambda home: found)
    return answers


def test_what_is_deployed_is_offered_with_what_it_is_part_of(answers: list[httpx.Response]) -> None:
    deployed = [
        {"name": "desk-chat", "state": "live", "part_of": "support-desk"},
        {"name": "other", "state": "live", "part_of": ""},
    ]
    answers += [httpx.Response(200, json=deployed), httpx.Response(200, json=deployed)]
    assert completed("status ") == ["desk-chat", "other", "support-desk"]
    assert completed("destroy sup") == ["support-desk"]


def test_a_gateway_that_fails_says_nothing_at_the_prompt(
    answers: list[httpx.Response], capfd: pytest.CaptureFixture[str]
) -> None:
    answers.append(httpx.Response(500, text="broken"))
    assert completed("status rag") == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_a_shell_is_given_what_asks_us(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert f"_MLOPS_COMPLETE={shell}_complete" in capsys.readouterr().out
