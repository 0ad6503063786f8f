import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from windmill.scripts.model.base.errors import DeploymentBusy, NameIsAnId, UnknownDeployment
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.model.drawing.pipeline import Node, Pipeline
from windmill.scripts.model.drawing.reading import ReadingReport, SourceReading
from windmill.scripts.store.registry import Registry

DRAWING = Pipeline(name="rag", nodes=(Node(id="a", component="documents"),))
OTHER = Pipeline(name="rag", nodes=(Node(id="b", component="documents"),))


def never_over(_job: str) -> bool:
    return False


def always_over(_job: str) -> bool:
    return True


@pytest.fixture
def registry(database_url: str) -> Iterator[Registry]:
    ticks = count()
    start = datetime(2026, 1, 1, tzinfo=UTC)
    registry = Registry(database_url, lambda: start + timedelta(seconds=next(ticks)))
    yield registry
    registry.engine.dispose()


def deploy(registry: Registry, job: str, drawing: Pipeline = DRAWING) -> Deployment:
    deployment = registry.begin(drawing, job, f"root-{job}", never_over)
    registry.assign_target(deployment.id, Target.local, {"api": 4000})
    return registry.finish(deployment.id, State.live)


def test_a_restarted_step_opens_the_same_deployment(registry: Registry) -> None:
    first = registry.begin(DRAWING, "job-1", "root-1", never_over)
    again = registry.begin(DRAWING, "job-1", "root-1", never_over)
    assert again.id == first.id
    assert len(registry.list()) == 1


def test_the_same_drawing_is_the_same_revision_and_another_is_the_next(registry: Registry) -> None:
    assert deploy(registry, "job-1").revision == 1
    assert deploy(registry, "job-2").revision == 1
    assert deploy(registry, "job-3", OTHER).revision == 2
    assert deploy(registry, "job-4").revision == 1


def test_ports_are_chosen_once(registry: Registry) -> None:
    deployment = deploy(registry, "job-1")
    kept = registry.assign_target(deployment.id, Target.local, {"api": 5000, "litellm": 5001})
    assert kept.ports == {"api": 4000, "litellm": 5001}


def test_a_second_run_is_refused_while_the_first_runs(registry: Registry) -> None:
    registry.begin(DRAWING, "job-1", "root-1", never_over)
    with pytest.raises(DeploymentBusy, match="job-1"):
        registry.begin(DRAWING, "job-2", "root-2", never_over)


def test_a_run_whose_job_has_died_gives_way(registry: Registry) -> None:
    first = registry.begin(DRAWING, "job-1", "root-1", never_over)
    assert registry.begin(DRAWING, "job-2", "root-2", always_over).id == first.id


def test_a_name_that_is_another_deployment_s_id_is_refused(registry: Registry) -> None:
    first = deploy(registry, "job-1")
    with pytest.raises(NameIsAnId, match=first.id):
        deploy(registry, "job-2", DRAWING.model_copy(update={"name": first.id}))
    assert [each.id for each in registry.list()] == [first.id]


