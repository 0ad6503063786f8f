"""HTTP triggers: over the API that keeps them, and called as other programs call them."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from starlette.datastructures import Headers

from engine.errors import ApiError
from engine.store.items import Item
from engine.triggers.routes import find
from engine.triggers.senders import Call, check_sender

Doc = dict[str, Any]
HERE = Path(__file__)
ROUTES = yaml.safe_load(HERE.with_name("routes.yaml").read_text())
SENDERS = yaml.safe_load(HERE.with_name("senders.yaml").read_text())
BODY, NOW = '{"a": 1}', 1_000_000.0


def names(cases: list[Doc], key: str) -> list[Any]:
    return [pytest.param(case, id=f"{number} {case[key]}") for number, case in enumerate(cases)]


@pytest.mark.parametrize("workspaced", [False, True])
@pytest.mark.parametrize("case", names(ROUTES, "called"))
def test_a_request_finds_its_route(case: Doc, workspaced: bool) -> None:
    kept = [
        Item(route, {"route_path": route, "http_method": "get", "workspaced_route": workspaced}, 0)
        for route in case["routes"]
    ]
    called = f"mlops/{case['called']}" if workspaced else case["called"]
    match = find(kept, "mlops", "get", called)
    expected = (case["takes"], case["params"]) if "takes" in case else None
    assert (match and (match[0].path, match[1])) == expected
    assert find(kept, "mlops", "post", called) is None


def signature(text: str, key: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize("case", names(SENDERS, "name"))
def test_a_sender_is_known(case: Doc) -> None:
    headers = dict(case.get("headers", {}))
    if signed := case.get("signed"):
        headers[signed["header"]] = signed["prefix"] + signature(signed["text"], signed["key"])
    call = Call(Headers(headers), BODY, NOW)
    if "refused" not in case:
        check_sender(case["method"], case["resource"], call)
        return
    status, why = case["refused"]
    with pytest.raises(ApiError, match=why) as refused:
        check_sender(case["method"], case["resource"], call)
    assert refused.value.status == status


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "hex": binascii.hexlify,
    "base64": base64.b64encode,
    "base64uri": base64.urlsafe_b64encode,
}


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_signature_has_the_algorithm_and_encoding_that_were_chosen(
    algorithm: str, encoding: str
) -> None:
    how = {"algorithm": algorithm, "encoding": encoding, "signature_header_name": "X-Sig"}
    secret = {"signature_provider": "Custom", "secret_key": "k", "authentication_config": how}
    sent = ENCODERS[encoding](hmac.digest(b"k", BODY.encode(), algorithm)).decode()
    check_sender("signature", secret, Call(Headers({"x-sig": sent}), BODY, NOW))


EVENT = "def preprocessor(event):\n    return {'event': event}\n\n\ndef main():\n    ...\n"


@dataclass
class Site:
    """A script that answers with its arguments, and routes of one's own to it."""

    windmill: Any
    name: str

    def body(self, **more: Any) -> Doc:
        base = {"path": f"f/x/{self.name}", "script_path": f"f/x/{self.name}", "is_flow": False}
        base |= {"route_path": self.name, "http_method": "post", "is_static_website": False}
        return base | {"authentication_method": "none"} | more

    def post(self, where: str, body: Any) -> httpx.Response:
        answer: httpx.Response = self.windmill.http.post(f"/http_triggers/{where}", json=body)
        return answer

    def open(self, **more: Any) -> None:
        self.post("create", self.body(**more)).raise_for_status()

    def call(self, method: str = "post", under: str = "", **sent: Any) -> httpx.Response:
        return httpx.request(method, f"{self.windmill.url}/api/r/{self.name}{under}", **sent)

    def resource(self, value: Doc) -> Doc:
        body = {"path": f"f/x/{self.name}_secret", "value": value, "resource_type": "any"}
        self.windmill.post("/resources/create", body)
        return {"authentication_resource_path": body["path"]}


@pytest.fixture
def site(windmill: Any, unique: str) -> Iterator[Site]:
    windmill.script(
        f"f/x/{unique}",
        "def main(a=None, body=None, raw_string=None):\n"
        "    return {'a': a, 'body': body, 'raw': raw_string}\n",
    )
    yield Site(windmill, unique)
    windmill.http.delete(f"/http_triggers/delete/f/x/{unique}")


@pytest.mark.slow
def test_a_route_is_kept_shown_changed_and_deleted(site: Site) -> None:
    path, windmill = f"f/x/{site.name}", site.windmill
    made = site.post("create", site.body(summary="Price"))
    assert (made.status_code, made.text) == (201, path)
    shown = windmill.get(f"/http_triggers/get/{path}")
    assert {key: shown[key] for key in site.body()} == site.body()
    assert (shown["request_type"], shown["mode"], shown["wrap_body"]) == ("sync", "enabled", False)
    assert (shown["summary"], shown["route_path_key"]) == ("Price", site.name)
    (row,) = windmill.get("/http_triggers/list", path_start=path)
    assert row["route_path"] == site.name
    edited = site.post(f"update/{path}", site.body(route_path=f"{site.name}/:id", is_async=True))
    assert (edited.status_code, edited.text) == (200, f"Trigger '{path}' updated")
    shown = windmill.get(f"/http_triggers/get/{path}")
    assert (shown["route_path_key"], shown["request_type"]) == (f"{site.name}/:key", "async")
    gone = windmill.http.delete(f"/http_triggers/delete/{path}")
    assert (gone.status_code, gone.text) == (200, f"Trigger '{path}' deleted")
    assert not windmill.get(f"/http_triggers/exists/{path}")
    assert windmill.http.get(f"/http_triggers/get/{path}").status_code == 404


