"""No text of people or of the network makes Windmill put a secret in its place.

The embedded engine resolves references where a server does (tests/engine/flows/references.yaml),
so each attack is shown twice: on a flow that does nothing about it, and on ours.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.flow.expressions import Scope, evaluate
from engine.store.items import Items
from engine.values import Values
from tests.gateway.conftest import Connect
from tests.gateway.stack import Stack, drawing, post, running_engine
from windmill.scripts.model.base.windmill_paths import use_path
from windmill.scripts.model.base.windmill_references import check_references, marked, unmarked
from windmill.scripts.model.catalog.catalog import Catalog, read_entry
from windmill.scripts.model.check.check_catalog import check_catalog
from windmill.scripts.model.compile.compile_catalog import compile_catalog

pytestmark = pytest.mark.slow

Doc = dict[str, Any]
ROOT = Path(__file__).parents[2]
OWN_FLOWS = ROOT / "windmill" / "flows"
SCRIPTS = ROOT / "windmill" / "scripts"
SECRET, KEY = "the-canary-of-all-secrets", "f/mlops/secret_key"
ATTACKS: list[Any] = [
    f"$var:{KEY}",
    {"a": {"b": {"c": f"$var:{KEY}"}}},
    [[[f"$var:{KEY}"]]],
    {"$interpolate": ["x", {"$var": KEY}]},
    ["$WM_TOKEN", "and $var: somewhere"],
    "$res:f/mlops/holds_it",
    f"$jsonvar:{KEY}",
]
TEXTS = st.text('"\\$[]{},: \u2060é', max_size=6) | st.sampled_from(
    [
        f"$var:{KEY}",
        f"a$var:{KEY}",
        "$WM_TOKEN",
        "$5",
        "$interpolate",
        '"$var:',
        '\\"$res:',
        "\u2060$var:x",
    ]
)
JSON = st.recursive(
    TEXTS | st.none() | st.booleans() | st.integers(-(2**31), 2**31),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


class _Keeper(Items):
    """Every variable and resource is the secret."""

    def __init__(self) -> None:
        pass

    def get(self, workspace: str, path: str) -> Any:
        return type("Item", (), {"doc": {"value": SECRET}})


def arrives(value: Any, beside_secret: bool = False) -> Any:
    """What a script is given for the value, by a flow that marks it."""
    expression = marked("flow_input.x", beside_secret)
    made = asyncio.run(evaluate(expression, Scope({"flow_input": {"x": value}})))
    argument = [made, "$var:s"] if beside_secret else made
    given = Values(_Keeper(), _Keeper()).arguments("w", {"x": argument}, {"WM_TOKEN": SECRET})["x"]
    return given[0] if beside_secret else given


@given(JSON, st.booleans())
def test_what_a_flow_hands_on_arrives_as_it_was(value: Any, beside_secret: bool) -> None:
    told = arrives(value, beside_secret)
    assert SECRET not in json.dumps(told)
    if "\u2060$" not in json.dumps(value, ensure_ascii=False):
        assert unmarked(told) == value


@given(JSON)
def test_only_what_windmill_would_replace_is_refused(value: Any) -> None:
    problems = list(check_references({"x": value}))
    given = Values(_Keeper(), _Keeper()).arguments("w", {"x": value}, {"WM_TOKEN": SECRET})
    assert problems or SECRET not in json.dumps(given)
    assert KEY not in "".join(problem.message for problem in problems)


@pytest.mark.parametrize("attack", ATTACKS)
async def test_the_gateway_refuses_them_with_words(api: httpx.AsyncClient, attack: Any) -> None:
    catalog = {"pipeline": "rag-chatbot", "inputs": {"documents": attack}, "target": "local"}
    sketch = drawing(inputs={"documents": attack})
    for body in (catalog, sketch):
        answer = await api.post("/pipelines/deploy", json=body)
        assert answer.status_code == 422, answer.text
        [first, *_] = answer.json()["error"]["problems"]
        assert first["code"] == "E-CAT-025"
        assert first["field"].startswith("inputs.documents")
        assert "run: {secret: PATH}" in first["fix"]
        assert KEY not in answer.text


async def test_no_part_of_a_drawing_and_no_call_of_the_builder_is_spared(
    api: httpx.AsyncClient,
) -> None:
    attack = f"$var:{KEY}"
    body = drawing()
    body["nodes"][0]["config"] = {"path": attack}
    declared = drawing(declared_inputs={"a": {"default": attack}}, inputs={})
    for sent in (body, declared):
        answer = await api.post("/pipelines/deploy", json=sent)
        assert (answer.status_code, "E-CAT-025" in answer.text) == (422, True), answer.text
    asked = await api.post("/builder/run/call", json={"deployment_id": "x", "body": {"q": attack}})
    assert (asked.status_code, "E-CAT-025" in asked.text) == (422, True), asked.text


async def test_a_signed_event_is_no_way_around(connect: Connect, stack: Stack) -> None:
    key = base64.b64encode(b"k" * 32).decode()
    body = json.dumps({"pipeline": "rag-chatbot", "inputs": {"documents": f"$var:{KEY}"}})
    stamp = str(int(time.time()))
    signed = hmac.new(b"k" * 32, f"id.{stamp}.{body}".encode(), hashlib.sha256).digest()
    headers = {
        "webhook-id": "id",
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
        "content-type": "application/json",
    }
    before = stack.started()
    async with connect(webhook_secret=f"whsec_{key}") as http:
        answer = await http.post("/webhooks/deploy", content=body, headers=headers)
    assert (answer.status_code, "E-CAT-025" in answer.text) == (422, True), answer.text
    assert stack.started() == before


class Engine:
    """The embedded engine with a secret in it, over plain HTTP."""

    def __init__(self, url: str) -> None:
        headers = {"Authorization": "Bearer t"}
        self.http = httpx.Client(base_url=f"{url}/api/w/mlops", headers=headers, timeout=30)
        post(self.http, "folders/create", {"name": "mlops"})
        secret = {"path": KEY, "value": SECRET, "is_secret": True, "description": ""}
        post(self.http, "variables/create", secret)
        held = {"path": "f/mlops/holds_it", "value": {"x": f"$var:{KEY}"}, "resource_type": "any"}
        post(self.http, "resources/create", held)

    def script(self, path: str, content: str, **modules: str) -> None:
        carried = {path: {"content": text, "language": "python3"} for path, text in modules.items()}
        body = {"path": path, "content": content, "language": "python3", "lock": "", "summary": ""}
        post(self.http, "scripts/create", body | {"modules": carried or None})

    def flow(self, path: str, value: Doc) -> None:
        post(self.http, "flows/create", {"path": path, "summary": "", "value": value})

    def run(self, path: str, args: Doc) -> Doc:
        """The flow's job, ended."""
        job_id = self.http.post(f"/jobs/run/f/{path}", json=args).raise_for_status().text
        for _ in range(1500):
            job: Doc = self.http.get(f"/jobs_u/get/{job_id}").json()
            if job["type"] == "CompletedJob":
                return job
            time.sleep(0.02)
        raise AssertionError(f"{path} does not end: {job}")

    def everything(self) -> str:
        """All that anybody could read of all jobs."""
        listed = self.http.get("/jobs/list", params={"per_page": 1000}).json()
        return json.dumps([self.http.get(f"/jobs_u/get/{job['id']}").json() for job in listed])


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    (tmp_path / "token").write_text("t")
    (tmp_path / "token").chmod(0o600)
    with running_engine(tmp_path) as url:
        engine = Engine(url)
        yield engine
        engine.http.close()


