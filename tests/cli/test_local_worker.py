"""Which worker is the machine of target `local`, as `mlops setup` and `mlops doctor` tell it."""

from collections.abc import Iterator
from typing import Any

import pytest

from cli.actions.local_worker import local_findings
from cli.clients.windmill import WindmillAddress, WindmillClient
from cli.platform.checkup import Finding

TAG = "box"
HERE: dict[str, Any] = {
    "what": "local",
    "state": "ok",
    "found": "deployments live in /srv/mlops",
    "fix": "",
}
BROKEN = {**HERE, "state": "failed", "found": "/srv/mlops cannot be written to", "fix": "Mount"}


class Workers(WindmillClient):
    """A Windmill with these workers."""

    def __init__(self, *workers: dict[str, Any]) -> None:
        super().__init__(WindmillAddress("http://127.0.0.1:1", "", "mlops"))
        self.workers = list(workers)

    def _send(self, method: str, path: str, body: Any = None, allowed: Any = ()) -> Any:
        assert path.startswith("/workers/list")
        return self

    def json(self) -> Any:
        return self.workers


def worker(machine: str, *tags: str, last_ping: int = 3) -> dict[str, Any]:
    return {"worker_instance": machine, "custom_tags": list(tags), "last_ping": last_ping}


def told(
    workers: Workers, *checks: dict[str, Any], of_tag: tuple[dict[str, Any], ...] = (HERE,)
) -> Finding:
    def ask(tag: str) -> Iterator[Finding]:
        assert tag == TAG
        yield from (Finding(**check) for check in of_tag)

    said = {"worker": "w1", "embedded": False, "checks": checks}
    (found,) = local_findings(workers, said, ask)
    return found


@pytest.fixture
def tagged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLOPS_LOCAL_TAG", TAG)


@pytest.mark.usefixtures("tagged")
@pytest.mark.parametrize(
    ("workers", "says"),
    [
        ([worker("a", "python3")], "no worker listens to the tag box"),
        ([worker("a", TAG, last_ping=600)], "no worker listens to the tag box"),
        ([worker("a", TAG), worker("b", TAG)], "2 machines have the tag box: a, b"),
    ],
    ids=["nobody", "one that is gone", "two machines"],
)
def test_one_machine_has_the_tag(workers: list[dict[str, Any]], says: str) -> None:
    found = told(Workers(*workers))
    assert (found.state, found.found) == ("failed", says)
    assert found.fix


@pytest.mark.usefixtures("tagged")
def test_several_workers_of_one_machine_are_one() -> None:
    found = told(Workers(worker("a", TAG), worker("a", TAG), worker("b", "python3")))
    offers = "offered by the tag box, on a: deployments live in /srv/mlops"
    assert (found.state, found.found) == ("ok", offers)


@pytest.mark.usefixtures("tagged")
@pytest.mark.parametrize(
    ("of_tag", "says"), [((), "has no MLOPS_LOCAL_ROOT"), ((BROKEN,), "cannot be written to")]
)
def test_the_worker_of_the_tag_has_a_place_for_deployments(
    of_tag: tuple[dict[str, Any], ...], says: str
) -> None:
    found = told(Workers(worker("a", TAG)), of_tag=of_tag)
    assert found.state == "failed"
    assert says in found.found
    assert found.fix


def test_a_place_for_deployments_on_a_worker_of_everybody_s_is_a_warning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MLOPS_LOCAL_TAG", raising=False)
    found = told(Workers(), HERE)
    assert found.state == "warning"
    assert "WORKER_TAGS: mlops-local" in found.fix
