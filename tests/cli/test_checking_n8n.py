"""What `mlops setup` and `mlops doctor` tell of the n8n that the environment names."""

import io
import json
import tarfile
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from cli.actions.checking_n8n import FLOORS, is_new_enough, named_n8n
from cli.platform.checkup import Finding
from sync.instances.n8n_about import SCOPES

HELD = [f"{what}:{verb}" for what, verbs in SCOPES.items() for verb in verbs]
METRICS = """\
n8n_nodejs_version_info{version="v22.1.0",major="22",minor="1",patch="0"} 1
# TYPE n8n_version_info gauge
n8n_version_info{version="v2.42.3",major="2",minor="42",patch="3"} 1
"""


@dataclass
class Answers:
    """An n8n of a few answers, by path; anything else is not found."""

    by_path: dict[str, httpx.Response] = field(default_factory=dict)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        return self.by_path.get(request.url.path, httpx.Response(404))


@pytest.fixture
def n8n(monkeypatch: pytest.MonkeyPatch) -> Answers:
    answers, client = Answers(), httpx.Client
    answers.by_path["/api/v1/discover"] = httpx.Response(200, json={"data": {"scopes": HELD}})
    answers.by_path["/api/v1/workflows"] = httpx.Response(200, json={"data": [{"id": "w1"}]})
    monkeypatch.setenv("N8N_API_URL", "https://n8n.example/api/v1")
    monkeypatch.setenv("N8N_API_KEY", "key")

    def made(**options: Any) -> httpx.Client:
        return client(**options, transport=httpx.MockTransport(answers))

    monkeypatch.setattr(httpx, "Client", made)
    return answers


def package(version: str) -> httpx.Response:
    manifest, packed = json.dumps({"sourceN8nVersion": version}).encode(), io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        about = tarfile.TarInfo("manifest.json")
        about.size = len(manifest)
        archive.addfile(about, io.BytesIO(manifest))
    return httpx.Response(200, content=packed.getvalue())


def told() -> dict[str, Finding]:
    return {finding.what: finding for finding in named_n8n()}


def test_nothing_is_told_of_an_n8n_that_nobody_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("N8N_API_URL", raising=False)
    assert told() == {}


def test_its_version_is_that_of_its_metrics(n8n: Answers) -> None:
    n8n.by_path["/metrics"] = httpx.Response(200, text=METRICS)
    assert told() == {"n8n": Finding("n8n", "ok", "https://n8n.example  2.42.3")}


def test_without_metrics_it_is_that_of_a_package_it_exports(n8n: Answers) -> None:
    n8n.by_path["/api/v1/n8n-packages/export"] = package("2.41.1")
    (found,) = told().values()
    assert (found.state, "2.41.1 has known holes" in found.found) == ("failed", True)
    assert f"N8N_IMAGE=n8nio/n8n:{FLOORS[-1]}" in found.fix


def test_on_this_machine_known_holes_are_a_warning(
    n8n: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("N8N_API_URL", "http://127.0.0.1:5678")
    n8n.by_path["/api/v1/n8n-packages/export"] = package("2.41.1")
    assert told()["n8n"].state == "warning"


@pytest.mark.parametrize("workflows", [[], [{"id": "w1"}]], ids=["none", "not exported"])
def test_an_unknown_version_is_called_unknown(n8n: Answers, workflows: list[Any]) -> None:
    n8n.by_path["/api/v1/workflows"] = httpx.Response(200, json={"data": workflows})
    (found,) = told().values()
    assert (found.state, "unknown" in found.found) == ("warning", True)
    assert "N8N_METRICS=true" in found.fix


def test_the_scopes_that_the_key_lacks_are_named(n8n: Answers) -> None:
    fewer = [scope for scope in HELD if scope != "credential:create"]
    n8n.by_path["/api/v1/discover"] = httpx.Response(200, json={"data": {"scopes": fewer}})
    found = told()["n8n key"]
    assert (found.state, found.found) == ("failed", "lacks credential:create")


def test_what_the_key_may_beyond_its_work_is_named(n8n: Answers) -> None:
    more = [*HELD, "user:create", "workflow:delete", "tag:list", "project:update", "user:list"]
    n8n.by_path["/api/v1/discover"] = httpx.Response(200, json={"data": {"scopes": more}})
    found = told()["n8n key"]
    assert (found.state, found.found) == ("warning", "may also work with project, user")


def test_a_wrong_key_is_told_with_what_mends_it(n8n: Answers) -> None:
    refused = httpx.Response(401, json={"message": "unauthorized"})
    n8n.by_path |= {"/api/v1/discover": refused, "/api/v1/workflows": refused}
    (found,) = told().values()
    assert (found.state, "401" in found.found) == ("failed", True)
    assert "N8N_API_KEY" in found.fix


@pytest.mark.slow
def test_one_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("N8N_API_URL", "http://127.0.0.1:1")
    (found,) = told().values()
    assert (found.state, "does not answer" in found.found) == ("failed", True)


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("1.123.82", False),
        ("1.123.83", True),
        ("2.8.4", False),
        ("2.41.3", False),
        ("2.41.4", True),
        ("2.42.0", False),
        ("2.42.1", True),
        ("3.0.0", True),
    ],
)
def test_each_line_has_a_floor_of_its_own(version: str, enough: bool) -> None:
    assert is_new_enough(version) is enough
