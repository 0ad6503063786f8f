"""Back to an earlier revision: what was settled then is deployed once more."""

import uuid
from datetime import UTC, datetime

import httpx
import pytest

from gateway.errors import InvalidRequest, NoSuchRevision
from gateway.runs.deploys import rollback, scaled
from tests.gateway.stack import Stack
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.drawing.deployment import Deployment, Revision, State
from windmill.scripts.model.drawing.pipeline import Node, Pipeline
from windmill.scripts.model.drawing.replicas import with_replicas

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def drawing(number: int, name: str = "rag") -> Pipeline:
    return Pipeline(name=name, nodes=(Node(id=f"docs{number}", component="documents"),))


def revisions(*numbers: int) -> list[Revision]:
    return [Revision(number=n, created_at=MOMENT, pipeline=drawing(n)) for n in numbers]


def deployment(revision: int, live: int, state: State = State.live) -> Deployment:
    return Deployment(
        id="rag-abc123",
        name="rag",
        target=Target.local,
        state=state,
        revision=revision,
        live_revision=live,
        created_at=MOMENT,
        updated_at=MOMENT,
    )


@pytest.mark.parametrize(
    ("is_at", "lives", "state", "to", "goes_to"),
    [
        (3, 3, State.live, None, 2),
        (3, 3, State.live, 1, 1),
        (1, 1, State.live, 3, 3),
        (3, 2, State.degraded, None, 2),
        (3, 1, State.degraded, None, 1),
        (3, 0, State.failed, None, 2),
    ],
    ids=["the one before", "named", "forth", "degraded", "degraded after a rollback", "failed"],
)
def test_a_rollback_goes_to_what_ran_before(
    is_at: int, lives: int, state: State, to: int | None, goes_to: int
) -> None:
    run = rollback(deployment(is_at, lives, state), revisions(3, 2, 1), to)
    assert run.args["pipeline"]["nodes"][0]["id"] == f"docs{goes_to}"
    assert (run.args["target"], run.deploys) == ("local", ("rag",))


@pytest.mark.parametrize(("is_at", "to"), [(1, None), (2, 7)])
def test_a_revision_that_is_not_there_is_told(is_at: int, to: int | None) -> None:
    with pytest.raises(NoSuchRevision):
        rollback(deployment(is_at, is_at), revisions(2, 1), to)


def test_what_windmill_would_put_a_secret_for_is_not_sent_again() -> None:
    node = Node(id="docs", component="documents", config={"path": "$var:f/mlops/secret_key"})
    kept = Revision(number=1, created_at=MOMENT, pipeline=Pipeline(name="rag", nodes=(node,)))
    with pytest.raises(InvalidRequest):
        rollback(deployment(1, 1), [kept], 1)


def two_revisions(stack: Stack) -> str:
    """A deployment's name; its second revision lives."""
    name = f"rag-{uuid.uuid4().hex[:6]}"
    registry = stack.registry()
    for number in (1, 2):
        found = registry.begin(
            drawing(number, name), str(uuid.uuid4()), str(uuid.uuid4()), lambda _: True
        )
        registry.assign_target(found.id, Target.local, {"api": 9000})
        registry.finish(found.id, State.live)
    registry.engine.dispose()
    return name


@pytest.mark.slow
async def test_the_revisions_of_a_deployment_are_listed(
    api: httpx.AsyncClient, stack: Stack
) -> None:
    listed = (await api.get(f"/pipelines/{two_revisions(stack)}/revisions")).json()
    assert [(each["number"], each["live"]) for each in listed] == [(2, True), (1, False)]
    assert listed[1]["pipeline"]["nodes"][0]["id"] == "docs1"


