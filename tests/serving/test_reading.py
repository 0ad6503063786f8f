from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from serving.component import Context
from serving.components.data_source.documents import DocumentsConfig, DocumentSource
from serving.errors import NoDocuments, UnreadableDocuments
from serving.models.llm import Llm
from tests.serving.support import chatbot, live_api, write_pdf

pytestmark = pytest.mark.slow


def source(folder: Path, **config: Any) -> DocumentSource:
    context = Context(folder.parent / "node", folder.parent, Llm("", ""), lambda progress: None)
    return DocumentSource(DocumentsConfig(path=str(folder), **config), context)


def fill(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


async def test_a_pdf_is_read_by_page(handbook: Path) -> None:
    pages = (await source(handbook).run()).pages
    assert [(page.name, page.page) for page in pages] == [("handbook.pdf", n) for n in range(1, 5)]
    assert "three days" in pages[2].text


async def test_a_folder_is_read_whole_and_sorted_without_what_is_hidden(tmp_path: Path) -> None:
    names = ["b.md", "a.txt", "deep/er/c.MD", ".hidden.md", ".git/x.md", "photo.jpg"]
    folder = fill(tmp_path / "docs", dict.fromkeys(names, b"Some text."))
    found = (await source(folder).run()).pages
    assert [page.name for page in found] == ["a.txt", "b.md", "deep/er/c.MD"]
    assert {page.page for page in found} == {None}


async def test_one_file_may_be_named(tmp_path: Path) -> None:
    folder = fill(tmp_path / "docs", {"a.txt": b"A", "b.txt": b"B"})
    found = (await source(folder / "b.txt").run()).pages
    assert [page.text for page in found] == ["B"]


@pytest.mark.parametrize(
    "content",
    ["Grüße".encode(), "Grüße".encode("utf-8-sig"), "Grüße".encode("utf-16")],
    ids=["utf-8", "with mark", "utf-16"],
)
async def test_unicode_text_is_read(tmp_path: Path, content: bytes) -> None:
    found = await source(fill(tmp_path / "docs", {"a.txt": content})).run()
    assert found.pages[0].text == "Grüße"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.pdf", b"", "there is no text in it"),
        ("empty.txt", b"", "there is no text in it"),
        ("blank.md", b" \n\t\n", "there is no text in it"),
        ("rules.md", b"-----\n***\n", "there is no text in it"),
        ("corrupt.pdf", b"%PDF-1.7\n1 0 obj <</Type", "not a readable PDF"),
        ("noise.pdf", bytes(range(256)) * 40, "not a readable PDF"),
        ("latin.txt", "Grüße".encode("latin-1"), "it is not UTF-8 text"),
        ("binary.txt", b"abc\x00def", "it is not a text file"),
    ],
)
async def test_an_unreadable_file_is_named_with_its_reason(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    folder = fill(tmp_path / "docs", {"fine.txt": b"Fine.", name: content})
    with pytest.raises(UnreadableDocuments) as caught:
        await source(folder).run()
    assert f"{name}: {reason}" in caught.value.message


async def test_a_page_without_text_is_no_error_but_a_whole_scan_is(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    write_pdf(folder / "a.pdf", ["", "Second page."])
    assert [page.page for page in (await source(folder).run()).pages] == [2]

    write_pdf(folder / "scan.pdf", ["", ""])
    with pytest.raises(UnreadableDocuments, match=r"scan\.pdf: .*run text recognition"):
        await source(folder).run()


async def test_a_pdf_behind_a_password_is_refused_but_one_that_only_restricts_is_read(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    write_pdf(folder / "open.pdf", ["Anyone may read this."], password="")
    assert "Anyone" in (await source(folder).run()).pages[0].text

    write_pdf(folder / "secret.pdf", ["Nobody may."], password="x")
    with pytest.raises(UnreadableDocuments, match=r"secret\.pdf: it is protected by a password"):
        await source(folder).run()


async def test_all_unreadable_files_are_told_at_once(tmp_path: Path) -> None:
    folder = fill(tmp_path / "docs", {"a.txt": b"", "b.txt": b"", "c.txt": b"Fine."})
    with pytest.raises(UnreadableDocuments, match=r"2 of the documents.*a\.txt.*b\.txt"):
        await source(folder).run()


async def test_unreadable_files_are_skipped_when_asked_but_not_silently(tmp_path: Path) -> None:
    folder = fill(tmp_path / "docs", {"a.txt": b"", "b.txt": b"Fine."})
    found = await source(folder, unreadable="skip").run()
    assert (found.names, found.skipped) == ({"b.txt"}, ("a.txt: there is no text in it",))

    (folder / "b.txt").unlink()
    with pytest.raises(UnreadableDocuments):
        await source(folder, unreadable="skip").run()


@pytest.mark.parametrize("exists", [True, False])
async def test_a_folder_without_documents_is_an_error_that_names_it(
    tmp_path: Path, exists: bool
) -> None:
    folder = tmp_path / "docs"
    if exists:
        folder.mkdir()
    with pytest.raises(NoDocuments, match=r"No document found in .*docs"):
        await source(folder).run()


@pytest.mark.slow
def test_a_bad_file_shows_in_health_and_in_answers(tmp_path: Path) -> None:
    folder = fill(tmp_path / "docs", {"a.pdf": b"not a pdf"})
    with live_api(chatbot(folder), tmp_path / "data", "http://127.0.0.1:9/v1") as api:
        health, answer = api.get("/health"), api.post("/chat", json={"question": "Why?"})

    assert (health.status_code, health.json()["status"]) == (503, "unhealthy")
    assert "a.pdf: not a readable PDF" in health.json()["reason"]
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "start_failed"
    assert "a.pdf" in answer.json()["error"]["message"]
