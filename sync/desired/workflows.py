"""n8n/workflows/*.json, with what is this instance's own filled in, and their credentials."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from pydantic_core import ErrorDetails

from windmill.scripts.model.base.errors import Problem
from windmill.scripts.model.base.windmill_paths import FOLDER

from ..items import ERROR_WORKFLOW, FOLDER_KEY, NO_HANDLER, Item, Kind
from ..n8n_settings import APPROVAL, ERROR_HANDLER, NOTIFY, N8nSettings
from .files import read_text

WORKFLOWS = "n8n/workflows"
# One that fails while it tells of a failure would be told of again, and again.
UNHANDLED = {NOTIFY, ERROR_HANDLER}
WEBHOOK = "n8n-nodes-base.webhook"
ASKS = ("POST", "headerAuth")


class _Credential(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)
    id: str


class _Node(BaseModel):
    """What is read of a node here; the rest is n8n's to judge."""

    model_config = ConfigDict(extra="allow", strict=True)
    name: str
    type: str
    parameters: dict[str, JsonValue] = {}
    credentials: dict[str, _Credential] = {}


class _Workflow(BaseModel):
    name: str
    nodes: list[_Node]
    connections: dict[str, JsonValue]
    settings: dict[str, JsonValue]


FIELDS = tuple(_Workflow.model_fields)
_PLACEHOLDER = re.compile(r"\$\{([A-Z0-9_]+)\}")


def workflow_items(root: Path, settings: N8nSettings, problems: list[Problem]) -> list[Item]:
    """Credentials, then the workflows that use them, without those that are off."""
    files = sorted((root / WORKFLOWS).glob("*.json"))
    wanted = [file for file in files if file.stem not in settings.off]
    read = [(file.stem, _read(file, root, problems)) for file in wanted]
    found = {stem: document for stem, document in read if document}
    handler = found.get(ERROR_HANDLER, {}).get("name", NO_HANDLER)
    handled = {
        stem: document if stem in UNHANDLED else _handled(document, handler)
        for stem, document in found.items()
    }
    workflows = [_workflow(stem, document, settings) for stem, document in handled.items()]
    used = {key for item in workflows for key in item.needs}
    return [*(item for item in _credentials(settings) if item.key in used), *workflows]


def n8n_variables(settings: N8nSettings) -> list[Item]:
    """What Windmill's steps must know to reach n8n; without a channel nothing of notifying."""
    url = settings.webhooks_url
    notifies = [
        _variable(f"n8n_{name}_url", f"{url}/mlops-{name}", is_secret=False)
        for name in (NOTIFY, APPROVAL)
    ]
    return [
        _variable("n8n_webhooks_url", url, is_secret=False),
        _variable("n8n_notify_token", settings.token_to_notify, is_secret=True),
        *(notifies if settings.notifies else []),
    ]


def webhooks_of(workflow: Mapping[str, Any]) -> set[str]:
    """Paths of the webhooks that take a POST and ask who calls."""
    return {
        str(parameters.get("path", ""))
        for node in workflow["nodes"]
        if node.get("type") == WEBHOOK and not node.get("disabled")
        for parameters in [node.get("parameters", {})]
        if (parameters.get("httpMethod"), parameters.get("authentication")) == ASKS
    }


def _read(file: Path, root: Path, problems: list[Problem]) -> dict[str, Any] | None:
    text, shown = read_text(file, root, problems), file.relative_to(root).as_posix()
    if text is None:
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        problems.append(Problem(f"is not JSON: {error}", "", "", shown, code="E-SYNC-010"))
        return None
    try:
        _Workflow.model_validate(document)
    except ValidationError as error:
        problems.extend(_misfit(shown, each) for each in error.errors(include_input=False))
        return None
    return {name: document[name] for name in FIELDS}


def _misfit(shown: str, error: ErrorDetails) -> Problem:
    field = ".".join(str(part) for part in error["loc"])
    message = f"is not a workflow: {error['msg']}"
    return Problem(message, field, "Export it from n8n again.", shown, code="E-SYNC-011")


