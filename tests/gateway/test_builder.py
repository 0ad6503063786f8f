"""The page around the builder: who gets in, and what it may ask for."""

import uuid

import httpx
import pytest

from tests.gateway.conftest import Connect
from tests.gateway.stack import Stack, drawing
from windmill.scripts.model.drawing.deployment import State
from windmill.scripts.model.drawing.reading import ReadingReport

KEY = "a-key-for-tests-only"
HERE = "http://127.0.0.1"


async def sign_in(http: httpx.AsyncClient, key: str = KEY, origin: str = HERE) -> httpx.Response:
    return await http.post("/builder/session", json={"key": key}, headers={"origin": origin})


async def test_the_key_opens_a_session_that_no_script_can_read(connect: Connect) -> None:
    async with connect(api_key=KEY) as http:
        assert (await http.get("/")).status_code == 401
        answer = await sign_in(http)
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert KEY not in cookie
        page = await http.get("/")
        assert (page.status_code, "<iframe" in page.text) == (200, True)


@pytest.mark.parametrize(("key", "origin"), [("wrong", HERE), (KEY, "http://127.0.0.1:9999")])
async def test_a_wrong_key_or_another_page_opens_nothing(
    connect: Connect, key: str, origin: str
) -> None:
    async with connect(api_key=KEY) as http:
        answer = await sign_in(http, key, origin)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers


async def test_a_session_is_of_no_use_to_a_page_of_another_port(connect: Connect) -> None:
    async with connect(api_key=KEY) as http:
        await sign_in(http)
        run = "/builder/run/catalog"
        other = {"origin": "http://127.0.0.1:9999"}
        assert (await http.post(run, json={}, headers=other)).status_code == 401
        assert (await http.post(run, json={}, headers={"origin": HERE})).status_code == 404


async def test_a_session_does_not_open_the_api(connect: Connect) -> None:
    async with connect(api_key=KEY) as http:
        await sign_in(http)
        assert (await http.get("/pipelines")).status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "9999999999.", "9999999999.00"])
async def test_a_forged_or_expired_session_is_refused(connect: Connect, cookie: str) -> None:
    async with connect(api_key=KEY) as http:
        http.cookies.set("mlops_session", cookie)
        assert (await http.get("/builder/app")).status_code == 401


async def test_a_windmill_without_the_app_says_how_to_get_it(api: httpx.AsyncClient) -> None:
    answer = await api.get("/builder/bundle.js")
    assert answer.status_code == 404
    assert "make builder" in answer.json()["error"]["fix"]


async def test_pages_take_nothing_from_elsewhere(api: httpx.AsyncClient) -> None:
    policy = (await api.get("/")).headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert (await api.get("/builder/pages/..%2fapp.py")).status_code == 404


async def test_a_page_shows_what_runs_with_its_drawing_and_what_it_read(
    connect: Connect, stack: Stack
) -> None:
    made = stack.register(str(uuid.uuid4()), "of-the-page", State.live)
    source = {"node": "docs", "kind": "file", "given": 2, "read": 2, "left_out": {}, "listed": []}
    stack.keep_report(made.id, ReadingReport.model_validate({"revision": 1, "sources": [source]}))
    async with connect(api_key=KEY) as http:
        assert (await http.get("/builder/deployments")).status_code == 401
        await sign_in(http)
        listed = {each["id"]: each for each in (await http.get("/builder/deployments")).json()}
        assert (listed[made.id]["name"], listed[made.id]["state"]) == ("of-the-page", "live")
        here = f"/builder/deployments/{made.id}"
        drawn = (await http.get(f"{here}/drawing")).json()
        assert (drawn["live"], drawn["pipeline"]["nodes"][0]["id"]) == (True, "docs")
        assert (await http.get(f"{here}/reading")).json()["sources"] == [source]


async def test_a_page_shows_the_catalog_and_what_a_drawing_would_do(connect: Connect) -> None:
    async with connect(api_key=KEY) as http:
        await sign_in(http)
        keys = [each["key"] for each in (await http.get("/builder/catalog")).json()]
        assert "pipelines/rag-chatbot" in keys
        plan = await http.post(
            "/builder/plan", json=drawing(target="local"), headers={"origin": HERE}
        )
        assert (plan.status_code, plan.json()["name"]) == (200, drawing()["name"])
