"""What the gateway is told by its environment."""

import ipaddress
import json
import os
import re
from collections.abc import Mapping
from typing import Annotated, Any

from authlib.common.security import is_secure_transport
from pydantic import AliasChoices, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gateway.access.roles import ClaimRule, Role
from gateway.http.webhook_signature import key_of
from history.names import EDITS
from windmill.scripts.store.cells import KEY_NAMES, keys_of

PLACEHOLDER = re.compile(
    r"change.?me|placeholder|replace.?(me|this)|your.(key|secret|token)|[<>…]", re.I
)
LEAST_DIFFERENT = 6  # characters
BRANCH = r"^[\w][\w./-]{0,99}$"


class Settings(BaseSettings):
    """One field an environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(
        extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    debug: bool = False
    secret_key: SecretStr = Field(min_length=16)
    # Separated by commas: what they signed is still believed, and nothing is signed by them.
    previous_secret_keys: SecretStr = SecretStr("")
    database_url: SecretStr = Field(min_length=1)
    # What the registry's fields are encrypted with, as the workers have it.
    registry_secret_key: SecretStr = SecretStr("")
    registry_secret_key_old: SecretStr = SecretStr("")
    # Keys and the audit log; without it they stand beside the registry.
    access_database_url: SecretStr | None = Field(default=None, min_length=1)
    windmill_api_url: str = Field(pattern=r"^https?://", max_length=2000)
    windmill_api_key: SecretStr = Field(default=SecretStr(""))
    # What each role's calls are made by, else by the one above.
    windmill_viewer_key: SecretStr = SecretStr("")
    windmill_builder_key: SecretStr = SecretStr("")
    windmill_operator_key: SecretStr = Field(default=SecretStr(""), validate_default=True)
    windmill_workspace: str = Field(default="mlops", pattern=r"^[\w-]+$")
    # Without a key only callers on this machine are served.
    api_key: SecretStr | None = Field(
        default=None, min_length=16, validation_alias=AliasChoices("mlops_api_key", "api_key")
    )
    # Separated by commas: they open everything as well, until whoever has one has the new one.
    mlops_previous_api_keys: SecretStr = SecretStr("")
    # What Prometheus shows to be told what is deployed and what it costs; without it nobody is.
    mlops_metrics_token: SecretStr | None = Field(default=None, min_length=16)
    # Where it is asked how long deployments answered; without it that is not known.
    prometheus_url: str = Field(default="", pattern=r"^(https?://.*)?$", max_length=2000)
    # Without a secret no event is accepted.
    webhook_secret: SecretStr | None = None
    # Without both no push that a Git host tells of is followed.
    git_push_secret: SecretStr | None = None
    git_push_branch: str = Field(default="", pattern=rf"^$|{BRANCH}")
    # The catalog's Git checkout, or a bare repository; without it entries cannot be saved here.
    mlops_catalog_repo: str = ""
    # Branches that saves may go to, separated by commas; `*` stands for any letters.
    mlops_catalog_branches: str = EDITS
    audit_days: int = Field(default=400, ge=1)
    audit_entries: int = Field(default=1_000_000, ge=1000)
    # Addresses and networks of reverse proxies, separated by commas. Nobody else is believed about
    # who calls (X-Forwarded-For) and whether by TLS (X-Forwarded-Proto).
    mlops_trusted_proxies: str = ""
    # The folder for what people send from the builder, which workers read at the same path; without
    # it nothing can be sent.
    mlops_uploads: str = Field(default="", pattern=r"^(/.*)?$", max_length=1000)
    max_upload_mb: int = Field(default=2000, gt=0)
    max_body_bytes: int = Field(default=1_000_000, gt=0)
    # Where browsers reach the gateway; sign-ins elsewhere come back there.
    mlops_public_url: str = ""
    # Without an issuer people sign in by keys alone; without roles nobody gets in by it.
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr | None = None
    oidc_scopes: str = "openid email profile"
    oidc_roles: Annotated[tuple[ClaimRule, ...], NoDecode] = Field(
        default=(), validate_default=True
    )

    @field_validator("mlops_trusted_proxies")
    @classmethod
    def _are_addresses(cls, written: str) -> str:
        proxies = [proxy.strip() for proxy in written.split(",") if proxy.strip()]
        return ",".join(str(ipaddress.ip_network(proxy)) for proxy in proxies)

    @field_validator("webhook_secret", "git_push_secret")
    @classmethod
    def _has_a_key(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret:
            key_of(secret.get_secret_value())
        return secret

    @field_validator(
        "secret_key", "api_key", "webhook_secret", "git_push_secret", "mlops_metrics_token"
    )
    @classmethod
    def _is_of_its_own(cls, secret: SecretStr | None) -> SecretStr | None:
        written = secret.get_secret_value() if secret else ""
        if written and (PLACEHOLDER.search(written) or len(set(written)) < LEAST_DIFFERENT):
            raise ValueError("stands for a secret and is none; `openssl rand -hex 32` makes one")
        return secret

    @field_validator("mlops_public_url", "oidc_issuer")
    @classmethod
    def _is_secure(cls, url: str) -> str:
        if url and not is_secure_transport(url):
            raise ValueError("must begin with https:// (http:// only on this machine)")
        return url

    @field_validator("oidc_roles", mode="before")
    @classmethod
    def _is_json(cls, written: Any) -> Any:
        try:
            return (json.loads(written) if written else ()) if isinstance(written, str) else written
        except ValueError as error:
            raise ValueError(f"is no JSON: {error}") from error

    @field_validator("oidc_roles")
    @classmethod
    def _goes_with_the_rest(
        cls, roles: tuple[ClaimRule, ...], info: ValidationInfo
    ) -> tuple[ClaimRule, ...]:
        needed = ("oidc_client_id", "mlops_public_url")
        missing = [name.upper() for name in needed if not info.data.get(name)]
        if info.data.get("oidc_issuer") and missing:
            raise ValueError(f"OIDC_ISSUER asks for {' and '.join(missing)} as well")
        return roles

    @property
    def api_keys(self) -> list[str]:
        """Those that open everything, the newest first."""
        if self.api_key is None:
            return []
        earlier = self.mlops_previous_api_keys.get_secret_value().split(",")
        return [self.api_key.get_secret_value(), *filter(None, map(str.strip, earlier))]

    @property
    def catalog_branches(self) -> list[str]:
        return [each.strip() for each in self.mlops_catalog_branches.split(",") if each.strip()]

    @property
    def registry_keys(self) -> tuple[str, ...]:
        """The newest first. Raises VaultError."""
        given = (self.registry_secret_key, self.registry_secret_key_old)
        written = {k: v.get_secret_value() for k, v in zip(KEY_NAMES, given, strict=True)}
        return keys_of({**os.environ, **written})

    @property
    def secret_keys(self) -> list[str]:
        """The newest first."""
        earlier = self.previous_secret_keys.get_secret_value().split(",")
        return [self.secret_key.get_secret_value(), *filter(None, map(str.strip, earlier))]

    @field_validator("windmill_operator_key")
    @classmethod
    def _all_have_one(cls, key: SecretStr, info: ValidationInfo) -> SecretStr:
        keys = (key, info.data.get("windmill_viewer_key"), info.data.get("windmill_builder_key"))
        if "windmill_api_key" in info.data and not info.data["windmill_api_key"] and not all(keys):
            raise ValueError("WINDMILL_API_KEY is needed, or a key of each role")
        return key

    @property
    def windmill_tokens(self) -> dict[Role, str]:
        """By role."""
        keys = {
            role: getattr(self, f"windmill_{role}_key") or self.windmill_api_key for role in Role
        }
        return {role: key.get_secret_value() for role, key in keys.items()}

    @property
    def windmill_by_role(self) -> bool:
        return len(set(self.windmill_tokens.values())) == len(Role)

    @property
    def windmill_base(self) -> str:
        """Accepts the address of Windmill itself or of its API."""
        return self.windmill_api_url.rstrip("/").removesuffix("/api")


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Of this process's environment, and of files named as fields in the folder that it names.

    Raises ValidationError, SettingsError where the folder is none.
    """
    return Settings(_secrets_dir=environment.get("MLOPS_SECRETS_DIR") or None)  # type: ignore[call-arg]
