"""Names that are safe everywhere they end up: paths, labels, process names, file names."""

import difflib
import hashlib
import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import StringConstraints

NAME_PATTERN = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
NAME_LENGTH = 40
NAME_RULE = "lower-case letters, digits and single hyphens, beginning with a letter, at most 40"
NODE_ID_PATTERN = r"^[A-Za-z][A-Za-z0-9_-]*$"
# Input names become JavaScript member names in the compiled flow: nothing but identifiers.
INPUT_NAME_PATTERN = r"^[a-z][a-z0-9_]*$"
USE_PATTERN = r"^(playbooks|pipelines|meta-pipelines)/[a-z0-9-]+(@[A-Za-z0-9][A-Za-z0-9._/-]*)?$"
WINDMILL_PATH = r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$"
FILE_PATH = r"^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$"
_CAPITALS = {word.lower(): word for word in ("API", "CSV", "GB", "GPU", "ID", "LLM", "URL", "USD")}

Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=NAME_LENGTH)]
NodeId = Annotated[str, StringConstraints(pattern=NODE_ID_PATTERN, max_length=60)]
InputName = Annotated[str, StringConstraints(pattern=INPUT_NAME_PATTERN, max_length=60)]


def slug(text: str) -> str:
    """The nearest valid name, offered as a fix."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-")
    return plain if plain[:1].isalpha() else f"p-{plain}"[:40].strip("-")


def dashed(id: str) -> str:
    """A step's id as a part of the names of what is deployed below it."""
    return re.sub("_+", "-", id).strip("-")


def fitting(name: str) -> str:
    """Names grow with each level that they come through; too long ones end in a digest."""
    if len(name) <= NAME_LENGTH:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: NAME_LENGTH - 9].rstrip('-')}-{digest}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(names) or 'none'}."


def title_of(name: str) -> str:
    """`llm_base_url` as a form or a list shows it: `LLM base URL`."""
    words = [_CAPITALS.get(word, word) for word in re.split(r"[-_]+", name)]
    text = " ".join(words)
    return text[:1].upper() + text[1:]
