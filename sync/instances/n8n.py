"""An n8n as sync sees it: its public API, our workflows and credentials, and our record."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from windmill.scripts.model.base.url_path import url_part

from ..actions import Action, Verb
from ..errors import N8nError, NotWritable
from ..items import (
    ERROR_WORKFLOW,
    NO_HANDLER,
    SETTING,
    Home,
    Item,
    Kind,
    Prints,
    fingerprints,
)
from ..n8n_settings import N8nSettings
from ..record import Entry, Record, Remote, RemoteItem, parse_record, plain_record
from .n8n_webhooks import await_webhooks, is_open

TABLE = "mlops_sync"
RECORD = "record"
PAGE = 250
# Its own lease is two minutes.
UNPUBLISHING_PAUSES = (0.1, 0.2, 0.5, *[1.0] * 150)
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_FIXES = {
    401: "The key is unknown: make one in n8n's settings and give it as N8N_API_KEY.",
    403: "The key lacks a scope: it needs those of workflows, credentials and data tables, of "
    "workflows and credentials `delete` as well to prune, and `workflow:deactivate`.",
    404: "Check the address (N8N_API_URL).",
    409: "Another workflow of this n8n has the same webhook path: unpublish it.",
}


class N8n:
    """One n8n, read and written through its public API alone."""

    home = Home.n8n

    def __init__(self, base_url: str, api_key: str) -> None:
        self.base_url = base_url.rstrip("/").removesuffix("/api/v1")
        self._http = httpx.Client(
            base_url=f"{self.base_url}/api/v1/",
            headers={"X-N8N-API-KEY": api_key},
            timeout=60,
            trust_env=urlsplit(self.base_url).hostname not in _LOOPBACK,
        )
        self._handlers: dict[str, str] = {}

    @classmethod
    def of(cls, settings: N8nSettings) -> Self:
        return cls(settings.base_url, settings.n8n_api_key.get_secret_value())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def read(self, items: Sequence[Item]) -> Remote:
        record = self.record()
        rows = list(self._pages("workflows", excludePinnedData="true"))
        by_name, by_id = ({row[key]: row for row in rows} for key in ("name", "id"))
        names = {id: row["name"] for id, row in by_id.items()}
        credentials = {row["id"]: row for row in self._pages("credentials")}
        there: dict[str, RemoteItem] = {}
        for item in items:
            written = record.get(item.key, Entry())
            # The one that we made, whatever Git calls it now.
            row = by_id.get(written.version) or by_name.get(item.body.get("name"))
            if item.kind is Kind.workflow and row:
                there[item.key] = _workflow(_shown(item, row, names, written))
            if item.kind is Kind.credential and item.path in credentials:
                # Secrets never come back: what we wrote last is what is there.
                there[item.key] = _unversioned({} if written.writing else written.prints)
        return Remote(there, record)

    def write(self, action: Action) -> str:
        """Of a workflow its id, which stays its own when Git calls it otherwise."""
        match action.item.kind, action.verb:
            case Kind.credential, Verb.delete:
                self._send("DELETE", f"credentials/{url_part(action.item.path)}")
            case Kind.credential, _:
                self._write_credential(action)
            case Kind.workflow, Verb.delete:
                self._delete_workflow(action.version)
            case Kind.workflow, _:
                return self._write_workflow(action)
            case kind, _:
                raise NotWritable(action.item.path, kind=kind, home="n8n")
        return ""

    def write_record(self, record: Record) -> None:
        row = {"key": RECORD, "value": json.dumps(plain_record(record), sort_keys=True)}
        only = {"columnName": "key", "condition": "eq", "value": RECORD}
        body = {"filter": {"type": "and", "filters": [only]}, "data": row}
        self._send(
            "POST", f"data-tables/{url_part(self._table() or self._new_table())}/rows/upsert", body
        )

    def versions(self, written: Mapping[str, str]) -> Mapping[str, str]:
        return written

    def _write_credential(self, action: Action) -> None:
        body = {key: action.item.body[key] for key in ("name", "type", "data")}
        if action.verb is Verb.create:
            self._send("POST", "credentials", {"id": action.item.path, **body})
        else:
            self._send("PATCH", f"credentials/{url_part(action.item.path)}", body)

    def _write_workflow(self, action: Action) -> str:
        body = self._with_its_handler(action.item.body)
        if action.verb is Verb.create:
            id = str(self._send("POST", "workflows", body)["id"])
        else:
            id = action.version
            # Only the draft: should publishing be refused, what was live stays live.
            self._send("PUT", f"workflows/{url_part(id)}?publishIfActive=false", body)
        self._publish(id)
        await_webhooks(self._is_open, action.item.body, lambda: self._publish(id))
        return id

    def _delete_workflow(self, id: str) -> None:
        """n8n deletes none that is published, and says that one is not before it is so."""
        self._send("POST", f"workflows/{url_part(id)}/unpublish", {})
        for pause in (*UNPUBLISHING_PAUSES, None):
            try:
                self._send("DELETE", f"workflows/{url_part(id)}")
                return
            except N8nError as error:
                if pause is None or "answered 409" not in str(error):
                    raise
            time.sleep(pause)

    def _with_its_handler(self, workflow: Mapping[str, Any]) -> dict[str, Any]:
        """Without what is no field of a workflow, and with this n8n's own id of who handles its
        errors; one that is not known by name here is taken for an id."""
        body = {key: value for key, value in workflow.items() if key != "active"}
        name = body["settings"].get(ERROR_WORKFLOW, NO_HANDLER)
        if name != NO_HANDLER:
            body["settings"] = {**body["settings"], ERROR_WORKFLOW: self._handler_id(name)}
        return body

    def _handler_id(self, name: str) -> str:
        if name not in self._handlers:
            self._handlers[name] = next((row["id"] for row in self._named(name)), name)
        return self._handlers[name]

    def _is_open(self, path: str) -> bool:
        return is_open(self._http, self.base_url, path)

    def _publish(self, id: str) -> None:
        self._send("POST", f"workflows/{url_part(id)}/publish", {})

    def _named(self, name: str) -> list[Any]:
        rows: list[Any] = self._send("GET", f"workflows?{httpx.QueryParams(name=name)}")["data"]
        return rows

    def record(self) -> Record:
        table = self._table()
        rows = self._pages(f"data-tables/{url_part(table)}/rows") if table else iter(())
        values = [row["value"] for row in rows if row["key"] == RECORD]
        return _up_to_date(parse_record(json.loads(values[0]) if values else {}))

    def _table(self) -> str:
        return next((row["id"] for row in self._pages("data-tables") if row["name"] == TABLE), "")

    def _new_table(self) -> str:
        columns = [{"name": name, "type": "string"} for name in ("key", "value")]
        return str(self._send("POST", "data-tables", {"name": TABLE, "columns": columns})["id"])

    def _pages(self, path: str, **query: str) -> Iterator[Any]:
        cursor: dict[str, str] = {}
        while True:
            answer = self._send("GET", f"{path}?{httpx.QueryParams({**query, **cursor})}")
            yield from answer["data"]
            if not answer.get("nextCursor"):
                return
            cursor = {"cursor": answer["nextCursor"]}

    def check_key(self) -> None:
        """Raises N8nError with what mends it."""
        self._send("GET", "workflows?limit=1")

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Whatever it answers. Raises N8nError where nobody does."""
        try:
            return self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            what = f"n8n does not answer: {str(error) or type(error).__name__}"
            raise N8nError(what, self.base_url, _FIXES[404]) from error

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        response = self.ask(method, path, body)
        if not response.is_success:
            key = response.request.headers["X-N8N-API-KEY"]
            text = " ".join(response.text.replace(key, "***").split())[:300]
            where = f"{method} {response.request.url.path}"
            what = f"n8n answered {response.status_code}: {text or response.reason_phrase}"
            raise N8nError(what, where, _FIXES.get(response.status_code, ""))
        try:
            return response.json()
        except ValueError as error:
            what = "the answer is not JSON, so this is not an n8n"
            raise N8nError(what, str(response.url), _FIXES[404]) from error


