"""Documents cut into passages of a size that can be found and cited."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Self

from pydantic import Field, model_validator

from serving.component import Component, Config, Context
from serving.documents.chunking import split
from serving.documents.pieces import Pieces
from serving.documents.sections import Sections, columns_above
from serving.port_types import Chunk, Chunks, Document, Documents


class SplitterConfig(Config):
    chunk_size: int = Field(default=120, ge=20, le=2000)
    overlap: int = Field(default=20, ge=0, le=1000)

    @model_validator(mode="after")
    def _moves_forward(self) -> Self:
        if self.overlap * 2 >= self.chunk_size:
            raise ValueError("overlap must be less than half of chunk_size")
        return self


class TextSplitter(Component):
    kind = "text-splitter"
    Config = SplitterConfig

    def __init__(self, config: SplitterConfig, context: Context) -> None:
        super().__init__(config, context)
        self._size, self._overlap = config.chunk_size, config.overlap

    async def run(self, documents: Documents) -> Chunks:
        return await asyncio.to_thread(self._split_all, documents.pages)

    def _split_all(self, pages: Sequence[Document]) -> Chunks:
        return Chunks(tuple(self._passages(pages)))

    def _passages(self, pages: Sequence[Document]) -> Iterator[Chunk]:
        """A section goes on from one page of a file to the next."""
        sections = Sections()
        for page in pages:
            sections.begin(page)
            pieces = Pieces(page)
            for start, end in split(page, self._size, self._overlap):
                section = sections.at(start)
                text, marks = pieces.cut(start, end, columns_above(page, start))
                yield Chunk(page.name, page.page, text, section, page.tags, marks)
