"""What one n8n is told that is not for Git: addresses, recipients, keys."""

import hashlib
import hmac
import json
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from .errors import BadN8nSettings

NOTIFY, APPROVAL = "notify", "approval"
ERROR_HANDLER = "error_handler"
# They tell people, so that they are of no use where nobody is named.
TELLING = (NOTIFY, APPROVAL, ERROR_HANDLER, "alert_triage", "cost_report")
TELEGRAM = "https://api.telegram.org"
URL = r"^https?://[^\s{}$]+$"
ACTION = r"[A-Za-z][A-Za-z0-9_]*=(redeploy|rollback)"
CRON = r"[\d*,/-]+"
ADDRESSES = r"^[^\s{}$,<>]+@[^\s{}$,<>]+(, ?[^\s{}$,<>]+@[^\s{}$,<>]+)*$"


class N8nSettings(BaseModel):
    """One field an environment variable of the same name in capitals."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    n8n_api_url: str = Field(pattern=URL)
    n8n_api_key: SecretStr = Field(min_length=1)
    n8n_webhook_url: str = Field(default="", pattern=rf"^$|{URL}")
    gateway_url: str = Field(pattern=URL)
    mlops_api_key: SecretStr = Field(min_length=16)
    # A gateway key of an operator that answers questions alone; without it the one above.
    mlops_approval_key: SecretStr | None = Field(default=None, min_length=16)
    notify_email_from: str = Field(default="", pattern=rf"^$|{ADDRESSES}")
    notify_email_to: str = Field(default="", pattern=rf"^$|{ADDRESSES}")
    notify_webhook_url: str = Field(default="", pattern=rf"^$|{URL}")
    notify_slack_url: str = Field(default="", pattern=rf"^$|{URL}")
    notify_teams_url: str = Field(default="", pattern=rf"^$|{URL}")
    notify_discord_url: str = Field(default="", pattern=rf"^$|{URL}")
    notify_telegram_token: SecretStr = SecretStr("")
    notify_telegram_chat: str = Field(default="", pattern=r"^$|^(-?\d+|@\w+)$")
    notify_telegram_url: str = Field(default=TELEGRAM, pattern=URL)
    # What may be done where an alert of that name fires, each by the gateway; nothing unless set.
    alert_actions: str = Field(default="", pattern=rf"^$|^{ACTION}(,{ACTION})*$")
    notify_token: SecretStr | None = Field(default=None, min_length=16)
    # Without a password there is no form, without both of the others no schedule.
    deploy_form_user: str = Field(default="mlops", pattern=r"^[\w.@-]+$")
    deploy_form_password: SecretStr = Field(default=SecretStr(""), min_length=12)
    git_push_branch: str = ""
    deploy_schedule: str = Field(default="", pattern=rf"^$|^{CRON}( {CRON}){{4}}$")
    deploy_schedule_request: str = Field(default="", pattern=r"^$|^\{")
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_secure: bool = False
    smtp_starttls: bool = True

    @field_validator("deploy_schedule_request")
    @classmethod
    def _is_json(cls, written: str) -> str:
        if written:
            json.loads(written)
        return written

    @property
    def base_url(self) -> str:
        return self.n8n_api_url.rstrip("/").removesuffix("/api/v1")

    @property
    def mails(self) -> bool:
        return bool(self.notify_email_from and self.notify_email_to and self.smtp_host)

    @property
    def telegrams(self) -> bool:
        return bool(self.notify_telegram_chat and self.notify_telegram_token.get_secret_value())

    @property
    def notifies(self) -> bool:
        """Whether there is anybody to tell."""
        return any(value for name, value in self.placeholders.items() if name.startswith("NOTIFY_"))

    @property
    def off(self) -> frozenset[str]:
        """Workflows that are of no use, or dangerous, as long as what they need is not said."""
        on = {
            "deploy_form": bool(self.deploy_form_password.get_secret_value()),
            "git_push": bool(self.git_push_branch),
            "deploy_schedule": bool(self.deploy_schedule and self.deploy_schedule_request),
            **dict.fromkeys(TELLING, self.notifies),
        }
        return frozenset(name for name, needed in on.items() if not needed)

    @property
    def webhooks_url(self) -> str:
        """Where Windmill reaches n8n."""
        return f"{(self.n8n_webhook_url or self.base_url).rstrip('/')}/webhook"

    @property
    def token_to_notify(self) -> str:
        """One of our own unless others, such as an Alertmanager, must be told it."""
        given = self.notify_token
        return given.get_secret_value() if given else self.sealed("the token of notifications")

    @property
    def key_to_approve(self) -> str:
        return (self.mlops_approval_key or self.mlops_api_key).get_secret_value()

    def sealed(self, text: str) -> str:
        key = self.mlops_api_key.get_secret_value().encode()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    @property
    def placeholders(self) -> dict[str, str]:
        """Empty ones are not configured."""
        return {
            "GATEWAY_URL": self.gateway_url.rstrip("/"),
            "NOTIFY_EMAIL_FROM": self.notify_email_from if self.mails else "",
            "NOTIFY_EMAIL_TO": self.notify_email_to if self.mails else "",
            "NOTIFY_WEBHOOK_URL": self.notify_webhook_url,
            "NOTIFY_SLACK_URL": self.notify_slack_url,
            "NOTIFY_TEAMS_URL": self.notify_teams_url,
            "NOTIFY_DISCORD_URL": self.notify_discord_url,
            "NOTIFY_TELEGRAM_CHAT": self.notify_telegram_chat if self.telegrams else "",
            "ALERT_ACTIONS": self.alert_actions,
            "DEPLOY_SCHEDULE": self.deploy_schedule,
            "DEPLOY_SCHEDULE_REQUEST": self.deploy_schedule_request,
            "N8N_WEBHOOK_URL": self.webhooks_url.removesuffix("/webhook"),
        }


def n8n_settings(environment: Mapping[str, str]) -> N8nSettings | None:
    """None without N8N_API_URL. Raises BadN8nSettings."""
    if not environment.get("N8N_API_URL"):
        return None
    given = {name: environment.get(name.upper(), "") for name in N8nSettings.model_fields}
    try:
        return N8nSettings.model_validate({name: text for name, text in given.items() if text})
    except ValidationError as error:
        wrong = [f"{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors()]
        raise BadN8nSettings(wrong="; ".join(wrong)) from error
