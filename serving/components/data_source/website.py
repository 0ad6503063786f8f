"""The pages of a website, or of a folder of pages; each passage is cited by its address."""

from typing import Literal

from pydantic import Field

from serving import errors
from serving.component import Component, Config, Context
from serving.components.data_source.documents import DocumentsConfig, DocumentSource
from serving.documents.crawl import Bounds, Crawl
from serving.documents.duplicates import folded
from serving.outgoing import gate
from serving.port_types import Documents
from serving.problems import listed
from serving.reading_report import NOT_PREVIEWED


class WebsiteConfig(Config):
    source: str = Field(min_length=1)
    unreadable: Literal["fail", "skip"] = "skip"
    max_pages: int = Field(default=50, ge=1, le=1000)
    max_depth: int = Field(default=2, ge=0, le=10)
    max_bytes: int = Field(default=20_000_000, ge=10_000, le=500_000_000)


class Website(Component):
    kind = "website"
    Config = WebsiteConfig

    def __init__(self, config: WebsiteConfig, context: Context) -> None:
        super().__init__(config, context)
        self._gate = gate()

    async def run(self) -> Documents:
        config = self.config
        if not config.source.startswith(("http://", "https://")):
            folder = DocumentsConfig(path=config.source, unreadable=config.unreadable)
            return await DocumentSource(folder, self.context).run()
        bounds = self._bounds()
        crawl = Crawl(config.source, bounds, self._gate, self.context.report)
        await crawl.run()
        if crawl.unreadable and config.unreadable == "fail":
            reasons = listed([str(each) for each in crawl.unreadable])
            raise errors.UnreadableDocuments(count=len(crawl.unreadable), reasons=reasons)
        pages, copies = folded(crawl.documents, "address")
        left_out = (*crawl.unreadable, *crawl.left_out, *copies)
        return Documents(tuple(pages), left_out, kind="address")

    def _bounds(self) -> Bounds:
        config, most = self.config, self.context.most_files
        if most is None or config.max_pages <= most:
            return Bounds(config.max_pages, config.max_depth, config.max_bytes)
        return Bounds(most, config.max_depth, config.max_bytes, NOT_PREVIEWED)
