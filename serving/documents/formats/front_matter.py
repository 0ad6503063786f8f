"""What stands above a Markdown file's text: its title and tags are about the text, not in it."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

YAML = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
TOML = re.compile(r"\A\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*$\n?", re.DOTALL | re.MULTILINE)
TAGS = ("tags", "keywords", "categories")
# People ask for these; `layout`, `weight` and `draft` are for the program that builds a site.
TOLD = ("subtitle", "description", "summary", "abstract", "author", "authors", "date", "version")


@dataclass(frozen=True)
class FrontMatter:
    """`lines` are for readers; `unread` are the names of what is not."""

    title: str = ""
    tags: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def parted(text: str) -> tuple[FrontMatter, str]:
    """And the text below; all is text where what stands there is no mapping."""
    for pattern, load in ((YAML, _yaml), (TOML, _toml)):
        if (match := pattern.match(text)) and (fields := load(match[1])):
            return _sorted(fields), text[match.end() :]
    return FrontMatter(), text


def _yaml(source: str) -> Mapping[str, Any] | None:
    import yaml

    try:
        # A few lines whose aliases stand for each other would be gigabytes, or never end.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(source)):
            return None
        # Without types, so that 2024-05-01 and 1.10 stay as they are written.
        fields = yaml.load(source, yaml.BaseLoader)  # noqa: S506  # nosec B506 only text
    except (yaml.YAMLError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _toml(source: str) -> Mapping[str, Any] | None:
    try:
        return tomllib.loads(source)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _sorted(fields: Mapping[str, Any]) -> FrontMatter:
    named = {str(name): list(_texts(value)) for name, value in fields.items()}
    used = ("title", *TAGS, *TOLD)
    return FrontMatter(
        title=" ".join(named.get("title", ())),
        tags=tuple(tag for name in TAGS for tag in named.get(name, ())),
        lines=tuple(f"{name}: {', '.join(named[name])}" for name in TOLD if named.get(name)),
        unread=tuple(name for name in named if name not in used),
    )


def _texts(value: Any) -> Iterator[str]:
    """`tags: gpu` as well as `tags: [gpu, cost]`; of a mapping its values."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif text := " ".join(str(value).split()):
        yield text
