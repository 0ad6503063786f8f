"""Entries as pictures: everything once, nothing on top of anything, no text as markup."""

import json
import re
import xml.etree.ElementTree as Xml
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.main import run
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.entry.entry import Entry
from windmill.scripts.model.show.layout import arrange
from windmill.scripts.model.show.mermaid import mermaid
from windmill.scripts.model.show.picture import Box, count, picture
from windmill.scripts.model.show.svg import svg

Doc = dict[str, Any]
SVG = "{http://www.w3.org/2000/svg}"
SHIPPED = Path(__file__).parents[3] / "catalog"
NODES = [{"id": "in", "component": "documents"}, {"id": "out", "component": "x"}]
LEAVES: list[Doc] = [
    {"kind": "playbook", "name": "tell", "run": {"script": "notify"}},
    {"kind": "pipeline", "name": "drawn"}
    | {"graph": {"nodes": NODES, "edges": [{"source": "in", "target": "out"}]}},
]
LINE = re.compile(
    r"flowchart LR|direction LR|end"
    r'|(subgraph )?n\d+\["(?:[A-Za-z0-9 _./×,#;-]|<br/>)*"\]'
    r"|n\d+ --> n\d+"
)


def catalog_of(documents: list[Doc]) -> Catalog:
    entries = [Entry.model_validate(document) for document in documents]
    return Catalog({}, {entry.key: entry for entry in entries}, {})


def meta(name: str, steps: list[Doc]) -> Doc:
    return {"kind": "meta-pipeline", "name": name, "steps": steps}


@st.composite
def composites(draw: st.DrawFn, name: str, uses: list[str]) -> Doc:
    steps: list[Doc] = []
    for id in ("a", "b", "c", "d")[: draw(st.integers(1, 4))]:
        known = [step["id"] for step in steps]
        needs = draw(st.lists(st.sampled_from(known), unique=True)) if known else []
        steps.append({"id": id, "use": draw(st.sampled_from(uses)), "needs": needs})
    return meta(name, steps)


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    documents = [*LEAVES]
    for name in ("low", "mid", "top"):
        uses = [f"{document['kind']}s/{document['name']}" for document in documents]
        documents.append(draw(composites(name, uses)))
    return catalog_of(documents)


def places(catalog: Catalog, key: str, path: str = "") -> list[str]:
    """Every step and node below an entry, by the plainest recursion."""
    entry = catalog.entries[key]
    nodes = [f"{path}/{node.id}" for node in entry.graph.nodes] if entry.graph else []
    found = [path, *nodes]
    for step in entry.steps or ():
        found += places(catalog, step.use, f"{path}/{step.id}")
    return found


@settings(max_examples=50)
@given(catalog=catalogs())
def test_every_step_and_node_appears_once_in_every_form(catalog: Catalog) -> None:
    box = picture(catalog, "meta-pipelines/top")
    expected = places(catalog, "meta-pipelines/top")
    assert sorted(each.path for each in box.all()) == sorted(p.strip("/") for p in expected)
    assert count(catalog, "meta-pipelines/top", 9) == len(expected)
    drawn = Xml.fromstring(svg(box))
    assert len(drawn.findall(f".//{SVG}g")) == len(expected)
    arrows = sum(len(each.arrows) for each in box.all())
    assert len(drawn.findall(f".//{SVG}path[@class='arrow']")) == arrows
    text = mermaid(box)
    assert all(LINE.fullmatch(line.strip()) for line in text.splitlines())
    assert len(set(re.findall(r'^\s*(?:subgraph )?(n\d+)\["', text, re.M))) == len(expected)
    assert text.count("-->") == arrows
    assert text.count("subgraph") == len(re.findall(r"^\s*end$", text, re.M))


@st.composite
def drawings(draw: st.DrawFn) -> tuple[dict[str, tuple[float, float]], list[tuple[str, str]]]:
    names = [f"b{number}" for number in range(draw(st.integers(1, 25)))]
    size = st.tuples(st.integers(40, 400), st.integers(20, 700))
    sizes: dict[str, tuple[float, float]] = {name: draw(size) for name in names}
    pair = st.tuples(st.integers(0, len(names) - 1), st.integers(0, len(names) - 1))
    pairs = draw(st.lists(pair, max_size=40, unique=True))
    return sizes, list(dict.fromkeys((names[a], names[b]) for a, b in pairs if a < b))


@settings(max_examples=60)
@given(drawing=drawings())
def test_boxes_do_not_touch_and_arrows_lead_to_the_right(drawing: Any) -> None:
    sizes, pairs = drawing
    layout = arrange(sizes, pairs)
    boxes = list(layout.places.values())
    for number, one in enumerate(boxes):
        assert 0 <= one.x <= one.x + one.width <= layout.width + 0.01
        assert -0.01 <= one.y <= one.y + one.height <= layout.height + 0.01
        for other in boxes[number + 1 :]:
            apart_x = one.x + one.width < other.x or other.x + other.width < one.x
            apart_y = one.y + one.height < other.y or other.y + other.height < one.y
            assert apart_x or apart_y
    for (start, end), points in zip(pairs, layout.arrows, strict=True):
        begin, target = layout.places[start], layout.places[end]
        assert points[0] == pytest.approx((begin.x + begin.width, begin.y + begin.height / 2))
        assert points[-1] == pytest.approx((target.x, target.y + target.height / 2))
        assert list(points) == sorted(points, key=lambda point: point[0])


