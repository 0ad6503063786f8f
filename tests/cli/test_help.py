"""What a person sees before anything runs."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from cli.main import commands, run

HEAVY = {"httpx", "pydantic", "rich", "sqlalchemy", "yaml", "fastapi", "psutil"}
HEAVY |= {"jsonschema_rs"}


def every_command() -> list[tuple[str, ...]]:
    ctx = click.Context(commands)
    found: list[tuple[str, ...]] = []
    for name in commands.list_commands(click.Context(commands)):
        command = commands.get_command(ctx, name)
        inner = command.list_commands(ctx) if isinstance(command, click.Group) else []
        found += [(name, sub) for sub in inner] or [(name,)]
    return found


@pytest.mark.parametrize("path", every_command(), ids=" ".join)
def test_help_shows_examples_and_json(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*path, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"Examples:\n    mlops {' '.join(path)}" in text
    assert "--json" in text


def test_help_lists_every_command_with_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    listed = capsys.readouterr().out.split("--help")[1]
    for name in commands.list_commands(click.Context(commands)):
        line = next(line for line in listed.splitlines() if line.split()[:1] == [name])
        assert len(line.split()) > 3


def groups() -> list[tuple[str, ...]]:
    return [(), *sorted({path[:1] for path in every_command() if len(path) > 1})]


@pytest.mark.parametrize("path", groups(), ids=" ".join)
def test_what_a_command_does_is_told_on_one_line_and_to_its_end(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*path, "--help"]) == 0
    told = capsys.readouterr().out.partition("-h, --help")[2]
    assert "..." not in told


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_builder_names_commands_that_there_are(language: str) -> None:
    words = Path("windmill/apps/ml_pipeline_builder.raw_app/words", language).glob("*.ts")
    named = {name for file in words for name in re.findall(r"mlops ([a-z-]+)", file.read_text())}
    assert {"up", "status"} <= named <= set(commands.list_commands(click.Context(commands)))


@pytest.mark.slow
def test_help_imports_nothing_heavy() -> None:
    calls = [["--help"], *([*path, "--help"] for path in every_command())]
    code = f"import sys; from cli.main import run; [run(c) for c in {calls!r}]; "
    code += "sys.stderr.write(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stderr.split())
