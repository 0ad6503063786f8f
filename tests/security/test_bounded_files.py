"""One bad file costs its sender an error, and nobody else anything: each was an attack once."""

import os
import resource
import signal
import struct
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from serving.documents.formats.html import read_page
from serving.documents.reading import read_document, read_safely
from serving.errors import (
    BadInput,
    ReaderDied,
    ReadingFailed,
    ServingError,
    TooDemanding,
    UnreadableDocument,
    UnreadableTable,
)
from serving.isolation.bounds import MEGABYTE, PICTURE, SOUND, Bounds
from serving.isolation.pool import Pool, isolated, pool
from serving.learning.pictures import seen
from serving.models.sound import samples
from serving.tables.rows import read_rows
from tests.security.bad_readers import (
    complains,
    dies,
    gives,
    sleeps,
    takes_for_ever,
    takes_memory,
    told,
)
from tests.serving.learning.chains import DATA, served
from tests.serving.llm_double import LlmDouble
from tests.serving.support import chatbot, live_api, until, write_pdf
from tests.tools.flac import silent_flac

pytestmark = pytest.mark.slow

SMALL = Bounds(memory=200 * MEGABYTE, seconds=2)
PARSES_FOR_MINUTES = b"<html><body>" + b"<a href=x><div>" * 200_000


@pytest.fixture
def llm() -> Iterator[LlmDouble]:
    double = LlmDouble()
    yield double
    double.close()


def test_a_reader_that_takes_too_much_is_told_with_the_file_and_the_limit() -> None:
    with pytest.raises(TooDemanding, match=r"^a\.pdf: .* more than 200 MB of memory"):
        isolated("a.pdf", SMALL, takes_memory, 300)
    with pytest.raises(TooDemanding, match=r"^a\.pdf: .* more than 2 seconds"):
        isolated("a.pdf", SMALL, takes_for_ever)
    with pytest.raises(TooDemanding, match=r"more than 0 seconds"):
        isolated("a.pdf", Bounds(memory=MEGABYTE, seconds=0), sleeps)
    with pytest.raises(TooDemanding, match=r"more than 1 MB for what is in it"):
        isolated("a.pdf", Bounds(SMALL.memory, 2, answer=MEGABYTE), gives, 2)
    with pytest.raises(ReaderDied, match=r"^a\.pdf: its reader broke off \(signal 11\)"):
        isolated("a.pdf", SMALL, dies)


def test_an_error_comes_over_as_it_is() -> None:
    with pytest.raises(BadInput) as caught:
        isolated("a", SMALL, complains)
    assert (caught.value.index, caught.value.message) == (3, "Input 4: is odd")
    assert caught.value.body()["error"]["code"] == "bad_input"


def test_limits_are_those_of_one_file_and_a_reader_is_used_again() -> None:
    readers = Pool(1)
    try:
        pids = {readers.read("a", SMALL, os.getpid, ()) for _ in range(3)}
        for _ in range(3):
            assert readers.read("a", SMALL, takes_memory, (150,)) == 150 * MEGABYTE
        assert len(pids) == 1
        assert os.getpid() not in pids
        assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY
    finally:
        readers.close()