@pytest.mark.slow
def test_two_routes_do_not_take_the_same_requests(site: Site) -> None:
    site.open(route_path=f"{site.name}/:id")
    taken = {"route_path": f"{site.name}/:other", "http_method": "post"}
    assert site.post("route_exists", taken).json() is True
    assert site.post("route_exists", taken | {"http_method": "get"}).json() is False
    mine = taken | {"trigger_path": f"f/x/{site.name}"}
    assert site.post("route_exists", mine).json() is False
    another = site.body(**taken) | {"path": f"f/x/{site.name}_2"}
    assert (site.post("create", another).status_code) == 400
    both = [another | {"http_method": "get"}, another | {"path": f"f/x/{site.name}_3"}]
    assert site.post("create_many", both).status_code == 400
    assert not site.windmill.get(f"/http_triggers/exists/f/x/{site.name}_2")


WRONG = [
    ({"route_path": "/begins/with/slash"}, "Invalid route path"),
    ({"route_path": "*rest/more"}, "Invalid route path"),
    ({"route_path": ""}, ""),
    ({"http_method": "brew"}, ""),
    ({"authentication_method": "custom_script"}, "raw body"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("wrong", "why"), WRONG, ids=[json.dumps(case[0]) for case in WRONG])
def test_a_route_is_refused(site: Site, wrong: Doc, why: str) -> None:
    answer = site.post("create", site.body(**wrong))
    assert 400 <= answer.status_code < 500
    assert why in answer.text


NOT_HERE: list[Doc] = [
    {"is_static_website": True},
    {"static_asset_config": {"s3": "a"}},
    {"mode": "suspended"},
    {"error_handler_path": "f/x/y"},
    {"retry": {"constant": {"attempts": 1, "seconds": 1}}},
]


@pytest.mark.slow
@pytest.mark.parametrize("field", NOT_HERE, ids=[" ".join(field) for field in NOT_HERE])
def test_what_the_embedded_engine_does_not_do_is_refused_by_name(
    request: pytest.FixtureRequest, site: Site, field: Doc
) -> None:
    if request.config.getoption("--windmill-url", default=None):
        return
    answer = site.post("create", site.body(**field))
    assert (answer.status_code, next(iter(field)) in answer.text) == (400, True)


# Of the trigger, of the request, and what the script was given.
GIVEN: list[tuple[Doc, Doc, Doc]] = [
    ({}, {"json": {"a": 1}}, {"a": 1}),
    ({}, {}, {}),
    ({}, {"json": [1]}, {"body": [1]}),
    ({}, {"json": {"a": 1}, "params": {"a": "2"}}, {"a": 1}),
    ({"wrap_body": True}, {"json": {"a": 1}}, {"body": {"a": 1}}),
    ({"raw_string": True}, {"content": BODY}, {"a": 1, "raw": BODY}),
    ({}, {"data": {"a": "x y"}}, {"a": "x y"}),
    ({}, {"content": "hi", "headers": {"content-type": "text/plain"}}, {"raw": "hi"}),
]


@pytest.mark.slow
@pytest.mark.parametrize(("trigger", "sent", "given"), GIVEN)
def test_a_script_is_given(site: Site, trigger: Doc, sent: Doc, given: Doc) -> None:
    site.open(**trigger)
    answer = site.call(**sent)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert answer.json() == {"a": None, "body": None, "raw": None} | given


@pytest.mark.slow
def test_a_preprocessor_is_given_the_whole_request(site: Site, raw: Any) -> None:
    prepare = {"id": "preprocessor", "value": raw(EVENT)}
    identity = {"id": "a", "value": {"type": "identity"}}
    flow = f"f/x/{site.name}_flow"
    site.windmill.flow(flow, {"preprocessor_module": prepare, "modules": [identity]})
    site.open(is_flow=True, script_path=flow, route_path=f"{site.name}/:id", raw_string=True)
    check_event(site)


@pytest.mark.slow
def test_a_script_s_own_preprocessor_is_given_it_too_and_what_it_makes_are_the_arguments(
    site: Site,
) -> None:
    path = f"f/x/{site.name}_script"
    event = "def preprocessor(event):\n    return {'event': event, 'n': 2}\n"
    main = "def main(event, n=1):\n    return {'event': event}\n"
    site.windmill.script(path, event + main, has_preprocessor=True)
    site.open(is_flow=False, script_path=path, route_path=f"{site.name}/:id", raw_string=True)
    check_event(site)
    (job,) = site.windmill.get("/jobs/list", script_path_exact=path)
    assert site.windmill.job(job["id"])["args"].keys() == {"event", "n"}
    assert site.windmill.job(job["id"])["args"]["event"]["kind"] == "http"


def check_event(site: Site) -> None:
    event = site.call(under="/7?q=1", content=BODY, headers={"X-Mine": "yes"}).json()["event"]
    assert event["headers"].pop("x-mine") == "yes"
    del event["headers"]
    event.pop("trigger_path", None)  # newer servers tell it
    assert event == {
        "kind": "http",
        "route": f"{site.name}/:id",
        "path": f"{site.name}/7",
        "method": "post",
        "params": {"id": "7"},
        "query": {"q": "1"},
        "body": {"a": 1},
        "raw_string": BODY,
    }


@pytest.mark.slow
def test_methods_and_what_is_not_there(site: Site) -> None:
    site.open(http_method="get")
    assert site.call("get").status_code == 200
    assert site.call("get", under="/").status_code == 200
    assert site.call("post").status_code == 404
    assert site.call("get", under="/more").status_code == 404
    for method in ("head", "options"):
        asked = site.call(method)
        assert (asked.status_code, asked.text) == (200, "")
        assert "DELETE" in asked.headers["access-control-allow-methods"]


@pytest.mark.slow
def test_a_disabled_route_is_not_there(site: Site) -> None:
    site.open(http_method="get")
    path = f"f/x/{site.name}"
    assert site.post(f"setmode/{path}", {"mode": "disabled"}).text == f"Trigger '{path}' disabled"
    assert site.call("get").status_code == 404
    site.post(f"setmode/{path}", {"mode": "enabled"})
    assert site.call("get").status_code == 200


@pytest.mark.slow
def test_a_caller_that_does_not_wait_gets_the_job(site: Site) -> None:
    site.open(request_type="async")
    started = site.call(json={"a": 1})
    assert started.status_code == 201
    job = site.windmill.ended(started.text)
    assert (job["result"]["a"], job["created_by"]) == (1, f"HTTP-f/x/{site.name}")


@pytest.mark.slow
def test_a_caller_that_listens_gets_the_result_as_an_event(site: Site) -> None:
    site.open(request_type="sync_sse")
    answer = site.call(json={"a": 1})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line]
    assert events[-1]["only_result"]["a"] == 1


