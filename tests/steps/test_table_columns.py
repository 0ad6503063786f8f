"""A column that a table lacks is told by Check, and not minutes later by what is served."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from serving.components.model.batch_inference import COLUMN
from serving.errors import ServingError
from serving.tables.dialect import DELIMITERS
from serving.tables.reader import ENDINGS, ROW_NAMES
from serving.tables.rows import read_rows
from windmill.scripts.model.base.errors import Problem
from windmill.scripts.model.drawing.pipeline import Edge, Node, Pipeline
from windmill.scripts.provision.reading import table_columns
from windmill.scripts.provision.reading.document_sources import check_sources
from windmill.scripts.provision.reading.file_gate import FileGate
from windmill.scripts.provision.reading.table_columns import MOST_ROWS, check_columns, columns_of

HERE = Path(__file__).parent
CASES = yaml.safe_load((HERE / "table_columns.yaml").read_text("utf-8"))
SAME = yaml.safe_load((HERE.parent / "serving/tables/same_rows.yaml").read_text("utf-8"))
PATHS = {"batch-inference": "input", "evaluation": "questions"}


def written(folder: Path, case: dict[str, Any]) -> Path:
    path = folder / str(case["name"])
    path.write_bytes(content(case))
    return path


def content(case: dict[str, Any]) -> bytes:
    return bytes(case.get("bytes", ())) or str(case["text"]).encode()


def columns_served(case: dict[str, Any]) -> tuple[str, ...] | None:
    try:
        return read_rows(str(case["name"]), content(case)).columns
    except ServingError:
        return None


def is_comparable(case: dict[str, Any]) -> bool:
    """Of JSON lines with a problem serving reads on where the look ahead stops."""
    looked_at = "problem" not in case or str(case["name"]).endswith((".csv", ".tsv"))
    return looked_at and columns_served(case) is not None


def drawn(path: Path, node: dict[str, Any]) -> Pipeline:
    component, config = node["component"], node["config"]
    if component in PATHS:
        config = {**config, PATHS[component]: str(path)}
        return Pipeline(name="x", nodes=(Node(id="m", component=component, config=config),))
    table = Node(id="t", component="table", config={"path": str(path)})
    edge = Edge(source="t", target="m", source_port="table", target_port="table")
    model = Node(id="m", component=component, config=config)
    return Pipeline(name="x", nodes=(model, table), edges=(edge,))


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_a_column_that_is_not_there_is_told_at_its_field(
    case: dict[str, Any], tmp_path: Path
) -> None:
    problems = list(check_columns(drawn(written(tmp_path, case), case["node"])))
    told = {each.field.removeprefix("nodes[0].config."): each.message for each in problems}
    assert told == case["says"]
    assert all(case.get("fix", "") in each.fix for each in problems)


@pytest.mark.parametrize(
    "case", [each for each in SAME if is_comparable(each)], ids=lambda case: str(case["case"])
)
def test_columns_are_those_that_serving_reads(case: dict[str, Any], tmp_path: Path) -> None:
    assert columns_of(FileGate.of({}), written(tmp_path, case)) == columns_served(case)


def test_the_dialect_is_serving_s() -> None:
    assert set(table_columns.ENDINGS) == set(ENDINGS)
    assert (table_columns.DELIMITERS, table_columns.ROW_NAMES) == (DELIMITERS, ROW_NAMES)
    assert table_columns.IN_BRACES.pattern == COLUMN.pattern


def test_where_a_column_may_come_later_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\n' * MOST_ROWS + '{"sold": 1}\n')
    node = {"component": "tabular-model", "config": {"target": "sold"}}
    assert list(check_columns(drawn(path, node))) == []


def test_of_a_large_file_no_more_than_its_beginning_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_columns, "MOST_BYTES", 20)
    (tmp_path / "a.csv").write_text("age,sold\n1,2\n3,öööööööööööö\n")
    (tmp_path / "a.jsonl").write_text('{"age": 1}\n{"sold": "öööööö"}\n')
    gate = FileGate.of({})
    assert columns_of(gate, tmp_path / "a.csv") == ("age", "sold")
    assert columns_of(gate, tmp_path / "a.jsonl") is None
    (tmp_path / "deep.jsonl").write_text('{"a": ' + "[" * 100_000)
    monkeypatch.undo()
    node = {"component": "tabular-model", "config": {"target": "sold"}}
    assert list(check_columns(drawn(tmp_path / "deep.jsonl", node))) == []


def test_of_many_columns_the_first_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(",".join(f"{'x' * 100}{at}" for at in range(500)) + "\n")
    node = {"component": "tabular-model", "config": {"target": "q" * 500}}
    (problem,) = check_columns(drawn(path, node))
    assert problem.fix.endswith("(and 480 more)")
    assert len(problem.message) + len(problem.fix) < 1500


@pytest.mark.parametrize("component", ["table", "images", "batch-inference", "evaluation"])
def test_a_file_that_is_not_there_is_told(component: str, tmp_path: Path) -> None:
    name = PATHS.get(component, "path")
    node = Node(id="n", component=component, config={name: str(tmp_path / "no.csv")})
    (problem,) = check_sources(Pipeline(name="x", nodes=(node,)))
    assert problem == Problem(
        f"{tmp_path}/no.csv cannot be read: No such file or directory",
        f"nodes[0].config.{name}",
        "Name a file or folder that exists on this machine and can be read.",
    )
