from collections.abc import Callable
from pathlib import Path

import pytest
from fpdf import FPDF

from serving.documents.reading import ENDINGS
from windmill.scripts.model.drawing.pipeline import Node, Pipeline
from windmill.scripts.provision.reading.document_sources import KINDS, check_sources


def pdf(*pages: str, password: str = "") -> bytes:
    document = FPDF()
    for text in pages:
        document.add_page()
        document.set_font("Helvetica", size=12)
        document.multi_cell(0, 8, text)
    if password:
        document.set_encryption(owner_password=password, user_password=password)
    return bytes(document.output())


def messages(path: Path | str, **config: str) -> list[str]:
    node = Node(id="docs", component="documents", config={"path": str(path), **config})
    problems = check_sources(Pipeline(name="x", nodes=(node,)))
    assert all(problem.field == "nodes[0].config.path" and problem.fix for problem in problems)
    return [problem.message for problem in problems]


def test_readable_documents_of_each_kind_pass(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf("one", "two"))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.md").write_text("# three")
    (tmp_path / "c.txt").write_text("four")
    assert messages(tmp_path) == []
    assert messages(tmp_path / "a.pdf") == []


def test_other_files_in_the_folder_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    (tmp_path / "picture.png").write_bytes(b"")
    assert messages(tmp_path) == []


def test_the_kinds_are_those_that_serving_reads() -> None:
    assert sorted(KINDS) == sorted(ENDINGS)


def test_a_bad_file_that_is_skipped_when_read_keeps_nothing_back(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("text")
    (tmp_path / "blank.md").write_text(" ")
    assert messages(tmp_path, unreadable="skip") == []
    assert messages(tmp_path, unreadable="fail") == [f"{tmp_path}/blank.md holds no text"]


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty.txt": (lambda: b"", "holds no text"),
    "blank.md": (lambda: b" \n\t\n", "holds no text"),
    "scan.pdf": (lambda: pdf(""), "holds no text"),
    "broken.pdf": (lambda: b"%PDF-1.7\nnothing", "is not a readable PDF"),
    "renamed.pdf": (lambda: b"plain text", "is not a readable PDF"),
    "cut.pdf": (lambda: pdf("x" * 4000)[:300], "is not a readable PDF"),
    "secret.pdf": (lambda: pdf("hidden", password="x"), "is not a readable PDF"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.filterwarnings("ignore::Warning")
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path: Path, name: str) -> None:
    content, says = BAD[name]
    (tmp_path / "good.txt").write_text("text")
    (tmp_path / name).write_bytes(content())
    (message,) = messages(tmp_path)
    assert name in message
    assert says in message


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    assert "No such file" in messages(tmp_path / "nowhere")[0]
    assert "relative path" in messages("some/where")[0]
    assert "holds no documents" in messages(tmp_path)[0]
    (tmp_path / "film.mkv").write_bytes(b"x")
    assert "film.mkv is none of .pdf" in messages(tmp_path / "film.mkv")[0]
