"""`mlops preview`: what would be read, before anything is deployed."""

from typing import Any

import pytest

from cli.terminal.previews import lines
from tests.cli.conftest import Mlops

TABLE: dict[str, Any] = {
    "of": "row",
    "count": 2,
    "texts": [],
    "columns": [{"name": "weight", "kind": "number"}, {"name": "kind", "kind": "category"}],
    "rows": [[1.5, "pump"], [None, "x" * 300]],
    "classes": {},
}


def preview(**node: Any) -> dict[str, Any]:
    told = {"node": "data", "component": "table", "error": None, "reading": None, "sample": None}
    return {"nodes": [{**told, **node}]}


def test_what_is_read_and_what_is_left_out_is_shown(platform: Mlops) -> None:
    told = platform("preview", "rag-chatbot", "--set", "documents=/data")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("docs (documents): 1 of 2 files read\n")
    assert "left out: scan.pdf: it is a picture" in told.out
    assert "what /data holds" in told.out


def test_one_node_may_be_named_and_json_is_the_preview_itself(platform: Mlops) -> None:
    told = platform("preview", "rag-chatbot", "--set", "documents=/data", "--node", "x", "--json")
    assert (told.code, told.json["nodes"][0]["node"]) == (0, "x")
    assert told.json["nodes"][0]["reading"]["given"] == 2


def test_a_refusal_says_what_mends_it(platform: Mlops) -> None:
    told = platform("preview", "rag-chatbot", "--set", "documents=/refused")
    assert told.code == 1
    assert "outside the folders for data" in told.err
    assert "Move it." in told.err


def test_columns_are_shown_with_their_kinds_and_long_cells_cut() -> None:
    shown = "\n".join(lines(preview(sample=TABLE)))
    assert "weight (number)" in shown
    assert "kind (category)" in shown
    assert "1.5" in shown
    assert max(map(len, shown.splitlines())) < 150


@pytest.mark.parametrize(
    ("node", "says"),
    [
        ({"error": {"message": "2 bad rows", "fix": "Skip."}}, "would fail: 2 bad rows\n    Skip."),
        ({"sample": {**TABLE, "columns": [], "classes": {"cat": 3}}}, "cat    3"),
    ],
)
def test_each_outcome_has_its_words(node: dict[str, Any], says: str) -> None:
    assert says in "\n".join(lines(preview(**node)))


def test_a_pipeline_that_reads_nothing_says_so() -> None:
    assert list(lines({"nodes": []})) == ["This pipeline reads no data of yours."]
