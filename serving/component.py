"""What every node type has in common."""

import os
import types
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import (
    Any,
    ClassVar,
    Protocol,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    runtime_checkable,
)

from pydantic import BaseModel, ConfigDict

from serving.documents.uploads import Uploads
from serving.file_gate import FileGate
from serving.models.llm import Llm
from serving.port_types import Port

LLM_SERVERS = {"litellm", "vllm", "ollama", "llamafactory"}  # what LLM_BASE_URL may lead to


class Config(BaseModel):
    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Context:
    """What a node may use: its own folder, the pipeline's, the LLM, a line of progress, and the way
    to the files that people name. `most_files`: a preview looks at so many files or pages.
    """

    folder: Path
    shared_folder: Path
    llm: Llm
    report: Callable[[str], None]
    files: FileGate = field(default_factory=lambda: FileGate.of(os.environ))
    most_files: int | None = None


@dataclass(frozen=True)
class Input:
    type: type[Port]
    optional: bool


class Component:
    """A node. The signature of `run` declares its ports: parameters are inputs (`X | None` may stay
    unconnected), the return type is the output and names it. A component that returns None is an
    exit: what arrives there is what the API serves.
    """

    kind: ClassVar[str]
    services: ClassVar[tuple[str, ...]] = ()
    environment: ClassVar[str] = "serving"
    Config: ClassVar[type[Config]] = Config

    # Components differ in their parameters, which the wiring checks before any run.
    run: Callable[..., Coroutine[Any, Any, Port | None]]

    def __init__(self, config: Any, context: Context) -> None:
        self.config = config
        self.context = context

    @classmethod
    def asks_llm(cls) -> bool:
        return not LLM_SERVERS.isdisjoint(cls.services)

    @classmethod
    def inputs(cls) -> dict[str, Input]:
        hints = get_type_hints(cls.run)
        hints.pop("return")
        return {name: _input(hint) for name, hint in hints.items()}

    @classmethod
    def outputs(cls) -> dict[str, type[Port]]:
        returned = get_type_hints(cls.run)["return"]
        return {} if returned is type(None) else {returned.type_name(): returned}


@runtime_checkable
class AcceptsDocuments(Protocol):
    """A node that takes documents while the pipeline runs, at /ingest."""

    uploads: Uploads

    async def add(self, files: Mapping[str, bytes]) -> Callable[[], None]:
        """Checked and kept; what it returns undoes it."""
        ...


@runtime_checkable
class RemembersTexts(Protocol):
    """A node that keeps something made of texts from one start to the next."""

    async def keep_only(self, texts: Collection[str]) -> None:
        """What was made of any other is deleted."""
        ...


def _input(hint: Any) -> Input:
    if get_origin(hint) in (types.UnionType, Union):
        (port,) = (part for part in get_args(hint) if part is not type(None))
        return Input(port, optional=True)
    return Input(hint, optional=False)
