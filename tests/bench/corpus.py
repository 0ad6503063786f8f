"""Files that nobody here wrote, out of packages of Debian and PyPI."""

import gzip
from collections.abc import Iterator
from pathlib import Path

from serving.documents.reading import ENDINGS
from tests.tools.debian import unpacked
from tests.tools.wheels import unpacked as python_packages

# Manuals in twelve languages, as PDF, HTML, EPUB and text, their sources, and mails of every kind.
PACKAGES = (
    "debian-faq",
    "debian-faq-ru",
    "debian-history",
    "debian-policy",
    "debian-refcard",
    "debian-reference-de",
    "debian-reference-en",
    "developers-reference",
    "docutils-doc",
    "git-doc",
    "gnuplot-doc",
    "libpython3.11-testsuite",
    "maint-guide",
    "postgresql-doc-15",
    "python3.11-doc",
)


def documents() -> Iterator[tuple[str, bytes]]:
    """All files of the packages that a reader takes, as (package/…/name, content)."""
    for package in PACKAGES:
        root = unpacked(package)
        for path in sorted(root.rglob("*")):
            name = path.name.removesuffix(".gz")
            if Path(name).suffix.lower() in ENDINGS and path.is_file() and not path.is_symlink():
                yield f"{package}/{path.relative_to(root).with_name(name)}", content_of(path)


def named(names: list[str]) -> dict[str, bytes]:
    """Those of the documents whose names end so."""
    return {n: content for n, content in documents() if n.rpartition("/")[2] in names}


def series(name: str) -> bytes:
    return (python_packages("real-series") / name).read_bytes()


def content_of(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content