def test_a_reader_that_died_while_it_was_idle_is_replaced() -> None:
    readers = Pool(1)
    try:
        pid = readers.read("a", SMALL, os.getpid, ())
        os.kill(pid, signal.SIGKILL)
        until(lambda: psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
        assert readers.read("a", SMALL, os.getpid, ()) != pid
    finally:
        readers.close()


def test_a_reader_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    readers = Pool(1)
    monkeypatch.setenv("LLM_API_KEY", "canary")
    try:
        assert readers.read("a", SMALL, told, ("LLM_API_KEY",)) is None
    finally:
        readers.close()


def test_others_are_read_while_one_hangs() -> None:
    def hang() -> None:
        with pytest.raises(TooDemanding):
            isolated("slow", SMALL, takes_for_ever)

    hanging = threading.Thread(target=hang)
    hanging.start()
    assert read_safely("a.md", b"Fine.").documents[0].text == "Fine."
    assert hanging.is_alive()
    hanging.join()


# Documents


def test_a_page_nested_without_end_is_refused_by_its_depth() -> None:
    with pytest.raises(UnreadableDocument, match=r"x\.html: .* nested more than 512 deep"):
        read_safely("x.html", b"<div>" * 3000 + b"text")
    assert read_page(b"<div>" * 400 + b"text", "").text == "text"


def test_a_page_that_is_parsed_for_minutes_is_broken_off() -> None:
    with pytest.raises(TooDemanding, match="more than 2 seconds"):
        isolated("x.html", SMALL, read_page, PARSES_FOR_MINUTES, "")


def test_a_chat_is_answered_while_a_deep_page_is_read(
    llm: LlmDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.documents.reading.PAGE", Bounds(500 * MEGABYTE, 3))
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("Three days.")
    answers: list[int] = []
    with live_api(chatbot(tmp_path / "docs"), tmp_path / "data", llm.url) as api:

        def upload() -> None:
            answers.append(api.put("/ingest/x.html", content=PARSES_FOR_MINUTES).status_code)

        uploading = threading.Thread(target=upload)
        uploading.start()
        while uploading.is_alive():
            assert api.post("/chat", json={"question": "How long?"}).status_code == 200
        assert answers == [422]
        assert api.get("/health").json()["documents"] == 1


def test_a_pdf_has_a_limit_of_pages_and_of_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = write_pdf(tmp_path / "x.pdf", ["Some text."] * 4).read_bytes()
    assert len(read_document("x.pdf", content).documents) == 4
    with monkeypatch.context() as patch:
        patch.setattr("serving.documents.formats.pdf.reader.MOST_PAGES", 3)
        with pytest.raises(UnreadableDocument, match=r"x\.pdf: it has more than 3 pages"):
            read_document("x.pdf", content)
    monkeypatch.setattr("serving.documents.formats.pdf.reader.MOST_CHARACTERS", 30)
    with pytest.raises(UnreadableDocument, match=r"x\.pdf: its text is longer than 30 characters"):
        read_document("x.pdf", content)


# Tables


def wide_csv() -> bytes:
    return ",".join(f"column{number}" for number in range(140_000)).encode() + b"\n1,2\n"


def test_a_header_of_many_columns_is_refused_at_once() -> None:
    assert 1_500_000 < len(wide_csv()) < 2_000_000
    with pytest.raises(UnreadableTable, match="more than 500 columns"):
        read_rows("x.csv", wide_csv())
    with pytest.raises(UnreadableTable, match="a row is longer than 2000000 characters"):
        read_rows("x.csv", wide_csv().replace(b"\n", b",") * 2)
    with pytest.raises(UnreadableTable, match="a row is longer than 2000000 characters"):
        read_rows("x.csv", b"a,b\n" + b'"x\n",' * 1_000_000)


def test_a_few_lines_do_not_become_a_huge_table() -> None:
    """47 KB, which were 410 MB: each row had every column of all others."""
    wide = "{" + ",".join(f'"c{number}": 1' for number in range(450)) + "}\n"
    lines = (wide + "{}\n" * 14_000).encode()
    assert len(lines) < 50_000
    with pytest.raises(UnreadableTable, match="more than 5000000 cells"):
        read_rows("x.jsonl", lines)
    few = (wide + "{}\n" * 5_000).encode()
    rows = isolated("x.jsonl", Bounds(memory=100 * MEGABYTE, seconds=20), read_rows, "x.jsonl", few)
    assert len(rows.cells) == 5001


def test_json_lines_of_deep_or_endless_values_are_problems_of_their_rows() -> None:
    lines = [b'{"a": 1}', b'{"a": ' + b"[" * 500 + b"]" * 500 + b"}", b'{"a": 1e999}', b"[" * 9999]
    rows = read_rows("x.jsonl", b"\n".join(lines))
    assert rows.cells == (("1",),)
    assert rows.problems == tuple(f"row {number} is not JSON" for number in (2, 3, 4))


@pytest.mark.slow
def test_a_file_that_cannot_be_scored_holds_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLOPS_DATA_ROOTS", str(DATA))
    table = ("table", {"path": str(DATA / "machines.csv")})
    with served(
        tmp_path, table, ("tabular-model", {"target": "repair_cost", "ignore": ["failed"]})
    ) as api:
        answer = api.post("/batch/csv", content=wide_csv())
        assert answer.status_code == 422
        assert "more than 500 columns" in answer.json()["error"]["message"]


# Images and sound


def png(width: int, height: int) -> bytes:
    """Blank, one bit a pixel: a megapixel in a hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = zlib.compress(bytes((1 + width // 8) * height), 9)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_an_image_of_many_pixels_is_refused_and_a_large_one_fits_its_bounds() -> None:
    with pytest.raises(ValueError, match="more than 40000000 pixels"):
        seen("x.png", png(8000, 8000))
    assert len(seen("x.png", png(6320, 6320)))
    assert PICTURE.memory <= 1000 * MEGABYTE


def test_a_frame_that_is_larger_than_its_picture_is_refused() -> None:
    """A picture of 1 x 1 whose one frame has 9600 x 9600 pixels."""
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
    frame = b"," + struct.pack("<HHHHB", 0, 0, 9600, 9600, 0) + b"\x02\x02\x4c\x01\x00;"
    with pytest.raises(ValueError, match="more than 40000000 pixels"):
        seen("x.gif", head + frame)


def test_a_small_recording_of_many_hours_is_refused_before_it_is_decoded() -> None:
    """1 MB, which took 5.6 GB."""
    recording = silent_flac(blocks=64_000, rate=48_000)
    assert len(recording) < 1.2 * MEGABYTE
    with pytest.raises(ValueError, match="longer than 600 seconds"):
        isolated("x.flac", SOUND, samples, recording)


def test_sound_is_decoded_as_it_was_recorded() -> None:
    assert len(samples(silent_flac(blocks=2, rate=48_000))) == pytest.approx(43_690, abs=200)
    speech = samples((DATA / "window.ogg").read_bytes())
    assert abs(speech).max() > 0.1
    for content in (b"", b"not a recording", b"fLaC" + bytes(100)):
        with pytest.raises(ValueError, match="no sound can be read from it"):
            samples(content)


def test_every_failure_of_a_reader_is_an_error_that_is_answered() -> None:
    assert issubclass(ReadingFailed, ServingError)
    assert {TooDemanding.status, ReaderDied.status} == {422}
    assert pool() is pool()
