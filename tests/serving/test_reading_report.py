"""Nothing is lost between a source and what is made of it: what was read and what is told as left
out are, together, all that was given.
"""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cli.clients.endpoint import reading_of
from cli.commands.calling.report import report_lines
from serving.component import Context
from serving.components.data_source.documents import DocumentsConfig, DocumentSource
from serving.components.data_source.images import ImagesConfig, ImageSource
from serving.errors import UnreadableDocuments
from serving.models.llm import Llm
from serving.reading_report import MOST_CHARACTERS, MOST_LISTED, LeftOut, Reading
from serving.tables.columns import read_table
from tests.serving.learning.chains import served
from tests.serving.test_website import read, site
from windmill.scripts.provision.health import Probe
from windmill.scripts.provision.health import reading_of as kept_of

KINDS = ("file", "row", "column", "page")
NAMES = ("a.txt", "b.md", "c.jpg", "d", "deep/e.csv", "deep/f.pdf", "g.docx", "h.eml")
CONTENTS = (b"", b"Some text.", b"a,b\n1,2\n", b"\0\1\2", b"Gr\xfc\xdfe aus K\xf6ln")
ENDINGS = (".csv", ".jsonl")
ROWS = ("1,2", "x,2", "1", "1,2,3", ",", '{"a": 1, "b": 2}', '{"a": [1]}', "[1]", "{")


@given(
    st.integers(0, 1000),
    st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 9)), max_size=3 * MOST_LISTED),
)
def test_the_report_is_bounded_and_counts_all(read: int, left: list[tuple[Any, int]]) -> None:
    left_out = [LeftOut(kind=kind, where="f", reason="x" * 999, count=n) for kind, n in left]
    report = Reading.of("file", read, left_out)
    assert report.given == read + sum(n for kind, n in left if kind == "file")
    assert sum(report.left_out.values()) == sum(n for _, n in left)
    assert len(report.listed) == min(len(left), MOST_LISTED)
    lines = list(report.lines())
    assert len(lines) == len(report.listed) + (len(left) > MOST_LISTED)
    assert all(len(line) <= MOST_CHARACTERS + len("f: ") for line in lines)


def test_what_is_not_listed_is_counted_in_the_last_line() -> None:
    rows = [LeftOut(kind="row", where="t.csv", reason=f"row {n}") for n in range(MOST_LISTED + 2)]
    addresses = [LeftOut(kind="address", where="u", reason="gone", count=3)]
    *_, last = Reading.of("row", 5, rows + addresses).lines()
    assert last == "and 2 rows, 3 addresses more"


@given(st.lists(st.sampled_from(ROWS), min_size=1, max_size=30), st.sampled_from(ENDINGS))
def test_each_row_of_a_table_is_read_or_told(lines: list[str], ending: str) -> None:
    header = ["a,b"] if ending == ".csv" else []
    table = read_table(f"t{ending}", "\n".join([*header, *lines]).encode())
    assert table.reading.given == len(lines)
    assert table.reading.read == len(table.rows)
    assert table == read_table(f"t{ending}", "\n".join([*header, *lines]).encode())