def test_an_id_is_never_another_deployment_s_name(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(registry, "job-1", DRAWING.model_copy(update={"name": "rag-c0ffee"}))
    tokens = iter(["c0ffee", "decade"])
    monkeypatch.setattr(secrets, "token_hex", lambda _: next(tokens))
    assert deploy(registry, "job-2").id == "rag-decade"


def test_a_destroyed_name_is_free_again_and_the_past_stays_readable(registry: Registry) -> None:
    old = deploy(registry, "job-1")
    registry.begin_destroy(old.id, "job-2", "root-2", never_over)
    registry.finish(old.id, State.destroyed)
    new = deploy(registry, "job-3")
    assert new.id != old.id
    assert [d.id for d in registry.list()] == [new.id]
    assert {d.id for d in registry.list(include_destroyed=True)} == {old.id, new.id}
    assert registry.get("rag") == registry.get(new.id)


def test_a_deployment_is_found_by_its_flow_and_by_what_started_the_flow(registry: Registry) -> None:
    deployment = deploy(registry, "job-1")
    assert registry.by_job("job-1") == registry.by_job("root-job-1") == registry.get(deployment.id)
    assert registry.by_job("job-9") is None


def test_events_come_in_order_and_only_new_ones_on_request(registry: Registry) -> None:
    deployment = deploy(registry, "job-1")
    registry.record(deployment.id, "apply", "one")
    registry.record(deployment.id, "apply", "two", data={"n": 2})
    first, second = registry.events(deployment.id)
    assert (first.message, second.message, second.data) == ("one", "two", {"n": 2})
    assert registry.events(deployment.id, after=first.id) == [second]
    assert first.at.tzinfo is not None


def test_an_unknown_deployment_is_named(registry: Registry) -> None:
    with pytest.raises(UnknownDeployment, match="nobody"):
        registry.record("nobody", "apply", "x")


def test_the_registry_is_nobody_else_s_to_read(tmp_path: Path) -> None:
    Registry(f"sqlite:///{tmp_path}/registry.db").engine.dispose()
    assert (tmp_path / "registry.db").stat().st_mode & 0o077 == 0


def test_an_unknown_deployment_is_told_with_what_shows_those_there_are(registry: Registry) -> None:
    with pytest.raises(UnknownDeployment) as caught:
        registry.require("nobody")
    assert "nobody" in caught.value.message
    assert "mlops ls" in caught.value.fix


def test_a_meta_pipeline_knows_its_parts_and_its_latest_run(registry: Registry) -> None:
    for job, name in (("job-1", "desk-chat"), ("job-2", "desk-llm")):
        drawing = DRAWING.model_copy(update={"name": name})
        registry.begin(drawing, job, "first", always_over, "desk")
    assert [(job, each.name) for job, each in registry.made_by("first")] == [
        ("job-1", "desk-chat"), ("job-2", "desk-llm"),
    ]  # fmt: skip
    chat = DRAWING.model_copy(update={"name": "desk-chat"})
    registry.begin(chat, "job-3", "second", always_over, "desk")
    assert registry.latest_run("desk") == "second"
    assert [each.name for each in registry.parts("desk")] == ["desk-chat", "desk-llm"]
    registry.begin(chat, "job-4", "third", always_over)
    assert [each.name for each in registry.parts("desk")] == ["desk-llm"], "who deploys it owns it"
    assert registry.latest_run("nobody") is None


def test_the_revisions_are_read_newest_first_and_one_deployed_again_keeps_its_number(
    registry: Registry,
) -> None:
    deploy(registry, "job-1")
    deploy(registry, "job-2", OTHER)
    again = deploy(registry, "job-3")
    found = registry.revisions(again.id)
    assert [(each.number, each.pipeline) for each in found] == [(2, OTHER), (1, DRAWING)]
    assert again.live_revision == 1


def test_notices_are_the_warnings_since_it_was_last_found_healthy(registry: Registry) -> None:
    deployment = deploy(registry, "job-1")
    registry.record(deployment.id, "configure", "slow disk", "warning")
    assert registry.notices(deployment.id) == ["slow disk"]
    registry.record(deployment.id, "health", "every process answers")
    registry.record(deployment.id, "health", "not read: a.jpg", "warning")
    registry.record(deployment.id, "notify", "told")
    assert registry.notices(deployment.id) == ["not read: a.jpg"]
    assert registry.notices("another") == []


def test_terraform_s_words_are_those_of_the_current_run(registry: Registry) -> None:
    deployment = deploy(registry, "job-1")
    assert registry.terraform_words(deployment.id) == ()
    registry.record(deployment.id, "apply", "1 changes planned", data={"words": ["+ create a"]})
    registry.record(deployment.id, "health", "every process answers")
    assert registry.terraform_words(deployment.id) == ("+ create a",)
    deploy(registry, "job-2", OTHER)
    assert registry.terraform_words(deployment.id) == ()


def report(read: int) -> ReadingReport:
    source = SourceReading(node="docs", kind="file", given=9, read=read, left_out={}, listed=[])
    return ReadingReport(sources=[source])


def test_a_report_is_kept_with_its_revision_also_when_all_is_gone(registry: Registry) -> None:
    deployment = deploy(registry, "job-1")
    assert registry.report(deployment.id) is None
    for revision, read in ((1, 7), (2, 8), (1, 9)):  # the last: rolled back
        registry.keep_report(deployment.id, report(read).of(revision))
    registry.finish(deployment.id, State.destroyed)
    assert registry.report(deployment.id) == report(9).of(1)
    assert registry.report(deployment.id, 2) == report(8).of(2)
    assert registry.report(deployment.id, 3) is None


def test_a_report_like_the_last_is_not_kept_again(registry: Registry) -> None:
    deployment = deploy(registry, "job-1")
    for _ in range(3):
        registry.keep_report(deployment.id, report(7).of(1))
    assert [each.message for each in registry.events(deployment.id) if each.step == "reading"] == [
        "docs: 7 of 9 read (file)"
    ]