@pytest.mark.slow
def test_a_result_may_shape_its_answer(site: Site) -> None:
    code = "def main():\n    return {'windmill_status_code': 418, 'result': 'tea',"
    code += " 'windmill_content_type': 'text/plain'}\n"
    site.windmill.script(f"f/x/{site.name}_tea", code)
    site.open(script_path=f"f/x/{site.name}_tea")
    assert (site.call().status_code, site.call().text) == (418, "tea")


@pytest.mark.slow
def test_a_route_for_people_of_windmill_wants_their_token(site: Site) -> None:
    site.open(authentication_method="windmill")
    assert site.call().status_code == 401
    wrong = {"Authorization": "Bearer wrong"}
    assert site.call(headers=wrong).status_code == 401
    headers = {"Authorization": f"Bearer {site.windmill.token}"}
    assert site.call(headers=headers).status_code == 200


@pytest.mark.slow
def test_a_route_with_a_key_wants_it(site: Site) -> None:
    secret = site.resource({"api_key_header": "X-Key", "api_key_secret": "s3cret"})
    site.open(authentication_method="api_key", **secret)
    assert (site.call().status_code, site.call().text) == (401, "Unauthorized")
    assert site.call(headers={"X-Key": "s3cret"}).status_code == 200


@pytest.mark.slow
def test_a_route_with_a_password_asks_for_it(site: Site) -> None:
    secret = site.resource({"username": "ann", "password": "pw"})
    site.open(authentication_method="basic_http", **secret)
    assert site.call().headers["www-authenticate"] == 'Basic realm="Restricted Area"'
    assert site.call(auth=("ann", "pw")).status_code == 200


@pytest.mark.slow
def test_a_signed_request_brings_its_text_along(site: Site) -> None:
    secret = site.resource({"signature_provider": "Github", "secret_key": "k"})
    site.open(authentication_method="signature", **secret)
    refused = site.call(content=BODY)
    assert (refused.status_code, list(refused.json())) == (400, ["error"])
    headers = {"X-Hub-Signature-256": f"sha256={signature(BODY, 'k')}"}
    assert site.call(content=BODY, headers=headers).json()["raw"] == BODY
    assert site.call(content='{"a": 2}', headers=headers).status_code == 401


@pytest.mark.slow
def test_a_route_without_its_resource_lets_nobody_in(site: Site) -> None:
    site.open(authentication_method="api_key")
    assert site.call().status_code == 400


@pytest.mark.slow
def test_a_body_that_cannot_be_read_is_refused(site: Site) -> None:
    site.open()
    assert site.call(content="{").status_code == 400
    image = {"content-type": "image/png"}
    assert site.call(content=b"x", headers=image).status_code == 415
