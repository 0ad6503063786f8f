"""A Windmill and an n8n that nobody has signed in to yet are taken over by one command."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cli.actions.connecting import FIRST_LOGIN
from cli.platform.home import ROLES
from gateway.http.settings import read_settings
from tests.cli.conftest import Mlops, Outcome, home, mlops
from tests.engine.conftest import EngineProcess
from tests.n8n.conftest import until
from tests.n8n.server import PASSWORD, N8nServer, running_n8n

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("n8n")]
__all__ = ["home", "mlops"]
OWN_PASSWORD = "Its-0wn-password"


@pytest.fixture(scope="module")
def n8n(tmp_path_factory: pytest.TempPathFactory) -> Iterator[N8nServer]:
    with running_n8n(tmp_path_factory.mktemp("new-n8n"), owned=False) as n8n:
        yield n8n


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    folder = tmp_path_factory.mktemp("new-windmill")
    (folder / "env").write_text(
        f"MLOPS_EMBEDDED=1\nMLOPS_LOCAL_ROOT={folder}\n"
        f"DATABASE_URL=sqlite:///{folder}/registry.sqlite\n"
    )
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ENGINE_FIRST_LOGIN", " ".join(FIRST_LOGIN))
        process = EngineProcess(folder, folder / "cache", ["--env-file", str(folder / "env")])
        assert process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def kept_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder where the keys are not what is asked: n8n takes five sign-ins a minute."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
def new_stack(
    engine: EngineProcess, n8n: N8nServer, mlops: Mlops, monkeypatch: pytest.MonkeyPatch
) -> Mlops:
    assert engine.windmill
    for name in ("WINDMILL_API_KEY", "N8N_API_KEY"):
        # Set before it is deleted: what the command sets is then taken back.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    given = {
        "WINDMILL_API_URL": engine.windmill.url,
        "WINDMILL_ADMIN_PASSWORD": OWN_PASSWORD,
        "N8N_API_URL": n8n.url,
        "N8N_OWNER_EMAIL": "ann@example.org",
        "N8N_OWNER_PASSWORD": PASSWORD,
        "GATEWAY_URL": "http://gateway.test:8000",
        "MLOPS_API_KEY": "a-gateway-key-for-tests",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return mlops


def log_in(engine: EngineProcess, password: str) -> httpx.Response:
    assert engine.windmill
    body = {"email": FIRST_LOGIN[0], "password": password}
    return httpx.post(f"{engine.windmill.url}/api/auth/login", json=body)


def secrets(folder: Path) -> dict[str, str]:
    """By their files; the commands' own home is beside them."""
    files = [folder / "n8n_api_key", *(folder / "gateway").iterdir()]
    return {str(file.relative_to(folder)): file.read_text().strip() for file in files}


def test_first_logins_are_changed_keys_are_made_and_everything_is_pushed(
    new_stack: Mlops, engine: EngineProcess, n8n: N8nServer, kept_in: Path
) -> None:
    assert log_in(engine, FIRST_LOGIN[1]).is_success
    done = new_stack("setup", "--secrets-dir", str(kept_in), "--json")
    found = {each["what"]: each for each in done.json}
    assert [what for what, each in found.items() if each["state"] == "failed"] == []
    assert not log_in(engine, FIRST_LOGIN[1]).is_success
    assert log_in(engine, OWN_PASSWORD).is_success
    kept = secrets(kept_in)
    of_gateway = {f"gateway/windmill_{role}_key" for role in ROLES}
    assert set(kept) == {"n8n_api_key", *of_gateway}
    assert all((kept_in / name).stat().st_mode & 0o077 == 0 for name in (*kept, "gateway"))
    headers = {"X-N8N-API-KEY": kept["n8n_api_key"]}
    names = httpx.get(f"{n8n.url}/api/v1/workflows", headers=headers).json()["data"]
    assert "MLOps: deploy webhook" in {each["name"] for each in names}
    told = done.out + done.err
    assert not [secret for secret in (*kept.values(), OWN_PASSWORD, PASSWORD) if secret in told]

    again = new_stack("setup", "--secrets-dir", str(kept_in), "--json")
    assert again.code == 0
    assert secrets(kept_in) == kept
    assert "0 created, 0 changed" in again.out


