"""`.env` is made in one command, and what somebody wrote there stays."""

import re
from pathlib import Path

import pytest

from deploy import make_env
from gateway.http.settings import Settings
from gateway.http.webhook_signature import key_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".env.example").write_text((ROOT / ".env.example").read_text())
    return tmp_path


def values(root: Path) -> dict[str, str]:
    return dict(re.findall(r"(?m)^([A-Z0-9_]+)=(.+)$", (root / ".env").read_text()))


def test_each_secret_has_a_value_of_its_own_that_nobody_else_reads(root: Path) -> None:
    assert make_env.main([], root) == 0
    assert (root / ".env").stat().st_mode & 0o077 == 0
    made = values(root)
    asked = re.findall(r"(?m)^([A-Z0-9_]+)=$", (root / ".env.example").read_text())
    assert set(made) == set(asked)
    own = [value for name, value in made.items() if name not in make_env.NONE]
    assert len(set(own)) == len(own)
    assert all(re.fullmatch(r"[A-Za-z0-9]{32,}", value) for value in own)


def test_who_reads_them_accepts_them(root: Path) -> None:
    make_env.main([], root)
    made = values(root)
    key_of(made["WEBHOOK_SECRET"])
    told = {"secret_key": made["SECRET_KEY"], "api_key": made["MLOPS_API_KEY"]}
    place = {"database_url": "sqlite://", "windmill_api_url": "http://windmill"}
    assert Settings.model_validate({**told, **place, "windmill_api_key": "any"}).api_keys
    # As n8n asks of its owner: a capital and a digit.
    assert re.search(r"[A-Z].*\d", made["N8N_OWNER_PASSWORD"])


def test_what_stands_there_stays_and_what_is_missing_comes_to_it(root: Path) -> None:
    own = "# Ours.\nSECRET_KEY=one-of-our-own-0123\nREDIS_PASSWORD=\nWINDMILL_BASE_URL=https://w\n"
    (root / ".env").write_text(own)
    make_env.main([], root)
    text = (root / ".env").read_text()
    assert text.startswith("# Ours.\nSECRET_KEY=one-of-our-own-0123\n")
    assert len(values(root)["REDIS_PASSWORD"]) == 64
    assert values(root)["WINDMILL_BASE_URL"] == "https://w"
    make_env.main([], root)
    assert (root / ".env").read_text() == text


def test_a_dry_run_names_what_it_would_make_and_writes_nothing(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_env.main(["--dry-run"], root)
    assert "N8N_OWNER_PASSWORD" in capsys.readouterr().out
    assert not (root / ".env").exists()
