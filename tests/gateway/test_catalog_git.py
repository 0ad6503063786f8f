"""The catalog's entries in Git through the gateway, with a real repository behind it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from gateway.access.roles import Principal
from gateway.routes.catalog_git import author_of
from history.save import _AUTHOR
from tests.gateway.access.conftest import ADMIN, add_key, bearer
from tests.gateway.conftest import Connect
from tests.history.repository import ECHO, TALK, Repository, make_repository

ADDRESS = "/catalog/playbooks/echo"
CHANGED = ECHO.replace("Says it again", "Says it once more")
THEIRS = ECHO.replace("Says it again", "Shouts it")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return make_repository(tmp_path / "work")


@pytest.fixture
async def git_api(connect: Connect, repository: Repository) -> AsyncIterator[httpx.AsyncClient]:
    given = {"mlops_catalog_repo": str(repository.path), "mlops_catalog_branches": "*"}
    async with connect(**given) as http:
        yield http


async def seen(http: httpx.AsyncClient) -> dict[str, Any]:
    answer = await http.get(f"{ADDRESS}/source")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_an_entry_is_read_changed_and_read_again(
    git_api: httpx.AsyncClient, repository: Repository
) -> None:
    before = await seen(git_api)
    assert (before["text"], before["commit"]) == (ECHO, repository.git("rev-parse", "HEAD"))
    body = {"text": CHANGED, "base": before["commit"], "message": "Clearer"}
    saved = (await git_api.put(ADDRESS, json=body)).json()
    assert saved["changed"]
    assert saved["version"] != before["version"]
    assert repository.git("rev-parse", "catalog-edits") == saved["commit"]
    assert repository.git("log", "-1", "--format=%an: %s", "catalog-edits") == (
        "this-machine: Clearer"
    )
    after = await seen(git_api)
    assert (after["text"], after["version"], after["commit"]) == (
        CHANGED,
        saved["version"],
        saved["commit"],
    )
    versions = await git_api.get(f"{ADDRESS}/versions", params={"ref": "catalog-edits"})
    assert [each["subject"] for each in versions.json()] == ["Clearer", "Begin"]
    old = await git_api.get(f"{ADDRESS}/source", params={"ref": "v1"})
    assert old.json() == before


async def test_an_entry_may_come_as_data(
    git_api: httpx.AsyncClient, repository: Repository
) -> None:
    entry = {**yaml.safe_load(ECHO), "name": "no", "summary": "yes"}
    answer = await git_api.put("/catalog/playbooks/no", json={"entry": entry})
    assert answer.status_code == 200, answer.text
    written = repository.git("show", "catalog-edits:catalog/playbooks/no.yaml")
    assert yaml.safe_load(written) == entry


async def test_of_two_who_save_at_once_one_is_shown_both_sides(git_api: httpx.AsyncClient) -> None:
    base = (await seen(git_api))["commit"]
    bodies = [{"text": text, "base": base} for text in (CHANGED, THEIRS)]
    answers = await asyncio.gather(*(git_api.put(ADDRESS, json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    lost = next(i for i, answer in enumerate(answers) if answer.status_code == 409)
    error = answers[lost].json()["error"]
    assert error["code"] == "entry_conflict"
    assert error["base"] == ECHO
    assert error["yours"] == bodies[lost]["text"]
    assert error["theirs"] == bodies[1 - lost]["text"] == (await seen(git_api))["text"]
    assert "-summary: Says it again" in error["diffs"]["theirs"]
    assert answers[1 - lost].json()["commit"][:12] in error["fix"]


async def test_what_is_wrong_has_line_and_column_and_is_not_saved(
    git_api: httpx.AsyncClient, repository: Repository
) -> None:
    body = {"text": TALK.replace("playbooks/echo", "playbooks/ecko"), "base": "HEAD"}
    answer = await git_api.put("/catalog/pipelines/talk", json=body)
    assert answer.status_code == 422
    problem = answer.json()["error"]["problems"][0]
    assert (problem["line"], problem["column"], problem["code"]) == (6, 20, "E-CAT-010")
    assert problem["fix"] == "Did you mean 'playbooks/echo'?"
    assert repository.git("branch", "--list", "catalog-edits") == ""


async def test_the_author_is_whoever_has_the_key(connect: Connect, repository: Repository) -> None:
    given = {"mlops_catalog_repo": str(repository.path), "api_key": ADMIN}
    async with connect(**given) as http:
        http.headers.update(bearer(ADMIN))
        key = bearer(await add_key(http, "ann-writes", "builder"))
        base = (await seen(http))["commit"]
        answer = await http.put(ADDRESS, json={"text": CHANGED, "base": base}, headers=key)
        assert answer.status_code == 200, answer.text
        await http.delete("/access/keys/ann-writes")
    written = repository.git("log", "-1", "--format=%an <%ae>, %cn", "catalog-edits")
    assert written == "key:ann-writes <ann-writes@gateway.invalid>, key:ann-writes"


@pytest.mark.parametrize(
    ("name", "author"),
    [
        ("oidc:ann@example.com", "oidc:ann@example.com <ann@example.com>"),
        ("oidc:4711", "oidc:4711 <4711@gateway.invalid>"),
        ("admin-key", "admin-key <admin-key@gateway.invalid>"),
        ("oidc:a b <x@y>\n", "oidc:a b ?x@y?? <a-b--x@y--@gateway.invalid>"),
        ("oidc:", "oidc: <oidc:@gateway.invalid>"),
    ],
)
def test_whoever_calls_is_written_as_git_writes_people(name: str, author: str) -> None:
    written = author_of(Principal(name, ()))
    assert written == author
    assert _AUTHOR.fullmatch(written)


@pytest.mark.parametrize(
    ("address", "body", "status", "code"),
    [
        (ADDRESS, {"text": ECHO, "entry": {}}, 422, "invalid_request"),
        (ADDRESS, {}, 422, "invalid_request"),
        (ADDRESS, {"text": TALK}, 422, "invalid_request"),
        (ADDRESS, {"text": "a: b: c"}, 422, "invalid_request"),
        (ADDRESS, {"text": CHANGED, "base": "--exec"}, 422, "bad_git_name"),
        (ADDRESS, {"text": CHANGED, "base": "0" * 40}, 422, "bad_git_name"),
        (ADDRESS, {"text": CHANGED, "branch": "../../x"}, 422, "bad_git_name"),
        (ADDRESS, {"text": CHANGED, "author": "Ann <a@b>"}, 422, "invalid_request"),
        (ADDRESS, {"text": CHANGED, "base": "HEAD", "branch": "main"}, 409, "not_saved"),
        ("/catalog/components/echo", {"text": CHANGED}, 422, "invalid_request"),
        ("/catalog/playbooks/..%2Fecho", {"text": CHANGED}, 405, "method_not_allowed"),
    ],
)
async def test_what_cannot_be_saved_is_refused(
    git_api: httpx.AsyncClient, address: str, body: dict[str, Any], status: int, code: str
) -> None:
    answer = await git_api.put(address, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    assert (await seen(git_api))["text"] == ECHO


@pytest.mark.parametrize(
    ("allowed", "branch", "status"),
    [
        ("", "main", 422),
        ("catalog-edits", "catalog-edits", 200),
        ("catalog-edits", "Catalog-edits", 422),
        ("catalog-edits", "catalog-edits/x", 422),
        ("catalog-edits, people/*", "people/ann", 200),
        ("people/*", "catalog-edits", 422),
    ],
)
async def test_a_bare_repository_takes_saves_to_its_branches_alone(
    connect: Connect, repository: Repository, tmp_path: Path, allowed: str, branch: str, status: int
) -> None:
    bare = tmp_path / "bare.git"
    repository.git("clone", "--quiet", "--bare", ".", str(bare))
    given = {"mlops_catalog_branches": allowed} if allowed else {}
    async with connect(mlops_catalog_repo=str(bare), **given) as http:
        answer = await http.put(ADDRESS, json={"text": CHANGED, "base": "HEAD", "branch": branch})
        assert answer.status_code == status, answer.text
    if status != 200:
        assert "MLOPS_CATALOG_BRANCHES" in answer.json()["error"]["fix"]


async def test_what_is_not_there_is_told_with_the_nearest(git_api: httpx.AsyncClient) -> None:
    answer = await git_api.get("/catalog/playbooks/ecko/source")
    assert answer.status_code == 404
    assert answer.json()["error"]["fix"] == "Did you mean 'playbooks/echo'?"


async def test_without_a_repository_it_says_what_to_set(connect: Connect, tmp_path: Path) -> None:
    for setting in ("", str(tmp_path)):
        async with connect(mlops_catalog_repo=setting) as http:
            answer = await http.put(ADDRESS, json={"text": ECHO})
            assert answer.status_code == 503
            assert "MLOPS_CATALOG_REPO" in answer.json()["error"]["fix"]


async def test_saving_needs_the_key(connect: Connect, repository: Repository) -> None:
    async with connect(caller="10.0.0.7", mlops_catalog_repo=str(repository.path)) as http:
        assert (await http.put(ADDRESS, json={"text": CHANGED})).status_code == 401
        assert (await http.get(f"{ADDRESS}/source")).status_code == 401


async def test_a_page_checks_saves_and_goes_back_to_an_entry(
    connect: Connect, repository: Repository
) -> None:
    given = {"mlops_catalog_repo": str(repository.path), "mlops_catalog_branches": "*"}
    address, here = f"/builder{ADDRESS}", {"origin": "http://127.0.0.1"}
    async with connect(api_key="a-key-for-tests-only", **given) as http:
        assert (await http.get(f"{address}/source")).status_code == 401
        await http.post("/builder/session", json={"key": "a-key-for-tests-only"}, headers=here)
        wrong = {"text": CHANGED.replace("run: {script", "run: {skript")}
        found = (await http.post("/builder/catalog/check", json=wrong, headers=here)).json()
        assert {each["line"] for each in found} == {6}
        right = await http.post("/builder/catalog/check", json={"text": CHANGED}, headers=here)
        assert right.json() == []
        base = (await http.get(f"{address}/source")).json()["commit"]
        saved = await http.put(address, json={"text": CHANGED, "base": base}, headers=here)
        assert saved.json()["branch"] == "catalog-edits"
        seen = (await http.get(f"{address}/versions")).json()
        assert seen[0]["commit"] == saved.json()["commit"]
        before = await http.get(f"{address}/source", params={"ref": seen[1]["commit"]})
        assert before.json()["text"] == ECHO
        crossed = await http.put(address, json={"text": THEIRS, "base": base}, headers=here)
        assert (crossed.status_code, crossed.json()["error"]["theirs"]) == (409, CHANGED)