def test_who_follows_a_repository_signs_in_as_it_was_set_up(
    new_stack: Mlops, engine: EngineProcess, kept_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def follow() -> Outcome:
        return new_stack("sync", "follow", "--once", "--secrets-dir", str(kept_in), "--json")

    assert engine.windmill
    monkeypatch.setenv("GIT_PUSH_REPOSITORY", "/nowhere")
    monkeypatch.setenv("GIT_PUSH_BRANCH", "main")
    event = {"branch": "main", "commit": "a" * 40, "by": "ann"}
    begun = httpx.post(
        f"{engine.windmill.url}/api/w/mlops/jobs/run/f/f/mlops/git_push",
        json={"event": event},
        headers={"Authorization": f"Bearer {log_in(engine, OWN_PASSWORD).text}"},
    )
    assert begun.is_success
    told = until(lambda: follow().out)
    assert f"{begun.text}  plan: /nowhere" in told
    monkeypatch.setenv("WINDMILL_ADMIN_PASSWORD", "some-other-password")
    refused = follow()
    assert refused.code == 1
    assert "has not the password of WINDMILL_ADMIN_PASSWORD" in refused.out + refused.err


def test_a_lost_key_is_made_anew_and_the_one_before_opens_nothing(
    new_stack: Mlops, n8n: N8nServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def key() -> str:
        monkeypatch.delenv("N8N_API_KEY", raising=False)
        new_stack("setup", "--secrets-dir", str(tmp_path), "--json")
        return (tmp_path / "n8n_api_key").read_text().strip()

    def opens(key: str) -> bool:
        headers = {"X-N8N-API-KEY": key}
        return httpx.get(f"{n8n.url}/api/v1/workflows", headers=headers).is_success

    first = key()
    (tmp_path / "n8n_api_key").unlink()
    assert (opens(second := key()), opens(first)) == (True, False)
    assert second != first


def test_whoever_else_owns_them_is_told_and_stays_owner(
    new_stack: Mlops, engine: EngineProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert new_stack("setup", "--secrets-dir", str(tmp_path), "--json").code == 0
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.delenv("N8N_API_KEY")
    monkeypatch.setenv("N8N_OWNER_PASSWORD", "Anothers-passw0rd")
    refused = new_stack("setup", "--secrets-dir", str(elsewhere), "--json")
    found = {each["what"]: each for each in refused.json}
    assert refused.code == 1
    assert found["n8n owner"]["state"] == "failed"
    assert "N8N_OWNER_PASSWORD" in found["n8n owner"]["fix"]
    monkeypatch.setenv("WINDMILL_ADMIN_PASSWORD", "some-other-password")
    refused = new_stack("setup", "--secrets-dir", str(elsewhere), "--json")
    assert [each["what"] for each in refused.json] == ["sign in"]
    assert "WINDMILL_ADMIN_PASSWORD" in refused.json[0]["found"]
    assert log_in(engine, OWN_PASSWORD).is_success


def test_a_gateway_reads_what_was_kept_from_its_folder(
    new_stack: Mlops, engine: EngineProcess, kept_in: Path
) -> None:
    new_stack("setup", "--secrets-dir", str(kept_in), "--json")
    assert engine.windmill
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SECRET_KEY", "a-secret-key-for-tests")
        environment.setenv("DATABASE_URL", "sqlite://")
        settings = read_settings({"MLOPS_SECRETS_DIR": str(kept_in / "gateway")})
    assert settings.windmill_by_role
    kept = secrets(kept_in)["gateway/windmill_viewer_key"]
    assert settings.windmill_viewer_key.get_secret_value() == kept


def test_who_does_not_answer_is_told_and_nothing_is_made_anew(
    new_stack: Mlops, kept_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = new_stack("setup", "--secrets-dir", str(kept_in), "--json")
    assert made.code == 0, made.out
    before = secrets(kept_in)
    nobody = "http://127.0.0.1:9"
    monkeypatch.delenv("N8N_API_KEY")
    monkeypatch.setenv("N8N_API_URL", nobody)
    found = {
        each["what"]: each
        for each in new_stack("setup", "--secrets-dir", str(kept_in), "--json").json
    }
    assert (found["n8n owner"]["state"], found["windmill"]["state"]) == ("failed", "ok")
    monkeypatch.setenv("WINDMILL_API_KEY", "any")
    done = new_stack("setup", nobody, "--secrets-dir", str(kept_in), "--json")
    tokens = [each for each in done.json if each["what"] == "gateway tokens"]
    assert [each["state"] for each in tokens] == ["failed"]
    monkeypatch.delenv("WINDMILL_API_KEY")
    done = new_stack("setup", nobody, "--secrets-dir", str(kept_in), "--json")
    assert [(each["what"], each["state"]) for each in done.json] == [("sign in", "failed")]
    assert secrets(kept_in) == before
