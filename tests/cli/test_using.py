"""What is live is used from the command line: real pipelines of every kind are asked."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from cli.actions.asking.rows import rows_of
from cli.actions.asking.served import served_ports
from cli.commands.calling import ask as ask_module
from cli.commands.calling import predict as predict_module
from cli.errors import BadOption
from tests.cli.conftest import Mlops, Outcome
from tests.serving.learning.chains import DATA, chain
from tests.serving.llm_double import LlmDouble
from tests.serving.support import live_api

TYPED = yaml.safe_load(Path(__file__).with_name("typed_rows.yaml").read_text("utf-8"))
MACHINES = (
    ("table", {"path": str(DATA / "machines.csv")}),
    ("tabular-model", {"target": "failed", "ignore": ["repair_cost", "machine"]}),
)
OLD = ["make=Corvo", "site=north", "age_months=115", "temperature="]


@dataclass
class Known:
    """What a gateway tells of one deployment."""

    url: str
    pipeline: dict[str, Any]

    def status(self, id: str) -> dict[str, Any]:
        return {"id": "d-1", "name": id, "state": "live", "endpoint_url": self.url, "place": None}

    def key(self, id: str) -> dict[str, str]:
        return {"key": "any"}

    def revisions(self, id: str) -> list[dict[str, Any]]:
        return [{"live": True, "pipeline": self.pipeline}]


@dataclass
class Asking:
    mlops: Mlops
    patch: pytest.MonkeyPatch

    def __call__(self, api: httpx.Client, drawn: dict[str, Any], *arguments: str) -> Outcome:
        known = Known(str(api.base_url), drawn)
        for module in (ask_module, predict_module):
            self.patch.setattr(module, "find_gateway", lambda _: known)
        verb, *rest = arguments
        return self.mlops(verb, "mine", *rest)


@pytest.fixture
def asking(mlops: Mlops, monkeypatch: pytest.MonkeyPatch) -> Asking:
    monkeypatch.setenv("MLOPS_CHECKOUT", str(DATA.parents[1]))
    return Asking(mlops, monkeypatch)


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_CHECKOUT", str(DATA.parents[1]))
        with live_api(chain(*MACHINES), tmp_path_factory.mktemp("machines"), "") as api:
            yield api


@pytest.mark.parametrize("case", TYPED, ids=lambda case: " ".join(case["rows"])[:30] or "none")
def test_rows_are_read_as_they_are_typed(case: dict[str, Any]) -> None:
    if says := case.get("says"):
        with pytest.raises(BadOption, match=says) as refused:
            rows_of(case["rows"], case.get("more", ()))
        assert "--file" in refused.value.fix
    else:
        assert rows_of(case["rows"], case.get("more", ())) == case["sent"]


@pytest.mark.slow
def test_what_is_told_of_a_row_can_be_typed_and_is_answered(
    asking: Asking, machines: httpx.Client
) -> None:
    told = asking(machines, chain(*MACHINES), "predict")
    assert "  make                     category   Alba, Borea, Corvo\n" in told.out
    (example,) = [line.split() for line in told.out.splitlines() if " --row " in line]
    assert example[:3] == ["mlops", "predict", "mine"]
    answered = asking(machines, chain(*MACHINES), "predict", *example[3:], "--json")
    assert (answered.code, answered.json[0]["warnings"]) == (0, [])


@pytest.mark.slow
def test_one_row_and_several_are_predicted(asking: Asking, machines: httpx.Client) -> None:
    one = asking(machines, chain(*MACHINES), "predict", "--row", *OLD)
    assert "  label                    yes\n" in one.out
    new = json.dumps({"make": "Alba", "site": "south", "age_months": 3, "temperature": None})
    two = asking(machines, chain(*MACHINES), "predict", "--row", new, "--row", *OLD)
    rows = [line.split()[:2] for line in two.out.splitlines()]
    assert rows == [["row", "label"], ["1", "no"], ["2", "yes"]]


@pytest.mark.slow
@pytest.mark.parametrize("given", ["machines.csv", "machines.jsonl"])
def test_a_file_comes_back_with_what_is_predicted(
    asking: Asking, machines: httpx.Client, given: str, tmp_path: Path
) -> None:
    file, out = tmp_path / given, tmp_path / "out.csv"
    rows = list(csv.DictReader(io.StringIO((DATA / "machines.csv").read_text("utf-8"))))
    lines = "".join(f"{json.dumps(row)}\n" for row in rows)
    is_csv = file.suffix == ".csv"
    file.write_bytes((DATA / "machines.csv").read_bytes() if is_csv else lines.encode())
    told = asking(machines, chain(*MACHINES), "predict", "--file", str(file), "--out", str(out))
    assert told.out.startswith("300 rows in ")
    predicted = list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
    assert [row["machine"] for row in predicted] == [row["machine"] for row in rows]
    assert sum(row["predicted_label"] == row["failed"] for row in predicted) > 260
    piped = asking(machines, chain(*MACHINES), "predict", "--file", str(file))
    assert piped.out.encode() == out.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "make,site,age_months\nAlba,north,1\n",
            "it has no temperature.",
        ),
        ("make,site,age_months,temperature\nAlba,north,1,9\nAlba,north,x,9\n", "Row 3: age_mon"),
        ("make,site,age_months,temperature\n", "it has no rows"),
    ],
)
def test_a_file_that_does_not_fit_is_told_in_words(
    asking: Asking, machines: httpx.Client, text: str, says: str, tmp_path: Path
) -> None:
    file, out = tmp_path / "a.csv", tmp_path / "out.csv"
    file.write_text(text)
    told = asking(machines, chain(*MACHINES), "predict", "--file", str(file), "--out", str(out))
    assert told.code == 1
    assert says in told.err
    assert not out.exists()


@pytest.mark.slow
def test_a_row_without_a_column_is_told_those_that_are_expected(
    asking: Asking, machines: httpx.Client
) -> None:
    told = asking(machines, chain(*MACHINES), "predict", "--row", "make=Alba")
    assert "it has no site, age_months, temperature" in told.err
    assert "It takes: make, site, age_months, temperature." in told.err


@pytest.mark.slow
def test_what_takes_no_rows_says_how_it_is_asked(asking: Asking, tmp_path: Path) -> None:
    drawn = chain(("images", {"path": str(DATA / "shapes")}), ("image-classifier", {}))
    with live_api(drawn, tmp_path, "") as api:
        rows = asking(api, drawn, "predict", "--row", "make=Alba")
        assert "it takes an image" in rows.err
        assert "not a text" in asking(api, drawn, "ask", "What is it?").err
        assert "mlops ask mine" in rows.err
        without = asking(api, drawn, "ask")
        assert "mlops ask mine --file picture.png" in without.err
        picture = str(DATA / "shapes" / "triangle" / "03.png")
        assert (
            "label                    triangle" in asking(api, drawn, "ask", "--file", picture).out
        )


@pytest.mark.slow
def test_a_series_is_asked_for_its_next_steps(asking: Asking, tmp_path: Path) -> None:
    config = {"time_column": "day", "value_column": "visitors"}
    drawn = chain(("table", {"path": str(DATA / "visitors.csv")}), ("forecaster", config))
    with live_api(drawn, tmp_path, "") as api:
        lines = asking(api, drawn, "ask", "--horizon", "3").out.splitlines()
        assert [line.split()[0] for line in lines[1:]] == [
            "2026-02-25T00:00:00", "2026-02-26T00:00:00", "2026-02-27T00:00:00",
        ]  # fmt: skip
        far = asking(api, drawn, "ask", "--horizon", "99")
        assert "beyond 14 steps nothing was measured" in far.err
        assert "mlops ask mine" in asking(api, drawn, "predict").err


@pytest.mark.slow
def test_a_text_is_sorted_and_a_table_is_not_asked_like_that(
    asking: Asking, machines: httpx.Client, tmp_path: Path
) -> None:
    drawn = chain(("table", {"path": str(DATA / "tickets.csv")}), ("text-classifier", {}))
    with live_api(drawn, tmp_path, "") as api:
        told = asking(api, drawn, "ask", "You charged my card twice", "--json")
        assert told.json["output"]["label"] == "billing"
        assert "a text not given" in asking(api, drawn, "ask").err
    told = asking(machines, chain(*MACHINES), "ask", "make=Alba")
    assert "it takes rows" in told.err
    assert "mlops predict mine" in told.err


@pytest.fixture
def llm() -> Iterator[LlmDouble]:
    double = LlmDouble()
    yield double
    double.close()


@pytest.mark.slow
def test_a_batch_is_waited_for_and_its_rows_are_kept(
    asking: Asking, llm: LlmDouble, tmp_path: Path
) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("text\none\ntwo\n")
    drawn = chain(("batch-inference", {"input": str(rows), "prompt": "Say {text}"}))
    with live_api(drawn, tmp_path / "data", llm.url) as api:
        out = tmp_path / "out.csv"
        told = asking(api, drawn, "ask", "--out", str(out))
        assert told.out == "2 rows are done, 0 of them failed\n"
        assert [row["text"] for row in csv.DictReader(io.StringIO(out.read_text()))] == [
            "one",
            "two",
        ]
        again = asking(api, drawn, "ask", "--again", "--json")
        assert (again.json["run"], again.json["status"]) == (2, "done")


@pytest.mark.slow
def test_a_document_is_summarised(asking: Asking, llm: LlmDouble, tmp_path: Path) -> None:
    summarizer = chain(("summarizer", {"method": "extractive"}))
    report = tmp_path / "report.txt"
    report.write_text("The bridge was closed in May. It was opened again in June.")
    with live_api(summarizer, tmp_path / "b", llm.url) as api:
        told = asking(api, summarizer, "ask", "--file", str(report))
        assert "bridge" in told.out
        assert "a text not given" in asking(api, summarizer, "ask").err


@pytest.mark.slow
def test_nothing_is_asked_where_the_answer_could_not_be_kept(
    asking: Asking, machines: httpx.Client, tmp_path: Path
) -> None:
    file = str(DATA / "machines.csv")
    told = asking(machines, {}, "predict", "--file", file, "--out", str(tmp_path / "no" / "a.csv"))
    assert "nothing can be written to" in told.err


@pytest.mark.slow
def test_what_nobody_knows_is_not_guessed(asking: Asking, machines: httpx.Client) -> None:
    assert served_ports({}) == {}
    assert "nobody knows what it serves" in asking(machines, {}, "ask", "hello").err


@pytest.mark.parametrize(
    "arguments", [("--out", "a.csv"), ("--row", "a=1", "--file", "a.csv")], ids=" ".join
)
def test_rows_and_files_are_not_mixed(mlops: Mlops, arguments: tuple[str, ...]) -> None:
    assert "Give rows, or --file" in mlops("predict", "mine", *arguments).err
