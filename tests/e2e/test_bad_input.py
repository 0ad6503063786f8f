"""Bad input gets one clear error that names the field and the fix, and nothing is started."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.harness import Platform

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("second platform"),
]
CATALOG = Path(__file__).parents[2] / "catalog" / "pipelines" / "rag-chatbot.yaml"


@pytest.fixture(autouse=True)
def nothing_is_started(platform: Platform) -> Iterator[None]:
    before = platform.json("ls")
    yield
    assert platform.json("ls") == before


def refused(platform: Platform, *arguments: str) -> str:
    done = platform.run("deploy", *arguments, fine=(1, 2))
    text = done.stdout + done.stderr
    assert "Traceback" not in text
    return text


def test_an_unknown_pipeline_offers_the_nearest(platform: Platform) -> None:
    assert "rag-chatbot" in refused(platform, "rag-chatbt", "--target", "local")


def test_a_missing_input_is_named(platform: Platform) -> None:
    assert "documents" in refused(platform, "rag-chatbot", "--target", "local")


def test_an_unknown_target_is_named_with_those_there_are(
    platform: Platform, documents: Path
) -> None:
    text = refused(platform, "rag-chatbot", "--target", "moon", "--set", f"documents={documents}")
    assert "moon" in text
    assert "local" in text


def test_a_target_that_an_entry_cannot_run_on_is_named_with_those_it_can(
    platform: Platform,
) -> None:
    text = refused(platform, "vllm-serving", "--target", "local")
    assert '"local" is not one of "runpod"' in text


def test_what_local_does_not_run_is_named_with_the_node_that_needs_it(
    platform: Platform, tmp_path: Path
) -> None:
    shipped = CATALOG.with_name("vllm-serving.yaml")
    mine = tmp_path / shipped.name
    mine.write_text(shipped.read_text().replace("targets: [runpod, vastai, k3s, auto]\n", ""))
    text = refused(platform, str(mine), "--target", "local")
    assert "does not run vllm, which node 'model' (vllm-server) needs" in text
    assert "nothing was created" in text


@pytest.mark.parametrize("name", ['a"b', "a\nb", "${path.module}", "{{ lookup('env','HOME') }}"])
def test_a_name_that_could_become_code_is_refused(
    platform: Platform, documents: Path, name: str
) -> None:
    text = refused(
        platform, "rag-chatbot", "--target", "local", "--name", name,
        "--set", f"documents={documents}",
    )  # fmt: skip
    assert "not a valid name" in text


def test_a_folder_that_is_not_there_is_named(platform: Platform, documents: Path) -> None:
    missing = documents / "no-such-folder"
    text = refused(platform, "rag-chatbot", "--target", "local", "--set", f"documents={missing}")
    assert str(missing) in text
    assert "No such file" in text


def test_a_folder_outside_the_roots_is_told_with_the_way_to_allow_it(platform: Platform) -> None:
    text = refused(
        platform, "rag-chatbot", "--target", "local", "--set", "documents=/no/such/folder"
    )
    assert "/no/such/folder is not read" in text
    assert "MLOPS_DATA_ROOTS" in text


def test_a_pdf_that_is_none_is_named(platform: Platform, documents: Path) -> None:
    (documents / "broken.pdf").write_bytes(b"%PDF-1.7 and then nothing of the kind")
    text = refused(platform, "rag-chatbot", "--target", "local", "--set", f"documents={documents}")
    assert "broken.pdf" in text


def test_an_empty_document_is_named(platform: Platform, documents: Path) -> None:
    (documents / "empty.md").write_text("  \n")
    text = refused(platform, "rag-chatbot", "--target", "local", "--set", f"documents={documents}")
    assert "empty.md" in text
    assert "no text" in text


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("text-splitter", "text-spliter", "Did you mean 'text-splitter'?"),
        ("source: store, target: chat", "source: docs, target: chat", "does not fit"),
    ],
)
def test_a_file_is_checked_where_it_stands(
    platform: Platform, documents: Path, tmp_path: Path, old: str, new: str, says: str
) -> None:
    file = tmp_path / "rag-chatbot.yaml"
    file.write_text(CATALOG.read_text().replace(old, new))
    text = refused(platform, str(file), "--target", "local", "--set", f"documents={documents}")
    assert says in text
    assert "rag-chatbot.yaml:" in text