@pytest.mark.slow
async def test_rolling_back_deploys_what_was_settled_before(
    api: httpx.AsyncClient, stack: Stack
) -> None:
    name = two_revisions(stack)
    answer = await api.post(f"/pipelines/{name}/rollback", json={})
    assert answer.status_code == 202, answer.text
    with stack.windmill() as windmill:
        job = windmill.get(f"/jobs_u/get/{answer.json()['id']}").json()
    before = drawing(1, name).model_dump(mode="json", exclude_none=True)
    assert job["args"]["pipeline"] == before | {"compute": {"replicas": 1}}
    assert (job["args"]["target"], answer.json()["name"]) == ("local", name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "status"), [({"to": 7}, 404), ({"to": 0}, 422), ({"revision": 1}, 422)]
)
async def test_a_rollback_to_nothing_starts_nothing(
    api: httpx.AsyncClient, stack: Stack, body: dict[str, int], status: int
) -> None:
    name = two_revisions(stack)
    before = stack.started()
    assert (await api.post(f"/pipelines/{name}/rollback", json=body)).status_code == status
    assert stack.started() == before


@pytest.mark.slow
async def test_what_is_destroyed_has_no_way_back(api: httpx.AsyncClient, stack: Stack) -> None:
    gone = stack.register(str(uuid.uuid4()), f"rag-{uuid.uuid4().hex[:6]}", State.destroyed)
    assert (await api.post(f"/pipelines/{gone.id}/rollback", json={})).status_code == 404


@pytest.mark.slow
async def test_what_is_live_is_deployed_again_and_twice_by_one_key_is_once(
    api: httpx.AsyncClient, stack: Stack
) -> None:
    name, key = two_revisions(stack), {"Idempotency-Key": str(uuid.uuid4())}
    answers = [await api.post(f"/pipelines/{name}/redeploy", headers=key) for _ in range(2)]
    assert [each.status_code for each in answers] == [202, 202], answers[0].text
    (id,) = {each.json()["id"] for each in answers}
    with stack.windmill() as windmill:
        job = windmill.get(f"/jobs_u/get/{id}").json()
    assert job["args"]["pipeline"] == drawing(2, name).model_dump(mode="json", exclude_none=True)
    assert (job["args"]["target"], answers[0].json()["name"]) == ("local", name)


@pytest.mark.slow
async def test_scaling_deploys_what_is_live_so_many_times(
    api: httpx.AsyncClient, stack: Stack
) -> None:
    name = two_revisions(stack)
    assert (await api.get(f"/pipelines/{name}/status")).json()["replicas"] == 1
    plan = await api.post(f"/pipelines/{name}/scale/plan", json={"replicas": 3})
    assert (plan.status_code, plan.json()["name"]) == (200, name)
    answer = await api.post(f"/pipelines/{name}/scale", json={"replicas": 3})
    assert answer.status_code == 202, answer.text
    with stack.windmill() as windmill:
        job = windmill.get(f"/jobs_u/get/{answer.json()['id']}").json()
    live = drawing(2, name).model_dump(mode="json", exclude_none=True)
    assert job["args"]["pipeline"] == live | {"compute": {"replicas": 3}}
    assert job["args"]["target"] == "local"


@pytest.mark.slow
@pytest.mark.parametrize("body", [{"replicas": 0}, {"replicas": 33}, {"to": 2}, {}])
async def test_a_number_that_is_none_starts_nothing(
    api: httpx.AsyncClient, stack: Stack, body: dict[str, int]
) -> None:
    name = two_revisions(stack)
    before = stack.started()
    for where in ("scale", "scale/plan"):
        assert (await api.post(f"/pipelines/{name}/{where}", json=body)).status_code == 422
    assert stack.started() == before


def test_what_never_went_live_is_not_scaled() -> None:
    with pytest.raises(NoSuchRevision, match="no live revision"):
        scaled(deployment(1, 0, State.failed), revisions(1), 2)


def test_a_rollback_takes_the_number_of_its_revision_too() -> None:
    kept = [
        Revision(number=2, created_at=MOMENT, pipeline=with_replicas(drawing(2), 3)),
        *revisions(1),
    ]
    assert rollback(deployment(2, 2), kept, None).args["pipeline"]["compute"] == {"replicas": 1}
    assert rollback(deployment(1, 1), kept, 2).args["pipeline"]["compute"] == {"replicas": 3}