SHOWS = "def main(**given):\n    return given\n"
WAYS_IN = {
    "ml_pipeline_deployment": ("pipeline", "inputs", "declared_inputs", "name", "target"),
    "destroy_deployment": ("deployment_id",),
    "destroy_deployments": ("deployment_ids",),
}


def own_flow(name: str) -> Doc:
    document = yaml.safe_load((OWN_FLOWS / f"{name}.flow" / "flow.yaml").read_text())
    return dict(document["value"])


def scripts_of(modules: list[Doc]) -> set[str]:
    """Paths of all scripts in there, however deep."""
    named = json.dumps(modules).split('"type": "script", "path": "')[1:]
    return {text.partition('"')[0] for text in named}


@pytest.mark.parametrize("name", WAYS_IN)
def test_our_flows_hand_no_secret_to_their_steps(engine: Engine, name: str) -> None:
    """Straight at Windmill's own API, past the gateway; each step shows all that it is given."""
    values = {flow: own_flow(flow) for flow in WAYS_IN}
    for path in set().union(*(scripts_of([value]) for value in values.values())):
        engine.script(path, SHOWS)
    for flow, value in values.items():
        engine.flow(f"f/mlops/{flow}", value)
    for argument in WAYS_IN[name]:
        for attack in ATTACKS:
            engine.run(f"f/mlops/{name}", {"target": "local", argument: attack})
            engine.run(f"f/mlops/{name}", {"target": "local", argument: [attack]})
    assert SECRET not in engine.everything()