def _workflow(stem: str, document: dict[str, Any], settings: N8nSettings) -> Item:
    nodes = [_fill_node(node, settings.placeholders) for node in document["nodes"]]
    ids = {
        credential["id"]
        for node in nodes
        if not node.get("disabled")
        for credential in node.get("credentials", {}).values()
    }
    needs = {f"{Kind.credential}/{id}" for id in ids}
    # Named by an id that it has only once it is there.
    handler = set() if stem in UNHANDLED else {f"{Kind.workflow}/{ERROR_HANDLER}"}
    body = {**document, "nodes": nodes, "active": True}
    return Item(Kind.workflow, stem, body, frozenset(needs | handler))


def _handled(document: dict[str, Any], handler: str) -> dict[str, Any]:
    """By its name: its id is another in every n8n. One of its own choice stays."""
    return {**document, "settings": {ERROR_WORKFLOW: handler, **document["settings"]}}


def _fill_node(node: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    """A node whose values are not configured here is switched off: what it gets passes through."""
    named = set(_PLACEHOLDER.findall(json.dumps(node)))
    off = {"disabled": True} if any(not values[name] for name in named) else {}
    filled: dict[str, Any] = _fill(node, values)
    return {**filled, **off}


def _fill(value: Any, values: dict[str, str]) -> Any:
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda match: values[match[1]], value)
    if isinstance(value, list):
        return [_fill(item, values) for item in value]
    if isinstance(value, dict):
        return {key: _fill(item, values) for key, item in value.items()}
    return value


def _credentials(settings: N8nSettings) -> list[Item]:
    key = settings.mlops_api_key.get_secret_value()
    smtp = {
        "user": settings.smtp_user,
        "password": settings.smtp_password.get_secret_value(),
        "host": settings.smtp_host,
        "port": settings.smtp_port,
        "secure": settings.smtp_secure,
    }
    telegram = {
        "accessToken": settings.notify_telegram_token.get_secret_value(),
        "baseUrl": settings.notify_telegram_url,
    }
    form = {
        "user": settings.deploy_form_user,
        "password": settings.deploy_form_password.get_secret_value(),
    }
    # What a link asks is believed for as long as it says, if n8n itself signed it.
    questions = {
        "keyType": "passphrase",
        "secret": settings.sealed("the links of approvals"),
        "algorithm": "HS256",
    }
    # n8n's form has this switch only where the connection does not begin encrypted.
    starttls = {} if settings.smtp_secure else {"disableStartTls": not settings.smtp_starttls}
    return [
        _bearer("mlops-gateway", "MLOps gateway", key, settings),
        _bearer("mlops-notify", "MLOps notify", settings.token_to_notify, settings),
        _bearer("mlops-approval", "MLOps approval", settings.key_to_approve, settings),
        _credential("mlops-form", "MLOps form", "httpBasicAuth", form, settings),
        _credential("mlops-questions", "MLOps questions", "jwtAuth", questions, settings),
        _credential("mlops-smtp", "MLOps SMTP", "smtp", {**smtp, **starttls}, settings),
        _credential("mlops-telegram", "MLOps Telegram", "telegramApi", telegram, settings),
    ]


def _bearer(id: str, name: str, token: str, settings: N8nSettings) -> Item:
    data = {"name": "Authorization", "value": f"Bearer {token}"}
    return _credential(id, name, "httpHeaderAuth", data, settings)


def _credential(id: str, name: str, type: str, data: dict[str, Any], settings: N8nSettings) -> Item:
    # The record keeps a keyed seal: a plain digest of a short password could be guessed.
    seal = settings.sealed(json.dumps(data, sort_keys=True))
    return Item(Kind.credential, id, {"name": name, "type": type, "data": data, "seal": seal})


def _variable(name: str, value: str, *, is_secret: bool) -> Item:
    path = f"{FOLDER}/{name}"
    body = {"path": path, "value": value, "is_secret": is_secret, "description": "Of `mlops sync`"}
    return Item(Kind.variable, path, body, frozenset([FOLDER_KEY]))
