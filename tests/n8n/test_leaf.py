"""A workflow of n8n as a step: alone, inside a meta-pipeline, and when it breaks off."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.harness import Platform
from tests.n8n.conftest import Sinks, until
from tests.n8n.server import N8nServer
from tests.n8n.sinks import FeedSource, served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("n8n")]
COLLECT = "/jobs/run_wait_result/f/f/mlops/catalog/playbooks/collect-feed"


@pytest.fixture(scope="module")
def feed() -> Iterator[FeedSource]:
    with served(FeedSource()) as source:
        yield source


def collected(platform: Platform, **inputs: Any) -> Any:
    with platform.windmill() as windmill:
        return windmill.post(COLLECT, json=inputs, timeout=120).json()


def test_its_answer_is_the_step_s_result(connected: Platform, feed: FeedSource) -> None:
    (item,) = collected(connected, url=feed.url, most=1)["items"]
    assert item["title"] == "Idle GPUs & their cost"
    assert item["link"] == "http://news.example/gpus"
    assert item["date"] == "2026-11-24T08:00:00.000Z"
    assert item["text"].startswith("Rented GPUs must be returned")


def test_a_feed_without_entries_is_an_empty_list(connected: Platform, feed: FeedSource) -> None:
    assert collected(connected, url=f"{feed.url}?empty", most=5)["items"] == []


def test_a_workflow_that_breaks_off_fails_the_step_in_words(
    connected: Platform, feed: FeedSource
) -> None:
    error = collected(connected, url=f"{feed.url}?broken", most=5)["error"]
    assert error["name"] == "WorkflowFailed"
    assert "collect-feed did not do its work: the workflow broke off" in error["message"]


def test_people_are_told_of_it_and_where_to_look_but_not_what_it_was_given(
    connected: Platform, feed: FeedSource, n8n: N8nServer, sinks: Sinks
) -> None:
    told = 'MLOps: collect feed broke off in the node "Feed". Look at '

    def messages() -> list[str]:
        said = [each["text"] for each in sinks.channel.messages]
        return [text for text in said if text.startswith(told)]

    before = len(messages())
    collected(connected, url=f"{feed.url}?broken&marked-for-the-search", most=5)
    until(lambda: len(messages()) > before)
    link = messages()[-1].removeprefix(told)
    assert link.startswith(f"{n8n.url}/workflow/{n8n.workflow('MLOps: collect feed')['id']}/")
    assert sinks.smtp.mails_about("MLOps: collect feed")
    assert "marked-for-the-search" not in str(sinks.channel.messages)


@pytest.mark.parametrize("breaks", ["n8n_webhooks_url", "n8n_notify_token"])
def test_an_n8n_that_cannot_be_asked_is_told(
    connected: Platform, feed: FeedSource, breaks: str
) -> None:
    path, wrong = f"f/mlops/{breaks}", "http://127.0.0.1:9/webhook"
    with connected.windmill() as windmill:
        before = windmill.get(f"/variables/get_value/{path}").json()
        assert windmill.post(f"/variables/update/{path}", json={"value": wrong}).is_success
        try:
            error = collected(connected, url=feed.url)["error"]["message"]
        finally:
            assert windmill.post(f"/variables/update/{path}", json={"value": before}).is_success
    told = {"n8n_webhooks_url": "n8n does not answer", "n8n_notify_token": "accept our token"}
    assert told[breaks] in error


def test_what_n8n_collects_a_pipeline_of_ours_summarises(
    connected: Platform, feed: FeedSource
) -> None:
    command = ("deploy", "news-digest", "--name", "digest", "--target", "local")
    status = connected.json(*command, f"--set=feed={feed.url}", "--set=most=2")
    try:
        outputs = status["outputs"]
        assert len(outputs["entries"]) == len(outputs["summaries"]) == 2
        assert all(found["summary"].strip() for found in outputs["summaries"])
    finally:
        connected.run("destroy", "digest", "--yes")