def context(folder: Path) -> Context:
    return Context(folder / "node", folder, Llm("", ""), lambda _: None)


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(CONTENTS), max_size=6))
async def test_each_file_of_a_folder_is_read_or_told(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("given")
    for name, content in {**files, "readable.txt": b"Some text."}.items():
        (folder / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "docs" / name).write_bytes(content)
    config = DocumentsConfig(path=str(folder / "docs"), unreadable="skip")
    found = await DocumentSource(config, context(folder)).run()
    assert found.reading.given == len(files) + 1
    assert found.reading.read == len({page.name for page in found.pages})
    assert found == await DocumentSource(config, context(folder)).run()


@pytest.mark.slow
async def test_what_lies_among_images_and_is_none_is_told(tmp_path: Path) -> None:
    root = tmp_path / "shapes"
    for name in ("square/1.png", "square/2.png", "circle/1.png"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(root / name)
    for name in ("square/notes.txt", "square/3.psd", "circle/broken.png", "labels.csv"):
        (root / name).write_bytes(b"no image")
    config = ImagesConfig(path=str(root), unreadable="skip")
    found = await ImageSource(config, context(tmp_path)).run()
    assert found == await ImageSource(config, context(tmp_path)).run()
    assert (found.reading.given, found.reading.read) == (7, 3)
    assert list(found.reading.lines()) == [
        "circle/broken.png: it is no whole image (PNG, JPEG, WEBP, BMP, GIF)",
        "labels.csv: not read, it is no folder of a class",
        "square/3.psd and 1 more: not read, no image of a known kind",
    ]


@pytest.mark.slow
async def test_each_address_that_was_found_is_read_or_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOW_ADDRESSES", "127.0.0.0/8")
    links = "".join(f"<a href=/{n}>{n}</a>" for n in ("gone", "empty", "hidden", "deep", "c", "d"))
    pages: dict[str, tuple[int, dict[str, str], str]] = {
        "/": (200, {}, f"<p>Home</p>{links}"),
        "/empty": (200, {}, "<p></p>"),
        "/hidden": (200, {}, "<meta name=robots content=noindex><p>Hidden</p>"),
        "/deep": (200, {}, "<p>Deep</p><a href=/deeper>deeper</a><a href=/>home</a>"),
        "/c": (200, {}, "<p>C</p>"),
    }
    with site(pages) as (url, _):
        found = await read(f"{url}/", tmp_path, max_pages=3, max_depth=1)
        assert found == await read(f"{url}/", tmp_path, max_pages=3, max_depth=1)
        with pytest.raises(UnreadableDocuments, match="gone: the site answers 404"):
            await read(f"{url}/", tmp_path, max_depth=1, unreadable="fail")
    assert (found.reading.given, found.reading.read) == (8, 3)
    assert [line.removeprefix(f"{url}/") for line in found.reading.lines()] == [
        "gone: the site answers 404",
        "empty: there is no text on it",
        "hidden: it asks not to be indexed",
        "d: 1 addresses, this one first: beyond max_pages",
        "deeper: 1 addresses, this one first: beyond max_depth",
    ]


ROW = {"size": 1.0, "same": "x", "price": 2.0}


def report_of(client: httpx.Client) -> dict[str, Any]:
    return {each["node"]: each for each in client.get("/reading").json()["sources"]}


@pytest.mark.slow
def test_the_pipeline_tells_what_rows_and_columns_nothing_was_learnt_from(tmp_path: Path) -> None:
    rows: list[Any] = [{**ROW, "size": float(n), "price": 2.0 * n} for n in range(40)]
    rows += [{**ROW, "price": None}, ["no row"]]
    data = tmp_path / "prices.jsonl"
    data.write_text("\n".join(map(json.dumps, rows)))
    source = ("table", {"path": str(data), "bad_rows": "skip"})
    with served(tmp_path / "node", source, ("tabular-model", {"target": "price"})) as client:
        report, healthy = report_of(client), client.get("/health").json()
        base = str(client.base_url).rstrip("/")
        told = reading_of("prices", base, key="any")
        kept = kept_of(Probe("api", f"{base}/health", tmp_path))
    assert kept is not None
    assert kept.model_dump(exclude={"revision"}) == told
    assert (report["table"]["given"], report["table"]["read"]) == (42, 41)
    assert report["table"]["left_out"] == {"row": 1}
    model = report["tabular-model"]
    assert (model["given"], model["read"]) == (41, 40)
    assert model["left_out"] == {"column": 1, "row": 1}
    assert list(report_lines(told["sources"])) == [
        "table: 41 of 42 read (row)",
        "  prices.jsonl: row 42 is not a JSON object",
        "tabular-model: 40 of 41 read (row)",
        "  prices.jsonl: same is left out: it holds one value only",
        "  prices.jsonl: left out: 1 row without price",
    ]
    assert healthy["skipped_documents"] == [
        "prices.jsonl: row 42 is not a JSON object",
        "prices.jsonl: same is left out: it holds one value only",
        "prices.jsonl: left out: 1 row without price",
    ]
