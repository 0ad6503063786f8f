"""The tag of the one worker that is a machine: which steps bear it, and what it may be."""

from pathlib import Path

import pytest

from sync.api import desired, local_tag
from sync.errors import BadLocalTag
from sync.export.export import as_tree
from sync.items import Kind

ROOT = Path(__file__).parents[2]
# They only read or write the registry, call other services, or calculate.
ANYWHERE = {
    "await_git_follower",
    "report_git_push",
    "take_git_plan",
    *("announce", "deliver_notifications", "list_catalog", "list_offers", "migrate_registry"),
    *("notify", "outputs", "probe_worker", "reconcile_orphans", "report_destroyed"),
    *("request_target", "run_n8n_workflow", "show_deployment"),
}


def test_what_is_on_one_machine_runs_there_and_the_rest_anywhere() -> None:
    scripts = [
        item for item in desired(ROOT, tag="box", unbuilt_apps=True) if item.kind is Kind.script
    ]
    steps = [item for item in scripts if item.path.count("/") == 2]
    untagged = {item.path.rpartition("/")[2] for item in steps if not item.body.get("tag")}
    assert untagged == ANYWHERE
    assert {item.body["tag"] for item in scripts if item.body.get("tag")} == {"box"}
    written = as_tree(scripts)
    assert "tag: box" in written["f/mlops/apply_terraform__mod/script.yaml"]


def test_without_a_tag_no_step_has_one() -> None:
    assert not [item for item in desired(ROOT, unbuilt_apps=True) if "tag" in item.body]


@pytest.mark.parametrize("tag", ["python3", "flow", "two words", "x" * 51, "a,b", "$args[x]"])
def test_a_tag_that_is_everybody_s_or_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(BadLocalTag, match="MLOPS_LOCAL_TAG"):
        local_tag({"MLOPS_LOCAL_TAG": tag})
