"""Texts that are given twice are read once: a copy only takes the place of what else there is."""

from collections.abc import Iterable
from itertools import groupby

from serving.port_types import Document
from serving.reading_report import Kind, LeftOut


def folded(pages: Iterable[Document], kind: Kind) -> tuple[list[Document], list[LeftOut]]:
    """Pages of one name stand together. Of equal files the first is kept."""
    kept: dict[tuple[str, ...], list[Document]] = {}
    copies: list[LeftOut] = []
    for name, group in groupby(pages, lambda page: page.name):
        file = list(group)
        text = tuple(" ".join(page.text.split()) for page in file)
        first = kept.setdefault(text, file)
        if first is not file:
            why = f"it says the same as {first[0].name}"
            copies.append(LeftOut(kind=kind, where=name, reason=why))
    return [page for file in kept.values() for page in file], copies
