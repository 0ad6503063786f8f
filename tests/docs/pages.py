"""The documentation as data: its pages, their links and their blocks of code."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md")})
MARKDOWN = MarkdownIt("gfm-like", {"linkify": False})
TITLE = re.compile(r"title=(\S+)")
SEPARATORS = {"&&", "||", "|", ";", "&", ">"}


@dataclass(frozen=True)
class Block:
    """```language title=the/file"""

    page: Path
    line: int
    language: str
    file: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def tokens(page: Path) -> Iterator[Token]:
    for token in MARKDOWN.parse(page.read_text("utf-8")):
        yield token
        yield from token.children or ()


def blocks(page: Path, *languages: str) -> list[Block]:
    found = []
    for token in tokens(page):
        if token.type == "fence":
            language, _, rest = token.info.partition(" ")
            title = TITLE.search(rest)
            line = (token.map or [0])[0] + 1
            found.append(Block(page, line, language, title[1] if title else "", token.content))
    return [block for block in found if not languages or block.language in languages]


def links(page: Path) -> Iterator[str]:
    for token in tokens(page):
        if token.type == "link_open":
            yield str(token.attrs["href"])
        elif token.type == "image":
            yield str(token.attrs["src"])
        elif token.type.startswith("html"):
            yield from re.findall(r'(?:src|srcset|href)="([^"]+)"', token.content)


def anchors(page: Path) -> set[str]:
    """As GitHub names headings."""
    parsed = MARKDOWN.parse(page.read_text("utf-8"))
    heads = [parsed[at + 1].content for at, token in enumerate(parsed) if is_heading(token)]
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def is_heading(token: Token) -> bool:
    return token.type == "heading_open"


def table_rows(page: Path, title: str) -> list[list[str]]:
    """The cells of the tables below one heading, as they are written."""
    _, _, rest = page.read_text("utf-8").partition(f"## {title}\n")
    section = rest.partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    return [row for row in cells if not set(row[0]) <= set("- ")][1:]


def commands(text: str) -> Iterator[list[str]]:
    """Every simple command of a shell block, in words, without what it sets before itself."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.shlex(line, posix=True, punctuation_chars="&|;>")
        words.whitespace_split = True
        command: list[str] = []
        for word in [*words, ";"]:
            if word not in SEPARATORS:
                command.append(word)
            elif command:
                yield command[next(_unset(command)) :]
                command = []


def _unset(command: list[str]) -> Iterator[int]:
    yield from (at for at, word in enumerate(command) if not re.match(r"\w+=", word))
    yield len(command)
