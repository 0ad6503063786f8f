"""Another key that opens everything, while the one before goes on working."""

import json
from pathlib import Path

import pytest

from cli.actions.rotating import rotate
from cli.errors import Refused
from cli.platform.embedded import gateway_launch
from cli.platform.home import Home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.delenv("MLOPS_GATEWAY_URL", raising=False)
    made = Home(tmp_path / "home", tmp_path / "cache")
    made.make()
    made.secrets()
    return made


def keys(home: Home) -> tuple[str, list[str]]:
    """As the gateway is told them: the new one, and those of before."""
    _, told = gateway_launch(home, 1, "http://engine", home.secrets())
    earlier = told["MLOPS_PREVIOUS_API_KEYS"].split(",")
    return told["MLOPS_API_KEY"], [each for each in earlier if each]


def test_the_one_before_works_until_it_is_ended(home: Home) -> None:
    first, none = keys(home)
    assert none == []
    assert rotate(home, end=False)["earlier"] == 1
    second, earlier = keys(home)
    assert second != first
    assert earlier == [first]
    assert rotate(home, end=False)["earlier"] == 2
    third, earlier = keys(home)
    assert earlier == [second, first]
    assert rotate(home, end=True) == {
        "earlier": 2,
        "ended": True,
        "file": str(home.secrets_file),
    }
    assert keys(home) == (third, [])


def test_other_secrets_stay_and_nobody_else_reads_them(home: Home) -> None:
    before = home.secrets()
    rotate(home, end=False)
    after = json.loads(home.secrets_file.read_text())
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"gateway_api_key", "earlier_gateway_api_keys"}
    assert home.secrets_file.stat().st_mode & 0o077 == 0


def test_a_gateway_elsewhere_is_not_changed_from_here(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = home.secrets()
    monkeypatch.setenv("MLOPS_GATEWAY_URL", "https://mlops.example")
    with pytest.raises(Refused, match="not this machine's"):
        rotate(home, end=False)
    assert home.secrets() == before
