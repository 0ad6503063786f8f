"""Keys that the environment names in Vault come from there: a real OpenBao is asked."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.needs import need
from tests.tools.openbao import ROOT_TOKEN, Bao, running_openbao
from windmill.scripts.model.base.errors import (
    NotInVault,
    VaultDenied,
    VaultMisnamed,
    VaultSealed,
    VaultUnreachable,
)
from windmill.scripts.store.cells import keys_of
from windmill.scripts.store.vault import looked_up

KEY = "a-key-of-more-than-32-characters-in-all"
OLD = "an-old-key-of-more-than-32-characters-0"
KV, GONE = "vault:kv:secret/mlops/registry#key", "vault:kv:secret/mlops/gone#key"
POLICY = """path "secret/data/mlops/*" { capabilities = ["read"] }
path "transit/decrypt/mlops" { capabilities = ["update"] }"""


@pytest.fixture(scope="module")
def bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bao]:
    with running_openbao(need("openbao"), tmp_path_factory.mktemp("openbao")) as running:
        running.ask("POST", "secret/data/mlops/registry", {"data": {"key": KEY, "empty": ""}})
        running.ask("POST", "secret/data/mlops/gone", {"data": {"key": KEY}})
        running.ask("DELETE", "secret/data/mlops/gone")
        running.ask("PUT", "sys/policies/acl/mlops", {"policy": POLICY})
        running.ask("POST", "sys/mounts/transit", {"type": "transit"})
        running.ask("POST", "transit/keys/mlops")
        yield running


def by_token(bao: Bao, folder: Path, token: str) -> dict[str, str]:
    (folder / "token").write_text(f"{token}\n")
    return {"VAULT_ADDR": bao.url, "VAULT_TOKEN_FILE": str(folder / "token")}


@pytest.fixture
def environment(bao: Bao, tmp_path: Path) -> dict[str, str]:
    made = bao.ask("POST", "auth/token/create", {"policies": ["mlops"], "ttl": "1h"})
    return by_token(bao, tmp_path, made["auth"]["client_token"])


@pytest.mark.slow
def test_a_key_comes_from_kv_and_the_one_before_from_transit(
    bao: Bao, environment: dict[str, str]
) -> None:
    plain = {"plaintext": b64encode(OLD.encode()).decode()}
    wrapped = bao.ask("POST", "transit/encrypt/mlops", plain)["data"]["ciphertext"]
    named = {
        "REGISTRY_SECRET_KEY": KV,
        "REGISTRY_SECRET_KEY_OLD": f"vault:transit:transit/mlops#{wrapped}",
    }
    assert keys_of({**environment, **named}) == (KEY, OLD)


@pytest.mark.slow
def test_an_approle_logs_in_by_two_files(bao: Bao, tmp_path: Path) -> None:
    bao.ask("POST", "sys/auth/approle", {"type": "approle"})
    bao.ask("POST", "auth/approle/role/mlops", {"token_policies": "mlops"})
    role = bao.ask("GET", "auth/approle/role/mlops/role-id")["data"]["role_id"]
    secret = bao.ask("POST", "auth/approle/role/mlops/secret-id")["data"]["secret_id"]
    files = {"VAULT_ROLE_ID_FILE": tmp_path / "role", "VAULT_SECRET_ID_FILE": tmp_path / "secret"}
    told = {"VAULT_ADDR": bao.url, **{name: str(path) for name, path in files.items()}}
    for path, text in zip(files.values(), (role, secret), strict=True):
        path.write_text(text)
    assert looked_up(KV, told) == KEY
    (tmp_path / "secret").write_text("another")
    with pytest.raises(VaultDenied, match="auth/approle/login"):
        looked_up(KV, told)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("named", "refusal"),
    [
        ("vault:kv:secret/mlops/nothing#key", NotInVault),
        ("vault:kv:secret/mlops/registry#other", NotInVault),
        ("vault:kv:secret/mlops/registry#empty", NotInVault),
        (GONE, NotInVault),
        ("vault:kv:secret/others/registry#key", VaultDenied),
        ("vault:transit:transit/mlops#vault:v1:broken", VaultDenied),
    ],
)
def test_what_is_not_there_or_not_allowed_is_told(
    named: str, refusal: type[Exception], environment: dict[str, str]
) -> None:
    with pytest.raises(refusal):
        looked_up(named, environment)


@pytest.mark.slow
def test_an_ended_token_and_a_sealed_vault_are_told(bao: Bao, tmp_path: Path) -> None:
    ended = bao.ask("POST", "auth/token/create", {"policies": ["mlops"]})["auth"]["client_token"]
    bao.ask("POST", "auth/token/revoke", {"token": ended})
    with pytest.raises(VaultDenied, match="expired"):
        looked_up(KV, by_token(bao, tmp_path, ended))
    with running_openbao(need("openbao"), tmp_path) as other:
        other.ask("PUT", "sys/seal")
        with pytest.raises(VaultSealed):
            looked_up(KV, by_token(other, tmp_path, ROOT_TOKEN))
        address = other.url
    gone = {"VAULT_ADDR": address, "VAULT_TOKEN_FILE": str(tmp_path / "token")}
    with pytest.raises(VaultUnreachable):
        looked_up(KV, gone)


@pytest.mark.parametrize(
    ("named", "environment"),
    [
        ("vault:kv:secret/mlops", {}),
        ("vault:other:a/b#c", {}),
        (KV, {}),
        (KV, {"VAULT_ADDR": "http://vault.example:8200"}),
        (KV, {"VAULT_ADDR": "https://vault.example:8200"}),
        (KV, {"VAULT_ADDR": "https://v.example", "VAULT_TOKEN_FILE": "no/such/file"}),
    ],
)
def test_what_cannot_be_looked_up_is_refused_before_anybody_is_asked(
    named: str, environment: dict[str, str]
) -> None:
    with pytest.raises(VaultMisnamed):
        looked_up(named, environment)


def test_what_names_nothing_stays_as_it_is() -> None:
    assert looked_up(KEY, {}) == KEY