class Foreign(BaseHTTPRequestHandler):
    answer: Any = None

    def do_GET(self) -> None:
        body = json.dumps(self.answer).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def foreign() -> Iterator[str]:
    """Somebody else's server; its answer holds references three levels deep."""
    Foreign.answer = {"all": ATTACKS, "first": ATTACKS[0], "deep": {"er": {"est": ATTACKS[0]}}}
    server = HTTPServer(("127.0.0.1", 0), Foreign)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


ASKS = """
import json, urllib.request
def main(url: str):
    return {"body": json.load(urllib.request.urlopen(url))}
"""
TAKES = "def main(data=None, token=None):\n    return {'data': data, 'knows': len(token or '')}\n"
ENTRIES = yaml.safe_load(Path(__file__).with_name("foreign_answers.yaml").read_text())


def push_catalog(engine: Engine) -> None:
    catalog = Catalog()
    for document in ENTRIES:
        entry, source = read_entry(yaml.safe_dump(document), f"{document['name']}.yaml")
        catalog = catalog.with_entry(entry, source)
    assert not (problems := check_catalog(catalog)), "\n".join(map(str, problems))
    for key, flow in compile_catalog(catalog):
        engine.flow(use_path(key), flow["value"])


@pytest.fixture
def pushed(engine: Engine) -> Engine:
    base = ("model/base/errors.py", "model/base/windmill_references.py")
    modules = {path: (SCRIPTS / path).read_text() for path in base}
    engine.script("f/mlops/outputs", (SCRIPTS / "outputs.py").read_text(), **modules)
    engine.script("f/test/asks", ASKS)
    engine.script("f/test/takes", TAKES)
    engine.script(
        "f/mlops/run_n8n_workflow", "def main(workflow, payload):\n    return {'data': payload}\n"
    )
    push_catalog(engine)
    return engine


def test_a_foreign_answer_goes_through_steps_and_names_no_secret(
    pushed: Engine, foreign: str
) -> None:
    job = pushed.run(use_path("meta-pipelines/asks-and-tells"), {"url": foreign, "note": ATTACKS})
    assert job["success"], job["result"]
    assert SECRET not in pushed.everything()
    assert job["result"]["data"]["again"] == Foreign.answer
    assert job["result"]["data"]["note"] == ATTACKS
    assert job["result"]["each"] == ATTACKS


def test_a_secret_that_an_entry_names_arrives_beside_such_data(
    pushed: Engine, foreign: str
) -> None:
    job = pushed.run(use_path("meta-pipelines/asks-and-tells"), {"url": foreign})
    assert job["result"]["knows"] == len(SECRET)


def test_data_packed_with_a_secret_is_not_replaced(pushed: Engine) -> None:
    given = {"data": ["$WM_TOKEN", f"$var:{KEY}"], "token": f"$var:{KEY}"}
    told = unmarked(pushed.run(use_path("playbooks/packs"), given)["result"])
    assert told == {"data": {"data": given["data"], "token": SECRET}}


def test_without_marks_the_secret_is_told(pushed: Engine, foreign: str) -> None:
    """So that the tests above show something."""
    asked = {"type": "script", "path": "f/test/asks"}
    url = {"url": {"type": "static", "value": foreign}}
    data = {"data": {"type": "javascript", "expr": "results.asked.body.deep"}}
    modules = [
        {"id": "asked", "value": asked | {"input_transforms": url}},
        {
            "id": "taken",
            "value": {"type": "script", "path": "f/test/takes", "input_transforms": data},
        },
    ]
    pushed.flow("f/test/naive", {"modules": modules})
    assert pushed.run("f/test/naive", {})["result"]["data"] == {"er": {"est": SECRET}}
