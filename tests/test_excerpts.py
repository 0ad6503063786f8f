"""What Terraform, Ansible and uv say enters our errors bounded, its first and last lines kept."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import errors as engine_errors
from windmill.scripts.provision import errors as worker_errors
from windmill.scripts.provision.errors import AnsibleFailed, HostLost, TerraformFailed
from windmill.scripts.provision.terraform import Terraform, _explain

BOTH = pytest.mark.parametrize("excerpt", [engine_errors.excerpt, worker_errors.excerpt])
LONG = "\n".join(f"line {number} of what was said" for number in range(5000))


@BOTH
def test_first_and_last_lines_are_kept_whole(excerpt: Callable[..., str]) -> None:
    lines = excerpt(LONG).split("\n")
    assert lines[0] == "line 0 of what was said"
    assert lines[-1] == "line 4999 of what was said"
    [gap] = [line for line in lines if not line.endswith("said")]
    assert gap.startswith("… 1")
    assert len(excerpt(LONG)) <= 2100


@BOTH
@pytest.mark.parametrize("said", ["", "short", "two\nlines", "x" * 2000])
def test_what_is_short_stays_as_it_is(excerpt: Callable[..., str], said: str) -> None:
    assert excerpt(said) == said


@BOTH
def test_one_endless_line_keeps_both_its_ends(excerpt: Callable[..., str]) -> None:
    told = excerpt(f"begin{'x' * 100_000}end")
    assert (told[:5], told[-3:], len(told) <= 2100) == ("begin", "end", True)


@BOTH
def test_logins_in_addresses_are_hidden(excerpt: Callable[..., str]) -> None:
    told = excerpt("Failed to fetch https://ada:hunter2@pypi.example/simple/ and ssh://git@host/")
    assert told == "Failed to fetch https://***@pypi.example/simple/ and ssh://***@host/"


@pytest.mark.parametrize("error", [TerraformFailed, AnsibleFailed, HostLost])
def test_their_errors_are_bounded_wherever_they_are_raised(error: Callable[..., Exception]) -> None:
    told = str(error("apply", LONG))
    assert len(told) < 2500
    assert "line 4999 of what was said" in told


def diagnostics(count: int, detail: str) -> list[str]:
    error = {"severity": "error", "summary": "No capacity", "detail": detail}
    return [json.dumps({"type": "diagnostic", "diagnostic": error})] * count


def test_of_many_errors_of_terraform_the_first_are_told_and_how_many_more() -> None:
    told = _explain(diagnostics(9, "x" * 10_000))
    assert told.count("No capacity") == 3
    assert told.endswith("| and 6 more errors")
    assert len(told) < 2100


def test_terraform_s_words_come_without_the_keys_it_was_given(tmp_path: Path) -> None:
    given = {"RUNPOD_API_KEY": "rpa_0123456789", "AWS_REGION": "eu-central-1"}
    told = Terraform(tmp_path, surroundings=given)._hidden(
        "rpa_0123456789 is refused: eu-central-1"
    )
    assert told == "*** is refused: eu-central-1"
