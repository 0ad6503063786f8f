"""Sitemaps (sitemaps.org): the pages that a site's owner lists, linked or not."""

import gzip
import io
from dataclasses import dataclass

MOST_ADDRESSES = 50_000  # as the protocol has it
MOST_BYTES = 50_000_000
GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Sitemap:
    """Of an index `sitemaps` are the others, and it lists no pages."""

    pages: tuple[str, ...]
    sitemaps: tuple[str, ...]


def read_sitemap(content: bytes) -> Sitemap:
    """Raises ValueError and ElementTree's ParseError for what is none."""
    from defusedxml.ElementTree import fromstring

    root = fromstring(_unpacked(content))
    kind = root.tag.rpartition("}")[2]
    if kind not in ("urlset", "sitemapindex"):
        raise ValueError("it is no sitemap")
    named = (child.findtext("{*}loc") or child.findtext("loc") or "" for child in root)
    places = tuple(place.strip() for place in named if place.strip())[:MOST_ADDRESSES]
    return Sitemap(places, ()) if kind == "urlset" else Sitemap((), places)


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(GZIP):
        return content
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
        xml = file.read(MOST_BYTES + 1)
    if len(xml) > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES} bytes")
    return xml
