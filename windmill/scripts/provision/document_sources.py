"""Are the documents there, readable and not empty? Asked before anything is started."""

from collections.abc import Iterator
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from ..model.base.errors import Problem
from ..model.drawing.pipeline import Pipeline

KINDS = (".pdf", ".md", ".markdown", ".txt", ".text", ".html", ".htm")
# Reading every page of a library would take longer than the deployment.
PDFS_READ_THROUGH = 20


def check_documents(pipeline: Pipeline) -> list[Problem]:
    """The pipeline is settled: its paths are what the host will read."""
    problems: list[Problem] = []
    for index, node in enumerate(pipeline.nodes):
        if node.component == "documents":
            field = f"nodes[{index}].config.path"
            problems.extend(_check_path(Path(str(node.config.get("path", ""))), field))
    return problems


def _check_path(path: Path, field: str) -> Iterator[Problem]:
    if not path.is_absolute():
        fix = f"Write the whole path, for example {Path('/srv/documents')}."
        yield Problem(f"{path} is a relative path", field, fix)
        return
    try:
        files = sorted(_files(path))
    except OSError as error:
        fix = "Name a file or folder that exists on this machine and can be read."
        yield Problem(f"{path} cannot be read: {error.strerror}", field, fix)
        return
    if not files:
        yield Problem(f"{path} holds no documents", field, f"Put {', '.join(KINDS)} files there.")
    for number, file in enumerate(files):
        yield from _check_file(file, field, read_through=number < PDFS_READ_THROUGH)


def _files(path: Path) -> Iterator[Path]:
    path.stat()
    if not path.is_dir():
        yield path
        return
    list(path.iterdir())
    for file in path.rglob("*"):
        if file.suffix.lower() in KINDS and file.is_file():
            yield file


def _check_file(file: Path, field: str, read_through: bool) -> Iterator[Problem]:
    fix = "Mend the file or move it out of the folder."
    if file.suffix.lower() not in KINDS:
        kinds = ", ".join(KINDS)
        yield Problem(f"{file} is none of {kinds}", field, "Convert it to one of these.")
        return
    try:
        empty = (
            _is_empty_pdf(file, read_through) if file.suffix.lower() == ".pdf" else _is_blank(file)
        )
    except OSError as error:
        yield Problem(f"{file} cannot be read: {error.strerror}", field, fix)
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        yield Problem(f"{file} is not a readable PDF: {error}", field, fix)
    else:
        if empty:
            yield Problem(f"{file} holds no text", field, "A scan needs OCR first. " + fix)


def _is_blank(file: Path) -> bool:
    with file.open("rb") as stream:
        return all(not block.strip() for block in iter(lambda: stream.read(65536), b""))


def _is_empty_pdf(file: Path, read_through: bool) -> bool:
    with file.open("rb") as stream:
        reader = PdfReader(stream)
        if not read_through:
            return len(reader.pages) == 0
        return not any(page.extract_text().strip() for page in reader.pages)