@settings(max_examples=40)
@given(drawing=drawings())
def test_arrows_bend_only_between_columns_and_pass_no_box(drawing: Any) -> None:
    sizes, pairs = drawing
    layout = arrange(sizes, pairs)
    for ends, points in zip(pairs, layout.arrows, strict=True):
        for (x, y), (to, level) in pairwise(points):
            for name, box in layout.places.items():
                across = x < box.x + box.width and to > box.x
                if across and name not in ends:
                    assert y == level
                    assert not box.y < y < box.y + box.height


HOSTILE = [
    "</text><script>alert(1)</script>",
    "\"]; click n0 href 'javascript:alert(1)'",
    "<img src=x onerror=alert(1)>",
    "%%{init: {'securityLevel': 'loose'}}%%",
    "]]> &amp; &lt; --> end",
    "a\x00b\x1b[31m\ud7ff\ufffe",
    "名前" * 30,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_never_becomes_markup(text: str) -> None:
    inner = Box("x", text, "playbook", f"{text}!", (text,))
    box = Box("", "top", "pipeline", "what", (), (inner,))
    plain = Box("", "top", "pipeline", "what", (), (Box("x", "a", "playbook", "b", ("c",)),))
    drawn, expected = Xml.fromstring(svg(box)), Xml.fromstring(svg(plain))
    assert [each.tag for each in drawn.iter()] == [each.tag for each in expected.iter()]
    assert [sorted(e.attrib) for e in drawn.iter()] == [sorted(e.attrib) for e in expected.iter()]
    shown = re.sub("[\x00\x1b\ufffe]", "\ufffd", text)
    assert any(shown in (each.text or "") for each in drawn.iter(f"{SVG}title"))
    lines = mermaid(box).splitlines()
    assert len(lines) == len(mermaid(plain).splitlines())
    assert all(LINE.fullmatch(line.strip()) for line in lines)


def test_what_is_not_opened_says_how_much_is_inside() -> None:
    catalog = catalog_of([*LEAVES, meta("top", [{"id": "a", "use": "pipelines/drawn"}])])
    (inner,) = picture(catalog, "meta-pipelines/top", depth=1).boxes
    assert (inner.hidden, inner.boxes) == (2, ())
    assert "2 inside" in mermaid(picture(catalog, "meta-pipelines/top", depth=1))
    assert picture(catalog, "meta-pipelines/top", depth=0).hidden == 1


def test_steps_show_what_makes_them_special() -> None:
    special: Doc = {"for_each": [1, 2], "when": "${inputs.x} == 1", "approval": True}
    catalog = catalog_of([*LEAVES, meta("top", [{"id": "a", "use": "playbooks/tell"} | special])])
    (step,) = picture(catalog, "meta-pipelines/top").boxes
    assert step.marks == ("× 2", "when ${inputs.x} == 1", "approval")
    assert step.what == "script notify"


def test_a_picture_is_drawn_in_the_form_that_is_asked_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shipped = ["catalog", "graph", "rag-chatbot", "--dir", str(SHIPPED)]
    assert run(shipped) == 0
    assert capsys.readouterr().out.startswith("flowchart LR\n")
    assert run([*shipped, "--format", "svg"]) == 0
    text = capsys.readouterr().out
    assert "prefers-color-scheme: dark" in text
    assert len(Xml.fromstring(text).findall(f".//{SVG}g")) == 7
    assert run([*shipped, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"from": "docs", "to": "chunks"} in found["arrows"]
    assert {box["kind"] for box in found["boxes"]} >= {"data_source", "model", "storage"}


def test_more_than_anybody_reads_is_opened_only_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("components", "playbooks", "pipelines", "meta-pipelines"):
        (tmp_path / folder).mkdir()
    (tmp_path / "playbooks/tell.yaml").write_text(json.dumps(LEAVES[0]))
    many = [{"id": f"s{number}", "use": "playbooks/tell"} for number in range(30)]
    inner = {"kind": "pipeline", "name": "inner", "steps": many}
    (tmp_path / "pipelines/inner.yaml").write_text(json.dumps(inner))
    outer = meta("outer", [{"id": f"s{n}", "use": "pipelines/inner"} for n in range(30)])
    (tmp_path / "meta-pipelines/outer.yaml").write_text(json.dumps(outer))
    graph = ["catalog", "graph", "outer", "--dir", str(tmp_path)]
    assert run(graph) == 0
    told = capsys.readouterr()
    assert told.out.count("n1[") == 1
    assert len(told.out.splitlines()) == 34
    assert told.err == "1 of 3 levels are shown; --depth 3 shows all.\n"
    assert run([*graph, "--depth", "3"]) == 0
    assert capsys.readouterr().out.count("script notify") == 900
