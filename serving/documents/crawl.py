"""The pages of one site, breadth first and bounded; robots.txt decides what may be read."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urljoin, urlsplit

from serving import errors
from serving.documents.formats.blocks import Text
from serving.documents.formats.encodings import decode_page
from serving.documents.formats.html import Page, read_page
from serving.documents.sitemap import Sitemap, read_sitemap
from serving.isolation.bounds import PAGE
from serving.isolation.pool import isolated
from serving.outgoing import PORTS, Gate, destination, read
from serving.port_types import Document
from serving.reading_report import LeftOut

if TYPE_CHECKING:
    import httpx

AGENT = "mlops-website-reader"
HEADERS = {"User-Agent": f"{AGENT}/1.0", "Accept": "text/html, text/plain;q=0.9"}
SECONDS = 20.0
MOST_PAGE_BYTES = 3_000_000
MOST_ROBOTS_BYTES = 512_000  # RFC 9309 asks for 500 KiB at least
MOST_REDIRECTS = 5
MOST_SITEMAPS = 20
MOST_DELAY_SECONDS = 10.0
PAGE_PROBLEMS = (errors.WebsiteError, errors.AddressRefused, errors.ResponseTooLarge)


@dataclass(frozen=True)
class Bounds:
    pages: int
    depth: int
    total_bytes: int
    beyond: str = "beyond max_pages"  # what is told of the pages that are too many


@dataclass(frozen=True)
class Fetched:
    url: str  # behind redirects: what its links and its name in answers start from
    status: int
    kind: str
    charset: str | None
    content: bytes
    rules: str = ""  # for robots, beside those in the page


@dataclass
class Crawl:
    start: str
    bounds: Bounds
    gate: Gate
    report: Callable[[str], None]
    documents: list[Document] = field(default_factory=list)
    unreadable: list[LeftOut] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)  # as the site or the bounds wish it
    _bytes: int = 0
    _robots: Any = None
    _delay: float = 0.0
    _deferred: set[str] = field(default_factory=set)  # pages in whose place another is read

    async def run(self) -> None:
        """Raises WebsiteUnreadable or AddressRefused when the start page cannot be read."""
        destination(self.start)
        self.start = urldefrag(self.start).url
        await self._read_robots()
        queue, seen = deque([(self.start, 0)]), {self.start}
        deeper: set[str] = set()
        while queue and len(self.documents) < self.bounds.pages:
            url, depth = queue.popleft()
            page = await self._visit(url, seen)
            links = [link for link in page.links if same_site(link, self.start)] if page else []
            if url == self.start and self.bounds.depth:
                links += await self._listed()
            if depth == self.bounds.depth:
                deeper.update(links)
                continue
            for link in links:
                if link not in seen:
                    seen.add(link)
                    queue.append((link, depth + 1))
        self._skip_further([url for url, _ in queue], self.bounds.beyond)
        self._skip_further(sorted(deeper - seen), "beyond max_depth")
        if not self.documents:
            raise errors.WebsiteUnreadable(url=self.start, reason=self.left_out[0].reason)

    async def _visit(self, url: str, seen: set[str]) -> Page | None:
        """None where it cannot be read, or was already, under another address."""
        self.report(f"{len(self.documents)} pages read, next {url}")
        try:
            self._check_may_read(url)
            fetched = await self._fetch(url)
            if fetched.url != url and fetched.url in seen:
                return None
            seen.add(fetched.url)
            page = await self._page(fetched)
            if self._stands_elsewhere(fetched.url, page):
                return self._deferred_to(fetched.url, page, seen)
        except PAGE_PROBLEMS as error:
            if url == self.start:
                raise errors.WebsiteUnreadable(url=url, reason=error.message) from error
            self.unreadable.append(_left_out(url, error.message))
            return None
        noindex = "noindex" in fetched.rules or not page.indexed
        if not noindex and any(map(str.isalnum, page.text)):
            titled = page.titled
            self.documents.append(
                Document(fetched.url, None, titled.text, titled.headings, titled.tables)
            )
        else:
            empty = "there is no text on it"
            self._skip(url, "it asks not to be indexed" if noindex else empty)
        await asyncio.sleep(self._delay)
        return page

    def _stands_elsewhere(self, url: str, page: Page) -> bool:
        """Another page of the site is the one to read; pages that name each other are both read."""
        other = page.canonical
        if other in ("", url) or url == self.start or not same_site(other, self.start):
            return False
        return other not in self._deferred

    def _deferred_to(self, url: str, page: Page, seen: set[str]) -> Page | None:
        self._deferred.add(url)
        self._skip(url, f"it names {page.canonical} as the page to read")
        return None if page.canonical in seen else replace(page, links=(page.canonical,))

    async def _listed(self) -> list[str]:
        """What its sitemaps list of the site: those that robots.txt names, or the usual one."""
        named = list(self._robots.sitemaps)
        queue, pages = deque(named or [urljoin(self.start, "/sitemap.xml")]), dict[str, None]()
        for _ in range(MOST_SITEMAPS):
            if not queue:
                break
            url = queue.popleft()
            try:
                sitemap = await self._sitemap(url)
            except PAGE_PROBLEMS as error:
                if named:
                    self.unreadable.append(_left_out(url, error.message))
                continue
            queue.extend(sitemap.sitemaps)
            pages |= dict.fromkeys(sitemap.pages)
        return [urldefrag(page).url for page in pages if same_site(page, self.start)]

    async def _sitemap(self, url: str) -> Sitemap:
        if not same_site(url, self.start):
            raise errors.WebsiteError(reason="its sitemap is of another site")
        fetched = await self._fetch(url)
        if fetched.status >= 400:
            raise errors.WebsiteError(reason=f"the site answers {fetched.status}")
        try:
            return await asyncio.to_thread(isolated, url, PAGE, read_sitemap, fetched.content)
        except errors.ReadingFailed as error:
            raise errors.WebsiteError(reason=error.reason) from error
        # What is no XML makes a parser raise nearly anything.
        except Exception as error:
            raise errors.WebsiteError(reason=f"no readable sitemap ({error})") from error

    def _skip_further(self, urls: Sequence[str], why: str) -> None:
        if urls:
            reason = f"{len(urls)} addresses, this one first: {why}"
            self._skip(urls[0], reason, len(urls))

    def _skip(self, url: str, reason: str, count: int = 1) -> None:
        self.left_out.append(_left_out(url, reason, count))

    async def _page(self, fetched: Fetched) -> Page:
        if fetched.status >= 400:
            raise errors.WebsiteError(reason=f"the site answers {fetched.status}")
        url, kind, content = fetched.url, fetched.kind, fetched.content
        self._bytes += len(content)
        if kind == "text/plain":
            return Page("", Text(decode_page(content, fetched.charset)), (), indexed=True)
        if kind not in ("text/html", "application/xhtml+xml"):
            raise errors.WebsiteError(reason=f"it is no page but {kind or 'of unknown type'}")
        charset = fetched.charset
        try:
            return await asyncio.to_thread(isolated, url, PAGE, read_page, content, url, charset)
        except errors.ReadingFailed as error:
            raise errors.WebsiteError(reason=error.reason) from error
        except ValueError as error:
            raise errors.WebsiteError(reason=str(error)) from error

    async def _fetch(self, url: str) -> Fetched:
        """Behind redirects that stay on the site."""
        import httpx

        for _ in range(MOST_REDIRECTS + 1):
            try:
                async with self.gate.open("GET", url, seconds=SECONDS, headers=HEADERS) as answer:
                    if not answer.has_redirect_location:
                        return await _content(url, answer)
                    target = _target(url, answer.headers["location"])
            except httpx.HTTPError as error:
                raise errors.WebsiteError(reason=str(error) or type(error).__name__) from error
            if not same_site(target, self.start):
                raise errors.WebsiteError(reason=f"it leads to another site, {target[:200]}")
            url = target
        raise errors.WebsiteError(reason=f"it redirects more than {MOST_REDIRECTS} times")

    async def _read_robots(self) -> None:
        """As RFC 9309 has it: no rules where there is no file, no reading where it fails."""
        from protego import Protego

        robots = await self._fetch_robots()
        if robots.status >= 500:
            reason = f"its robots.txt answers {robots.status}, so nothing may be read"
            raise errors.WebsiteUnreadable(url=self.start, reason=reason)
        rules = robots.content[:MOST_ROBOTS_BYTES] if robots.status < 400 else b""
        text = rules.decode("utf-8", "replace")
        self._robots = Protego.parse(text)
        self._delay = min(self._robots.crawl_delay(AGENT) or 0.0, MOST_DELAY_SECONDS)

    async def _fetch_robots(self) -> Fetched:
        try:
            return await self._fetch(urljoin(self.start, "/robots.txt"))
        except (errors.WebsiteError, errors.ResponseTooLarge) as error:
            raise errors.WebsiteUnreadable(url=self.start, reason=error.message) from error

    def _check_may_read(self, url: str) -> None:
        if not self._robots.can_fetch(url, AGENT):
            raise errors.WebsiteError(reason="its robots.txt asks not to read it")
        if self._bytes >= self.bounds.total_bytes:
            reason = f"more than {self.bounds.total_bytes} bytes were read already"
            raise errors.WebsiteError(reason=reason)


def _left_out(url: str, reason: str, count: int = 1) -> LeftOut:
    return LeftOut(kind="address", where=url, reason=reason, count=count)


def _target(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        reason = f"it redirects to what is no address: {location[:200]}"
        raise errors.WebsiteError(reason=reason) from error


def same_site(url: str, start: str) -> bool:
    """http and https of one host are one site; other ports and names are others."""
    try:
        return _site(url) == _site(start)
    except ValueError:
        return False


def _site(url: str) -> tuple[str | None, int | None]:
    parts = urlsplit(url)
    if parts.scheme not in PORTS:
        raise ValueError(parts.scheme)
    return parts.hostname, None if parts.port == PORTS[parts.scheme] else parts.port


async def _content(url: str, answer: "httpx.Response") -> Fetched:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await read(answer, MOST_PAGE_BYTES)
    rules = answer.headers.get("x-robots-tag", "").lower()
    return Fetched(url, answer.status_code, kind, answer.charset_encoding, body, rules)
