from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from fpdf import FPDF
from PIL import Image

from serving.component import Context
from serving.components.data_source.documents import DocumentsConfig, DocumentSource
from serving.documents.formats.pdf.reader import read_pdf
from serving.documents.reading import read_document
from serving.errors import NoDocuments, UnreadableDocument, UnreadableDocuments
from serving.models.llm import Llm
from tests.serving.support import chatbot, live_api, write_pdf

pytestmark = pytest.mark.slow
FORM = [
    b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Annots[4 0 R]>>",
    b"<</Type/Annot/Subtype/Widget/FT/Tx/T(Tenant)/V(Ada Lovelace)/Rect[9 9 99 30]>>",
]


def pdf_of(objects: Sequence[bytes]) -> bytes:
    """With the table of where each object begins, which readers go by."""
    content, table = b"%PDF-1.4\n", b"0000000000 65535 f \n"
    for number, each in enumerate(objects, start=1):
        table += f"{len(content):010} 00000 n \n".encode()
        content += f"{number} 0 obj ".encode() + each + b" endobj\n"
    size = len(objects) + 1
    trailer = f"trailer <</Root 1 0 R/Size {size}>>\nstartxref\n{len(content)}\n%%EOF".encode()
    return content + f"xref\n0 {size}\n".encode() + table + trailer


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
    folder = fill(tmp_path / "docs", {name: f"Text of {name}.".encode() for name in names})
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


async def test_what_is_in_the_folder_and_not_read_is_told(tmp_path: Path) -> None:
    names = ["a.md", "b.jpg", "deep/c.jpg", "README", ".hidden.jpg"]
    found = await source(fill(tmp_path / "docs", dict.fromkeys(names, b"Some text."))).run()
    assert found.names == {"a.md"}
    assert tuple(found.reading.lines()) == (
        "README: not read, no document of a known kind",
        "b.jpg and 1 more .jpg: not read, no document of a known kind",
    )


async def test_pages_that_are_pictures_are_told_by_their_numbers(tmp_path: Path) -> None:
    pdf = FPDF()
    pdf.set_font("helvetica", size=12)
    for text in ["The deposit is two months.", "", "", "Sign here."]:
        pdf.add_page()
        pdf.cell(text=text) if text else pdf.image(Image.new("1", (8, 8)), w=100)
    pdf.add_page()
    (tmp_path / "docs").mkdir()
    pdf.output(str(tmp_path / "docs" / "lease.pdf"))
    found = await source(tmp_path / "docs").run()
    assert [page.page for page in found.pages] == [1, 4]
    assert tuple(found.reading.lines()) == (
        "lease.pdf: pages 2, 3 of 5 are pictures without text; "
        "set `ocr` to the language, or run text recognition on the file first",
    )


async def test_words_that_only_their_place_keeps_apart_come_apart(tmp_path: Path) -> None:
    pdf, at = FPDF(), 20.0
    pdf.add_page()
    pdf.set_font("helvetica", size=12)
    for word in ["Grafikkarten", "werden", "nach", "drei", "Tagen"]:
        pdf.text(at, 20, word)
        at += pdf.get_string_width(word) + 1.2
    (tmp_path / "docs").mkdir()
    pdf.output(str(tmp_path / "docs" / "a.pdf"))
    [page] = (await source(tmp_path / "docs").run()).pages
    assert page.text.split() == ["Grafikkarten", "werden", "nach", "drei", "Tagen"]


def test_what_was_filled_into_a_form_is_read() -> None:
    text = [page.text for page in read_document("form.pdf", pdf_of(FORM)).documents]
    assert text == ["Tenant: Ada Lovelace"]


def test_a_form_that_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    content = pdf_of([*FORM[:2], FORM[2].replace(b"/Annots", b"/Contents 5 0 R/Annots"), FORM[3]])

    def broken(_: object) -> None:
        raise KeyError("/V")

    monkeypatch.setattr("pypdf.PdfReader.get_form_text_fields", broken)
    with pytest.raises(UnreadableDocument):  # nothing else is in it
        read_document("form.pdf", content)
    problems = read_pdf("form.pdf", content)[1]
    assert [*map(str, problems)] == ["form.pdf: what was filled into its form is not read"]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Die Grüße kosten fünf Euro – „natürlich“ nur für größere Mengen ab März."),
        ("cp1251", "Срок возврата составляет два месяца после подписания договора аренды."),
        ("gb18030", "租赁合同签订后，退货期限为两个月，超过期限不予受理。请保存好收据。"),
        ("shift_jis", "返品期間は契約締結後二か月です。期限を過ぎた場合は受け付けません。"),
    ],
)
def test_an_older_encoding_is_guessed_and_told(encoding: str, text: str) -> None:
    read = read_document("a.txt", (text * 5).encode(encoding))
    assert read.documents[0].text == text * 5
    assert str(read.left_out[0]).startswith("a.txt: it is not UTF-8; read as ")


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
    assert found.names == {"b.txt"}
    assert [*found.reading.lines()] == ["a.txt: there is no text in it"]

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
    assert health.json()["failed"] is True
    assert health.json()["failed_node"] == "documents"
    assert "a.pdf: not a readable PDF" in health.json()["reason"]
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "start_failed"
    assert "a.pdf" in answer.json()["error"]["message"]
