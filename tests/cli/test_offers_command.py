"""`mlops offers` as a person types it."""

import json
from pathlib import Path

import pytest

from cli.main import run

CATALOG = str(Path(__file__).parents[2] / "catalog")


def test_the_best_value_comes_first_with_its_reason_and_the_age_of_its_price(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["offers", "--gpu", "H100", "--memory", "80", "--max-hourly", "3", "--dir", CATALOG]
    assert run(asked) == 0
    told = capsys.readouterr().out
    rows = [line for line in told.splitlines() if line.startswith(("runpod", "vastai"))]
    assert "1 × H100 SXM 80 GB" in rows[0]
    assert "2.40" in rows[0]
    assert "less than AWS p5.48xlarge" in rows[0]
    assert "days old" in told
    assert "do not fit: --all tells why" in told
    assert not any("3.99" in row for row in rows)
    assert run([*asked, "--all"]) == 0
    assert "it costs 3.99 an hour, at most 3.00" in capsys.readouterr().out


def test_several_gpus_cost_several_times_as_much(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["offers", "--gpu", "A100", "--count", "2", "--json", "--dir", CATALOG]
    assert run(asked) == 0
    told = json.loads(capsys.readouterr().out)
    assert {each["offer"]["gpus"] for each in told["candidates"]} == {2}
    best = told["candidates"][0]
    assert best["offer"]["hourly_usd"] == pytest.approx(2 * 1.19)
    assert best["offer"]["target"] == "runpod"
    assert all(each["reason"] for each in told["refused"])


def test_nothing_that_fits_is_an_exit_code_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["offers", "--region", "eu", "--all", "--dir", CATALOG]) == 2
    told = capsys.readouterr().out
    assert "Nothing that is listed fits." in told
    assert "it may be anywhere, eu is needed" in told
