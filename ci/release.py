"""python -m ci.release TAG: the notes of a release, or why it is none yet."""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEADING = re.compile(r"^## \[(?P<version>[^\]]+)\](?: - (?P<date>\d{4}-\d\d-\d\d))?$", re.MULTILINE)


class NotReady(Exception):
    """Tag, version and changelog do not agree."""


def notes(tag: str, version: str, changelog: str) -> str:
    """What the changelog says of that version; raises NotReady."""
    if tag != f"v{version}":
        raise NotReady(f"The tag is {tag}, but pyproject.toml has version {version}.")
    headings = list(HEADING.finditer(changelog))
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        if heading["version"] == version and heading["date"]:
            end = following.start() if following else len(changelog)
            return changelog[heading.end() : end].strip() + "\n"
    raise NotReady(f"CHANGELOG.md has no heading `## [{version}] - YYYY-MM-DD`.")


def main(arguments: list[str]) -> int:
    (tag,) = arguments
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    try:
        print(notes(tag, project["version"], (ROOT / "CHANGELOG.md").read_text("utf-8")), end="")
    except NotReady as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
