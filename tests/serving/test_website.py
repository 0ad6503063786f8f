"""A website that is really served, read page by page; what must not be read is not."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from serving import errors
from serving.component import Context
from serving.components.data_source.website import Website, WebsiteConfig
from serving.documents.formats.html import read_page
from serving.models.llm import Llm
from serving.port_types import Documents

HOME = """<html><head><title>Northwind</title><script>var menu = 1</script></head><body>
<nav><a href="/menu">Menu</a></nav><main><h1>Welcome</h1><p>The office opens at <b>7:30</b>.</p>
<a href="/rules#gpus">Rules</a> <a href="/private/pay">Pay</a> <a href="/old">Old</a>
<a href="http://elsewhere.example/">Elsewhere</a> <a href="/away">Away</a>
<a href="/photo">Photo</a>
<a href="/gone">Gone</a> <a href="mailto:x@y.example">Mail</a></main>
<footer>Imprint</footer></body></html>"""
PAGES: dict[str, tuple[int, dict[str, str], str]] = {
    "/robots.txt": (200, {"Content-Type": "text/plain"}, "User-agent: *\nDisallow: /private/"),
    "/": (200, {}, HOME),
    "/rules": (
        200,
        {},
        "<p>A rented GPU may stay idle for three days.</p><a href='/deep'>more</a>",
    ),
    "/deep": (200, {}, "<p>Deep down, hotels cost 140 euros.</p>"),
    "/private/pay": (200, {}, "<p>Salaries</p>"),
    "/menu": (200, {}, "<p>Soup</p>"),
    "/old": (301, {"Location": "/new"}, ""),
    "/new": (200, {}, "<p>The new page about backups.</p>"),
    "/away": (302, {"Location": "http://169.254.169.254/latest/meta-data"}, ""),
    "/photo": (200, {"Content-Type": "image/png"}, "png"),
    "/loop": (302, {"Location": "/loop"}, ""),
    "/astray": (302, {"Location": "http://["}, ""),
}


@contextmanager
def site(pages: dict[str, tuple[int, dict[str, str], str]]) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, headers, body = pages.get(self.path, (404, {}, "not here"))
            self.send_response(status)
            for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOW_ADDRESSES", "127.0.0.0/8")


async def read(source: str, tmp_path: Path, **config: Any) -> Documents:
    context = Context(tmp_path / "node", tmp_path, Llm("", ""), lambda progress: None)
    return await Website(WebsiteConfig(source=source, **config), context).run()


@pytest.mark.slow
async def test_pages_of_the_site_are_read_and_cited_by_their_address(
    allowed: None, tmp_path: Path
) -> None:
    with site(PAGES) as (url, asked):
        found = await read(f"{url}/", tmp_path)

    texts = {page.name.removeprefix(url): page.text for page in found.pages}
    assert "three days" in texts["/rules"]
    assert "backups" in texts["/new"], "a redirect on the site is followed"
    assert "/old" not in texts
    assert "hotels" in texts["/deep"]
    assert texts["/"].startswith("Northwind\n\nWelcome\n\nThe office opens at 7:30.")
    assert "Imprint" not in texts["/"]
    assert asked.count("/rules") == 1
    assert "/private/pay" not in asked
    assert {line.removeprefix(url).partition(":")[0] for line in found.reading.lines()} == {
        "/private/pay", "/away", "/photo", "/gone",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bounds", "read_pages"),
    [({"max_depth": 0}, {"/"}), ({"max_pages": 2}, {"/", "/menu"})],
)
async def test_the_bounds_are_kept(
    allowed: None, tmp_path: Path, bounds: dict[str, int], read_pages: set[str]
) -> None:
    with site(PAGES) as (url, asked):
        found = await read(f"{url}/", tmp_path, **bounds)
    assert {page.name.removeprefix(url) for page in found.pages} == read_pages
    assert set(asked) - {"/robots.txt", "/sitemap.xml"} == read_pages


@pytest.mark.slow
async def test_bytes_are_bounded_too(allowed: None, tmp_path: Path) -> None:
    big: dict[str, tuple[int, dict[str, str], str]] = {
        "/": (200, {}, f"<a href=/a>a</a><p>{'word ' * 3000}</p>"),
        "/a": (200, {}, "<p>a</p>"),
    }
    with site(big) as (url, asked):
        found = await read(f"{url}/", tmp_path, max_bytes=10_000)
    assert "/a" not in asked
    assert "bytes were read already" in str(found.left_out[0])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pages", "start", "reason"),
    [
        ({**PAGES, "/robots.txt": (503, {}, "")}, "/", "robots.txt answers 503"),
        (PAGES, "/private/pay", "robots.txt asks"),
        (PAGES, "/nowhere", "answers 404"),
        (PAGES, "/away", "another site, http://169.254.169.254"),
        (PAGES, "/loop", "redirects more than"),
        (PAGES, "/astray", r"no address: http://\["),
        ({"/": (200, {}, "<p> </p>")}, "/", "no text"),
    ],
)
async def test_a_start_page_that_cannot_be_read_is_an_error(
    allowed: None,
    tmp_path: Path,
    pages: dict[str, tuple[int, dict[str, str], str]],
    start: str,
    reason: str,
) -> None:
    with site(pages) as (url, _), pytest.raises(errors.WebsiteUnreadable, match=reason):
        await read(url + start, tmp_path)


@pytest.mark.slow
async def test_nothing_inside_the_house_is_read_unless_allowed(tmp_path: Path) -> None:
    with site(PAGES) as (url, asked), pytest.raises(errors.AddressRefused, match="not on the pub"):
        await read(f"{url}/", tmp_path)
    assert not asked


async def test_a_start_that_is_no_address_is_told(tmp_path: Path) -> None:
    with pytest.raises(errors.AddressRefused, match="no valid address"):
        await read("http://[::1", tmp_path)


@pytest.mark.slow
async def test_links_start_from_where_a_redirect_led(allowed: None, tmp_path: Path) -> None:
    pages: dict[str, tuple[int, dict[str, str], str]] = {
        "/docs": (301, {"Location": "/docs/"}, ""),
        "/docs/": (200, {}, '<p>All</p><a href="hours.html">Hours</a> <a href="/docs">Home</a>'),
        "/docs/hours.html": (200, {}, "<p>We open at 7:30.</p>"),
    }
    with site(pages) as (url, _):
        found = await read(f"{url}/docs", tmp_path)
    assert [page.name.removeprefix(url) for page in found.pages] == ["/docs/", "/docs/hours.html"]
    assert found.left_out == ()


SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    "<url><loc>{url}/unlinked</loc></url><url><loc>http://elsewhere.example/</loc></url></urlset>"
)
INDEX = (
    '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    "<sitemap><loc>{url}/pages.xml</loc></sitemap></sitemapindex>"
)
XML = {"Content-Type": "application/xml"}


@pytest.mark.slow
@pytest.mark.parametrize("named", [True, False], ids=["in robots.txt", "by custom"])
async def test_pages_that_only_a_sitemap_names_are_read(
    allowed: None, tmp_path: Path, named: bool
) -> None:
    pages: dict[str, tuple[int, dict[str, str], str]] = {
        "/": (200, {}, "<p>Start</p>"),
        "/unlinked": (200, {}, "<p>Nobody links here.</p>"),
    }
    with site(pages) as (url, _):
        pages["/pages.xml"] = (200, XML, SITEMAP.format(url=url))
        pages["/index.xml" if named else "/sitemap.xml"] = (200, XML, INDEX.format(url=url))
        pages["/robots.txt"] = (200, {}, f"Sitemap: {url}/index.xml" if named else "")
        found = await read(f"{url}/", tmp_path)
        alone = await read(f"{url}/", tmp_path, max_depth=0)
    assert [page.name.removeprefix(url) for page in found.pages] == ["/", "/unlinked"]
    assert found.left_out == ()
    assert len(alone.pages) == 1


@pytest.mark.slow
async def test_a_sitemap_that_cannot_be_read_is_told_where_it_was_named(
    allowed: None, tmp_path: Path
) -> None:
    pages: dict[str, tuple[int, dict[str, str], str]] = {"/": (200, {}, "<p>Start</p>")}
    with site(pages) as (url, _):
        pages["/robots.txt"] = (200, {}, f"Sitemap: {url}/broken\nSitemap: {url}/gone")
        pages["/broken"] = (200, XML, "<urlset>")
        found = await read(f"{url}/", tmp_path)
    broken, gone = (str(each).removeprefix(url) for each in found.left_out)
    assert broken.startswith("/broken: ")
    assert "no readable sitemap" in broken
    assert gone.startswith("/gone: ")
    assert "answers 404" in gone


@pytest.mark.slow
async def test_a_page_that_names_another_as_its_own_is_read_there(
    allowed: None, tmp_path: Path
) -> None:
    link = "<link rel=canonical href={}><p>{}</p>"
    pages: dict[str, tuple[int, dict[str, str], str]] = {
        "/": (200, {}, "<p>Start</p>" + "".join(f"<a href={p}>x</a>" for p in "abcd")),
        "/a": (200, {}, link.format("/whole", "A print of it.")),
        "/whole": (200, {}, link.format("/whole", "The whole.")),
        "/b": (200, {}, link.format("/c", "They name each other.")),
        "/c": (200, {}, link.format("/b", "One of them is read.")),
        "/d": (200, {}, link.format("http://elsewhere.example/", "Of another site.")),
    }
    with site(pages) as (url, _):
        found = await read(f"{url}/", tmp_path)
    read_pages = [page.name.removeprefix(url) for page in found.pages]
    assert sorted(read_pages) == ["/", "/c", "/d", "/whole"]
    assert [str(each).replace(url, "") for each in found.left_out] == [
        "/a: it names /whole as the page to read",
        "/b: it names /c as the page to read",
    ]


@pytest.mark.slow
async def test_a_site_may_ask_in_a_header_not_to_be_indexed(allowed: None, tmp_path: Path) -> None:
    pages: dict[str, tuple[int, dict[str, str], str]] = {
        "/": (200, {}, "<p>Start</p><a href=/draft>x</a>"),
        "/draft": (200, {"X-Robots-Tag": "noindex"}, "<p>Draft</p>"),
    }
    with site(pages) as (url, _):
        found = await read(f"{url}/", tmp_path)
    assert [page.name.removeprefix(url) for page in found.pages] == ["/"]
    assert [str(each).removeprefix(url) for each in found.left_out] == [
        "/draft: it asks not to be indexed"
    ]


@pytest.mark.slow
async def test_a_folder_of_pages_is_read_too(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "rules.html").write_text("<title>Rules</title><p>Three days.</p>")
    found = await read(str(folder), tmp_path)
    assert [(page.name, page.text) for page in found.pages] == [
        ("rules.html", "Rules\n\nThree days.")
    ]


@pytest.mark.parametrize(
    ("html", "charset", "text"),
    [
        ("<p>Grüße</p>".encode("latin-1"), "latin-1", "Grüße"),
        ('<meta charset="iso-8859-1"><p>Grüße</p>'.encode("latin-1"), None, "Grüße"),
        ("<p>Grüße</p>".encode(), "no-such-charset", "Grüße"),
        ("<p>Grüße</p>".encode(), "none", "Grüße"),
        (b'<meta charset="undefined"><p>x</p>', "undefined", "x"),
        ("<p>5 €</p>".encode("cp1252"), "iso-8859-1", "5 €"),
        ("<p>朱镕基</p>".encode("gbk"), "gb2312", "朱镕基"),
        ("<p>Grüße</p>".encode("utf-8-sig"), "latin-1", "Grüße"),
        ("<p>Grüße</p>".encode("utf-16"), "latin-1", "Grüße"),
        ('<meta charset="utf-16"><p>Grüße</p>'.encode(), None, "Grüße"),
        ("<p>„Grüße“</p>".encode("cp1252"), None, "„Grüße“"),
        (b"<p>one<br>two</p><ul><li>three</li></ul>", None, "one\ntwo\n\nthree"),
        (b"<div hidden>no</div><article>a <i>b</i></article>", None, "a b"),
        (b"", None, ""),
    ],
)
def test_html_becomes_what_people_read(html: bytes, charset: str | None, text: str) -> None:
    assert read_page(html, "http://a.example/", charset).text == text


def test_a_page_may_ask_not_to_be_indexed_or_followed() -> None:
    page = read_page(b'<meta name=robots content="noindex,nofollow"><a href=/x>x</a>', "http://a/")
    assert (page.indexed, page.links) == (False, ())
    relative = read_page(
        b'<base href="/docs/"><a href=x#y>x</a><a href="http://[">b</a>', "http://a/"
    )
    assert relative.links == ("http://a/docs/x",)
