"""A push to the repository that is followed: planned, people asked, pushed as planned, told."""

import hashlib
import hmac
import json
import shutil
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.platform.home import ROOT
from tests.e2e.harness import Platform
from tests.n8n.answering import answer, links
from tests.n8n.conftest import GIT_SECRET, Sinks, until
from tests.n8n.server import N8nServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("n8n")]
ADDED = "n8n/workflows/nightly.json"
NAME = "MLOps: nightly"
TWENTY = 20


@dataclass(frozen=True)
class Repository:
    folder: Path

    def git(self, *arguments: str) -> str:
        who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.test")
        command = ["git", *who, "-C", str(self.folder), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self) -> str:
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a change")
        return self.git("rev-parse", "HEAD")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """This checkout's files, as they are, in a repository of their own."""
    folder = tmp_path_factory.mktemp("followed")
    wanted = ("ls-files", "--cached", "--others", "--exclude-standard")
    for name in Repository(ROOT).git(*wanted).splitlines():
        if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    made = Repository(folder)
    made.git("init", "--quiet", "--initial-branch", "main")
    return made


@pytest.fixture(scope="module")
def follower(connected: Platform, repository: Repository) -> Platform:
    told = {"GIT_PUSH_REPOSITORY": str(repository.folder)}
    return Platform(connected.home, {**connected.environment, **told})


def event(commit: str, branch: str = "main") -> bytes:
    """As GitHub sends it, as far as anybody reads it."""
    pushed = {"ref": f"refs/heads/{branch}", "after": commit, "pusher": {"name": "ann"}}
    return json.dumps({**pushed, "delivery": str(uuid.uuid4())}).encode()


def send(n8n: N8nServer, body: bytes, secret: str = GIT_SECRET) -> httpx.Response:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": f"sha256={digest}",
    }
    return n8n.webhook("mlops-git", content=body, headers=headers)


def follow(follower: Platform, line: str) -> str:
    """Until it has answered that."""
    told: str = until(lambda: (text := follower.run("sync", "follow", "--once").stdout) and text)
    assert line in told
    return told


def result(platform: Platform, run: str) -> Any:
    with platform.windmill() as windmill:
        url = f"/jobs_u/completed/get_result_maybe/{run}"
        return until(lambda: (told := windmill.get(url).json())["completed"] and told)


def told_of(sinks: Sinks, commit: str) -> str:
    found: str = until(
        lambda: next(
            (
                each["text"]
                for each in sinks.channel.messages
                if commit[:12] in each["text"] and "Approve: " not in each["text"]
            ),
            "",
        )
    )
    return found


def there(n8n: N8nServer) -> list[Any]:
    with n8n.api as http:
        found: list[Any] = http.get("/workflows", params={"name": NAME}).json()["data"]
    return found


@pytest.fixture(scope="module")
def added(connected: Platform, follower: Platform, repository: Repository, n8n: N8nServer) -> str:
    """A commit that adds a workflow; its event came twenty times, four at once."""
    document = json.loads((ROOT / "n8n/workflows/collect-feed.json").read_text())
    document["name"] = NAME
    trigger = next(node for node in document["nodes"] if "webhookId" in node)
    trigger |= {"webhookId": str(uuid.uuid4())}
    trigger["parameters"]["path"] = "mlops-nightly"
    (repository.folder / ADDED).write_text(json.dumps(document))
    commit = repository.commit()
    body = event(commit)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: send(n8n, body), range(TWENTY)))
    assert {each.status_code for each in answers} == {202}
    (run,) = {each.json()["id"] for each in answers}
    follow(follower, f"plan: {commit[:12]}")
    follow(follower, f"push: {commit[:12]}")
    assert result(connected, run)["success"]
    return commit


def test_what_a_commit_adds_is_there_after_one_run_and_people_are_told(
    added: str, n8n: N8nServer, sinks: Sinks
) -> None:
    (workflow,) = there(n8n)
    assert workflow["active"]
    assert told_of(sinks, added) == (f"main {added[:12]} by ann is there now:\n+ workflow nightly")


def test_what_a_commit_deletes_people_are_asked_for(
    added: str,
    connected: Platform,
    follower: Platform,
    repository: Repository,
    n8n: N8nServer,
    sinks: Sinks,
) -> None:
    (repository.folder / ADDED).unlink()
    rejected, run = asked(follower, repository, n8n, sinks, "Reject")
    assert not result(connected, run)["success"]
    assert there(n8n)
    told = f"main {rejected[:12]} by ann: somebody rejected it"
    assert told in {each["text"] for each in sinks.channel.messages}
    approved, run = asked(follower, repository, n8n, sinks, "Approve")
    follow(follower, f"push: {approved[:12]}")
    assert result(connected, run)["success"]
    assert there(n8n) == []


def asked(
    follower: Platform, repository: Repository, n8n: N8nServer, sinks: Sinks, said: str
) -> tuple[str, str]:
    """A commit and its run, once somebody said so."""
    commit = repository.commit()
    run = send(n8n, event(commit)).json()["id"]
    follow(follower, f"plan: {commit[:12]}")
    answer(links(sinks, f"May commit {commit[:12]} delete nightly?")[said])
    return commit, run


@pytest.mark.parametrize("forged", ["secret", "branch", "deleted"])
def test_what_is_not_ours_to_follow_starts_nothing(
    connected: Platform, n8n: N8nServer, forged: str
) -> None:
    body = event("0" * 40 if forged == "deleted" else "a" * 40, forged)
    given = send(n8n, body, "another secret of sixteen" if forged == "secret" else GIT_SECRET)
    assert given.status_code == (401 if forged == "secret" else 202)
    assert not given.json().get("id")
