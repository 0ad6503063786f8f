"""No name that somebody gives leads a client to another address of the server it talks to."""

import ast
import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from cli.clients.gateway import Gateway
from cli.clients.windmill import WindmillAddress, WindmillClient
from gateway.clients.windmill import Windmill
from gateway.errors import UnknownPipeline
from gateway.runs.deploys import find_entry
from windmill.scripts.model.base.url_path import BadAddress, url_part, url_path

ROOT = Path(__file__).parents[2]
TABLE = yaml.safe_load(Path(__file__).with_name("addresses.yaml").read_text())
WALKS, ODD = TABLE["walks"], TABLE["odd"]
# What builds addresses of Windmill, n8n and the gateway.
CLIENTS = [
    ROOT / "windmill/scripts/run_n8n_workflow.py",
    ROOT / "windmill/scripts/provision/endpoint.py",
    *(
        file
        for folder in (
            "gateway/clients",
            "cli/clients",
            "sync/instances",
            "windmill/scripts/worker",
        )
        for file in sorted((ROOT / folder).rglob("*.py"))
    ),
]
QUOTING = {"url_part", "url_path", "_verb"}
BUILT = {"address", "verb", "action"}  # what these names hold went through the helper before


@pytest.mark.parametrize("text", WALKS, ids=ascii)
def test_a_name_that_walks_is_refused(text: str) -> None:
    for make in (url_part, url_path):
        with pytest.raises(BadAddress):
            make(text)


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_an_odd_name_stays_one_segment(text: str) -> None:
    path = httpx.URL(f"http://windmill/api/{url_part(text)}/end").raw_path.decode()
    assert path == f"/api/{url_part(text)}/end"
    assert path.count("/") == 3
    assert "?" not in path


def test_a_path_of_windmill_keeps_its_slashes() -> None:
    assert url_path("f/mlops/notify me") == "f/mlops/notify%20me"


Calls = dict[str, Callable[[Any, str], Any]]
OF_GATEWAY: Calls = {
    "status": lambda gateway, name: gateway.status(name),
    "logs": lambda gateway, name: gateway.logs(name),
    "destroy": lambda gateway, name: gateway.destroy(name),
    "approve": lambda gateway, name: gateway.approve(name, True, None),
    "entry": lambda gateway, name: gateway.entry(name),
    "revoke": lambda gateway, name: gateway.revoke_key(name),
}
OF_WINDMILL: Calls = {
    "job": lambda windmill, name: windmill.job(name),
    "document": lambda windmill, name: windmill.job_document(name),
    "logs": lambda windmill, name: windmill.logs(name),
    "run": lambda windmill, name: windmill.run_flow(name, {}),
    "flow": lambda windmill, name: windmill.flow(name),
    "resource": lambda windmill, name: windmill.resource(name),
    "app": lambda windmill, name: windmill.app(name),
    "cancel": lambda windmill, name: windmill.cancel(name, "x"),
    "resume": lambda windmill, name: windmill.resume(name, {}),
    "answer": lambda windmill, name: windmill.answer(name, approved=True),
}


def nobody(request: httpx.Request) -> httpx.Response:
    pytest.fail(f"asked for {request.url}")


@pytest.mark.parametrize("name", WALKS, ids=ascii)
@pytest.mark.parametrize("call", OF_GATEWAY)
def test_the_cli_asks_nobody_for_a_name_that_walks(call: str, name: str) -> None:
    gateway = Gateway("http://gateway", "")
    gateway.http = httpx.Client(base_url="http://gateway", transport=httpx.MockTransport(nobody))
    with pytest.raises(BadAddress):
        OF_GATEWAY[call](gateway, name)


@pytest.mark.parametrize("name", WALKS, ids=ascii)
@pytest.mark.parametrize("call", OF_WINDMILL)
def test_the_gateway_asks_nobody_for_a_name_that_walks(call: str, name: str) -> None:
    http = httpx.AsyncClient(base_url="http://windmill", transport=httpx.MockTransport(nobody))
    with pytest.raises(BadAddress):
        asyncio.run(OF_WINDMILL[call](Windmill(http, "mlops"), name))


@pytest.mark.parametrize("name", [*WALKS, "at/0123456/pipelines/x", "a b", "pipelines/x?y"])
def test_an_entry_is_looked_for_by_the_names_that_entries_have(name: str) -> None:
    http = httpx.AsyncClient(base_url="http://windmill", transport=httpx.MockTransport(nobody))
    with pytest.raises(UnknownPipeline):
        asyncio.run(find_entry(Windmill(http, "mlops"), name))


def test_a_variable_of_setup_is_one_of_the_workspace() -> None:
    with WindmillClient(WindmillAddress("http://windmill", "mlops", "t")) as client:
        client.http = httpx.Client(transport=httpx.MockTransport(nobody))
        with pytest.raises(BadAddress):
            client.variable("f/mlops/../../../users/tokens/list")


@pytest.mark.slow
async def test_the_gateway_says_404(api: httpx.AsyncClient) -> None:
    for key in ("%2e%2e/%2e%2e/variables/list", "..%2f..%2fx", "pipelines/%2e%2e%2fx"):
        answer = await api.get(f"/api/v1/catalog/{key}")
        assert answer.status_code == 404, answer.text
    assert (await api.get("/api/v1/catalog/rag-chatbot")).status_code == 200
    assert (await api.get("/builder/jobs/%2e%2e%2f%2e%2e")).status_code == 404


@pytest.mark.parametrize("file", CLIENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_client_puts_a_foreign_text_into_an_address(file: Path) -> None:
    bare = [ast.unparse(part) for path in addresses(file) for part in bare_parts(path)]
    assert not bare, f"use url_part or url_path for {bare}"


def addresses(file: Path) -> Iterator[ast.JoinedStr]:
    """Texts with a slash that are put together: the arguments of calls, and what is named url."""
    for node in ast.walk(ast.parse(file.read_text())):
        values: list[ast.expr | None] = []
        if isinstance(node, ast.Call):
            values = [*node.args, *(each.value for each in node.keywords)]
        elif isinstance(node, ast.Assign | ast.Return):
            values = [node.value]
        for value in values:
            if isinstance(value, ast.JoinedStr) and "/" in constants(value):
                yield value


def constants(text: ast.JoinedStr) -> str:
    return "".join(str(each.value) for each in text.values if isinstance(each, ast.Constant))


def bare_parts(path: ast.JoinedStr) -> Iterator[ast.expr]:
    """What stands behind a slash and is neither quoted nor ours."""
    before = ""
    for part in path.values:
        if isinstance(part, ast.Constant):
            before += str(part.value)
        elif isinstance(part, ast.FormattedValue):
            if before.endswith("/") and not is_ours(part.value):
                yield part.value
            before = ""


def is_ours(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in QUOTING
    return isinstance(value, ast.Name) and (value.id.isupper() or value.id in BUILT)