def _up_to_date(record: Record) -> Record:
    """One of before settings were noted one by one does not tell which they were."""
    return {
        key: replace(entry, prints=_without_settings(entry.prints)) for key, entry in record.items()
    }


def _without_settings(prints: Prints) -> Prints:
    return {name: value for name, value in prints.items() if name != "settings"}


def _unversioned(prints: Prints) -> RemoteItem:
    return RemoteItem("", lambda: prints)


def _workflow(row: Mapping[str, Any]) -> RemoteItem:
    def prints() -> Prints:
        return fingerprints(Kind.workflow, row)

    return RemoteItem(row["id"], prints, body=lambda: row, tells_edits=False)


def _shown(
    item: Item, row: Mapping[str, Any], names: Mapping[str, str], entry: Entry
) -> Mapping[str, Any]:
    """n8n adds settings of its own: only those that Git names, or named, are compared."""
    held, wanted = row.get("settings") or {}, item.body.get("settings", {})
    named = {name.removeprefix(SETTING) for name in entry.prints if name.startswith(SETTING)}
    settings = {key: held.get(key) for key in wanted.keys() | named}
    if ERROR_WORKFLOW in settings:
        id = held.get(ERROR_WORKFLOW, NO_HANDLER)
        settings[ERROR_WORKFLOW] = id if id == wanted.get(ERROR_WORKFLOW) else names.get(id, id)
    return {**row, "settings": settings}
