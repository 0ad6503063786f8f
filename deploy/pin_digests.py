"""Writes beside each tag of docker-compose.yml the digest that its registry has for it now.

python deploy/pin_digests.py            shows what would be written
python deploy/pin_digests.py --write    name:tag becomes name:tag@sha256:…
"""

import argparse
import difflib
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx

COMPOSE = Path(__file__).resolve().parents[1] / "docker-compose.yml"
# What runs, or what a variable names when .env does not.
IMAGE = re.compile(r"(?m)^(?P<before>\s+image: (?:\$\{\w+:-)?)(?P<image>[^\s${}]+)(?P<after>\}?)$")
REFERENCE = re.compile(r"(?P<name>[\w./:-]+?):(?P<tag>[\w][\w.-]{0,127})(?:@sha256:[0-9a-f]{64})?")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
HUB = "registry-1.docker.io"
LOOPBACK = ("127.0.0.1:", "localhost:")
# An index of several platforms first: its digest is right for each of them.
ACCEPT = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)


class Unpinned(Exception):
    """Why an image has no digest."""


@dataclass(frozen=True)
class Image:
    name: str
    tag: str

    @classmethod
    def parse(cls, reference: str) -> Self:
        found = REFERENCE.fullmatch(reference)
        if not found:
            raise Unpinned(f"{reference}: an image is written name:tag")
        return cls(found["name"], found["tag"])

    @property
    def registry(self) -> str:
        return self._parts()[0]

    @property
    def repository(self) -> str:
        return self._parts()[1]

    def _parts(self) -> tuple[str, str]:
        """As Docker does: without a host it is its hub's, without an owner the library's."""
        first, slash, rest = self.name.partition("/")
        if slash and ("." in first or ":" in first or first == "localhost"):
            return first, rest
        return HUB, self.name if slash else f"library/{self.name}"

    def pinned(self, digest: str) -> str:
        return f"{self.name}:{self.tag}@{digest}"


def digest_of(image: Image, http: httpx.Client) -> str:
    """By the OCI distribution specification; anonymous where a token is asked for."""
    scheme = "http" if image.registry.startswith(LOOPBACK) else "https"
    url = f"{scheme}://{image.registry}/v2/{image.repository}/manifests/{image.tag}"
    try:
        answer = http.head(url, headers={"Accept": ACCEPT})
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            token = _token(answer, http)
            answer = http.head(url, headers={"Accept": ACCEPT, "Authorization": f"Bearer {token}"})
    except httpx.HTTPError as error:
        raise Unpinned(f"{image.name}:{image.tag}: {image.registry} does not answer") from error
    digest: str = answer.headers.get("Docker-Content-Digest", "")
    if not (answer.is_success and DIGEST.fullmatch(digest)):
        reason = f"{image.registry} answered {answer.status_code} without a digest"
        raise Unpinned(f"{image.name}:{image.tag}: {reason}")
    return digest


def _token(refused: httpx.Response, http: httpx.Client) -> str:
    """`Bearer realm="https://…",service="…",scope="…"`: where to ask for what."""
    asked = dict(CHALLENGE.findall(refused.headers.get("WWW-Authenticate", "")))
    realm = asked.pop("realm", "")
    if not realm.startswith(f"{refused.url.scheme}://"):
        raise Unpinned(f"{refused.url.host} asks for a password")
    told = http.get(realm, params=asked)
    try:
        words = told.raise_for_status().json()
        return str(words.get("token") or words["access_token"])
    except (httpx.HTTPStatusError, ValueError, KeyError, AttributeError) as error:
        raise Unpinned(f"{refused.url.host} gives no token to read with") from error


def pinned(text: str, http: httpx.Client) -> str:
    """The file with a digest beside each tag. Raises Unpinned, and then nothing is pinned."""

    def pin(found: re.Match[str]) -> str:
        image = Image.parse(found["image"])
        return found["before"] + image.pinned(digest_of(image, http)) + found["after"]

    return IMAGE.sub(pin, text)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("file", nargs="?", type=Path, default=COMPOSE)
    parser.add_argument("--write", action="store_true", help="into the file, not only here")
    options = parser.parse_args(arguments)
    before = options.file.read_text("utf-8")
    try:
        with httpx.Client(timeout=30) as http:
            after = pinned(before, http)
    except Unpinned as error:
        print(f"error: {error}\n  Nothing was written.", file=sys.stderr)
        return 1
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    print("\n".join(lines) or "Each tag has the digest that its registry has for it.")
    if options.write:
        options.file.write_text(after, "utf-8")
    return 2 if before != after and not options.write else 0


if __name__ == "__main__":
    sys.exit(main())
