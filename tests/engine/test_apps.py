"""Full-code apps: what they may run, and their bundle."""

import json
import uuid
from typing import Any

import pytest

POLICY = {
    "execution_mode": "publisher",
    "triggerables_v2": {"double:script/f/apps/double": {"static_inputs": {"factor": 2}}},
}


@pytest.fixture
def app(windmill: Any) -> str:
    windmill.http.post("/folders/create", json={"name": "apps"})
    if not windmill.http.get("/scripts/exists/p/f/apps/double").json():
        script = {"path": "f/apps/double", "language": "python3", "lock": "", "summary": ""}
        code = "def main(number: int, factor: int) -> int:\n    return number * factor\n"
        windmill.http.post(
            "/scripts/create", json={**script, "content": code, "description": "", "schema": {}}
        )
    path = f"f/apps/a{uuid.uuid4().hex[:8]}"
    body = {"path": path, "summary": "Doubles", "policy": POLICY}
    created = windmill.http.post("/apps/create_raw", files=form(body, "let größe = 1;\r\n"))
    assert created.is_success, created.text
    return path


def form(body: dict[str, Any], js: str) -> dict[str, tuple[str, str, str]]:
    value = {"files": {"/index.tsx": js}, "runnables": {}}
    return {
        "app": ("app.json", json.dumps({"value": value, **body}), "application/json"),
        "js": ("bundle.js", js, "text/javascript"),
        "css": ("bundle.css", "a{}", "text/css"),
    }


def bundle(windmill: Any, app: str, kind: str) -> Any:
    secret = windmill.http.get(f"/apps/secret_of_latest_version/{app}").text
    return windmill.http.get(f"/apps/get_data/v/{secret}.{kind}")


def test_an_app_and_its_bundle_come_back_as_they_were_sent(windmill: Any, app: str) -> None:
    stored = windmill.http.get(f"/apps/get/p/{app}").json()
    assert (stored["summary"], stored["raw_app"]) == ("Doubles", True)
    assert bundle(windmill, app, "js").content == "let größe = 1;\r\n".encode()
    assert bundle(windmill, app, "css").headers["content-type"].startswith("text/css")
    assert app in [row["path"] for row in windmill.http.get("/apps/list").json()]


def test_an_update_has_another_secret_and_the_old_one_still_serves(windmill: Any, app: str) -> None:
    before = windmill.http.get(f"/apps/secret_of_latest_version/{app}").text
    assert windmill.http.post(f"/apps/update_raw/{app}", files=form({}, "new")).is_success
    assert bundle(windmill, app, "js").text == "new"
    assert "größe" in windmill.http.get(f"/apps/get_data/v/{before}.js").text


def test_a_component_runs_with_the_inputs_that_the_policy_fixes(windmill: Any, app: str) -> None:
    call = {"component": "double", "path": "script/f/apps/double"}
    args = {"number": 21, "factor": 1000}
    started = windmill.http.post(f"/apps_u/execute_component/{app}", json={**call, "args": args})
    result = {"completed": False}
    while not result["completed"]:
        result = windmill.http.get(f"/jobs_u/completed/get_result_maybe/{started.text}").json()
    assert result["result"] == 42


@pytest.mark.parametrize(
    ("component", "path"),
    [("other", "script/f/apps/double"), ("double", "flow/f/apps/double")],
)
def test_what_the_policy_does_not_name_is_not_run(
    windmill: Any, app: str, component: str, path: str
) -> None:
    call = {"component": component, "path": path, "args": {}}
    refused = windmill.http.post(f"/apps_u/execute_component/{app}", json=call)
    assert refused.status_code == 403
    assert component in refused.text


@pytest.mark.parametrize("secret", ["1-0000", "1", "x", "²-0"])
def test_a_bundle_needs_its_secret(windmill: Any, app: str, secret: str) -> None:
    assert windmill.http.get(f"/apps/get_data/v/{secret}.js").status_code == 404


def test_what_is_not_a_form_with_a_bundle_is_refused(windmill: Any, app: str) -> None:
    bad: list[dict[str, Any]] = [{"json": {}}, {"files": {"app": ("a", "{}", "application/json")}}]
    for sent in bad:
        assert windmill.http.post("/apps/create_raw", **sent).status_code == 400
