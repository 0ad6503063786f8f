"""May the files be read, and are the documents there, readable and not empty? Asked before
anything is started.
"""

import os
import resource
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from ...model.base.errors import Problem
from ...model.drawing.pipeline import Pipeline
from ..errors import PathRefused
from .file_gate import FileGate
from .source_paths import FILES, PATHS

# As serving reads them: a test holds both to each other.
KINDS = (
    ".pdf", ".txt", ".md", ".markdown", ".rst", ".log", ".html", ".htm", ".xhtml",
    ".docx", ".pptx", ".odt", ".epub", ".xlsx", ".csv", ".tsv", ".eml",
)  # fmt: skip
# Reading every page of a library would take longer than the deployment.
PDFS_READ_THROUGH = 20
MOST_MEMORY = 1_000_000_000
SCAN = "If it is a scan, name its language in `ocr`, or run text recognition on it. "
NOT_THERE = "Name a file or folder that exists on this machine and can be read."


def check_sources(pipeline: Pipeline) -> list[Problem]:
    """The pipeline is settled: its paths are what the host will read."""
    gate = FileGate.of(os.environ)
    problems: list[Problem] = []
    for index, node in enumerate(pipeline.nodes):
        name = PATHS.get(node.component, "")
        given, field = str(node.config.get(name, "")), f"nodes[{index}].config.{name}"
        if node.component == "documents":
            problems.extend(_check_documents(gate, Path(given), field, node.config))
        elif given.startswith("/"):
            problems.extend(_check_judged(gate, Path(given), field))
        elif node.component in FILES and given:
            problems.append(_relative(Path(given), field))
    return problems


def _check_judged(gate: FileGate, path: Path, field: str) -> Iterator[Problem]:
    try:
        gate.judged(path).stat()
    except PathRefused as error:
        yield Problem(error.message, field, error.fix)
    except OSError as error:
        yield Problem(f"{path} cannot be read: {error.strerror}", field, NOT_THERE)


def _relative(path: Path, field: str) -> Problem:
    fix = f"Write the whole path, for example {Path('/srv') / path.name}."
    return Problem(f"{path} is a relative path", field, fix)


def _check_documents(
    gate: FileGate, path: Path, field: str, config: Mapping[str, Any]
) -> Iterator[Problem]:
    if not path.is_absolute():
        yield _relative(path, field)
        return
    try:
        files = sorted(_files(gate, path))
        gate = gate.within(path) if path.is_dir() else gate
    except PathRefused as error:
        yield Problem(error.message, field, error.fix)
        return
    except OSError as error:
        yield Problem(f"{path} cannot be read: {error.strerror}", field, NOT_THERE)
        return
    if not files:
        yield Problem(f"{path} holds no documents", field, f"Put {', '.join(KINDS)} files there.")
    if config.get("unreadable") == "skip":
        return
    read_through = 0 if config.get("ocr") else PDFS_READ_THROUGH  # a scan has its text to come
    for number, file in enumerate(files):
        yield from _check_file(gate, file, field, read_through=number < read_through)


def _files(gate: FileGate, path: Path) -> Iterator[Path]:
    gate.judged(path).stat()
    if not path.is_dir():
        yield path
        return
    list(path.iterdir())
    for _, file in gate.files(path):
        if file.suffix.lower() in KINDS:
            yield file


def _check_file(gate: FileGate, file: Path, field: str, read_through: bool) -> Iterator[Problem]:
    fix = "Mend the file or move it out of the folder."
    if file.suffix.lower() not in KINDS:
        kinds = ", ".join(KINDS)
        yield Problem(f"{file} is none of {kinds}", field, "Convert it to one of these.")
        return
    try:
        with gate.open(file) as stream, _limited_memory():
            is_pdf = file.suffix.lower() == ".pdf"
            empty = _is_empty_pdf(stream, read_through) if is_pdf else _is_blank(stream)
    except PathRefused as error:
        yield Problem(error.message, field, fix)
    except OSError as error:
        yield Problem(f"{file} cannot be read: {error.strerror}", field, fix)
    except MemoryError:
        told = f"{file} takes more than {MOST_MEMORY // 1_000_000} MB of memory"
        yield Problem(told, field, fix)
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        yield Problem(f"{file} is not a readable PDF: {error}", field, fix)
    else:
        if empty:
            yield Problem(f"{file} holds no text", field, SCAN + fix)


@contextmanager
def _limited_memory() -> Iterator[None]:
    """A small PDF may inflate to more than a worker has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    known = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([used + MOST_MEMORY, *known]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _is_blank(stream: BinaryIO) -> bool:
    return all(not block.strip() for block in iter(lambda: stream.read(65536), b""))


def _is_empty_pdf(stream: BinaryIO, read_through: bool) -> bool:
    reader = PdfReader(stream)
    if not read_through:
        return len(reader.pages) == 0
    if any(page.extract_text().strip() for page in reader.pages):
        return False
    return not any(reader.get_form_text_fields().values())
