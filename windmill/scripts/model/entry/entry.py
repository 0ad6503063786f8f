"""A catalog entry: one shape for playbooks, pipelines and meta-pipelines."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from ..base.cached_property import cached_property
from ..base.names import (
    FILE_PATH,
    INPUT_NAME_PATTERN,
    USE_PATTERN,
    WINDMILL_PATH,
    InputName,
    Name,
)
from ..base.reference import References, references
from ..base.target import Target
from ..drawing.pipeline import Compute, Edge, Node, Pipeline

Kind = Literal["playbook", "pipeline", "meta-pipeline"]
KINDS: tuple[Kind, ...] = ("playbook", "pipeline", "meta-pipeline")
_DURATION = re.compile(r"(\d+) *([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

# A step's id is a member name in the JavaScript of the compiled flow, as an input's is.
StepId = Annotated[str, StringConstraints(pattern=INPUT_NAME_PATTERN, max_length=30)]
Use = Annotated[str, StringConstraints(pattern=USE_PATTERN, max_length=120)]
WindmillPath = Annotated[str, StringConstraints(pattern=WINDMILL_PATH, max_length=200)]
RelativePath = Annotated[str, StringConstraints(pattern=FILE_PATH, max_length=200)]


def _seconds(value: Any) -> Any:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return int(match[1]) * _SECONDS[match[2]] if match else value


Duration = Annotated[str, StringConstraints(pattern=rf"^{_DURATION.pattern}$")]
# `90`, `90s`, `15m`, `2h` or `1d`.
Seconds = Annotated[
    int,
    BeforeValidator(_seconds, json_schema_input_type=int | Duration),
    Field(ge=1, le=30 * 86400),
]
Values = dict[str, Any]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        copied = super().model_copy(update=update, deep=deep)
        # pydantic copies what was worked out from the old fields, too.
        for name in copied.__dict__.keys() - type(self).model_fields:
            del copied.__dict__[name]
        return copied


class Http(Strict):
    url: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    headers: dict[str, str] = Field(default_factory=dict)
    token: str | None = Field(default=None, description="sent as a Bearer token")


RUNS = ("script", "flow", "terraform", "ansible", "n8n", "http", "secret")


class Run(Strict):
    """What a leaf runs: exactly one of these; its arguments are the entry's `with`."""

    script: WindmillPath | None = Field(default=None, description="a Windmill script")
    flow: WindmillPath | None = Field(default=None, description="a Windmill flow")
    terraform: RelativePath | None = Field(default=None, description="a module")
    ansible: RelativePath | None = Field(default=None, description="a playbook")
    n8n: Name | None = Field(default=None, description="an n8n workflow")
    http: Http | None = None
    secret: WindmillPath | None = Field(default=None, description="a Windmill variable")
    state: str | None = Field(default=None, description="names what Terraform or Ansible keeps")
    action: Literal["apply", "destroy"] = Field(default="apply", description="of Terraform")

    @property
    def names(self) -> list[str]:
        return [name for name in RUNS if getattr(self, name) is not None]

    @cached_property
    def kind(self) -> str:
        return self.names[0]


class Retry(Strict):
    attempts: int = Field(ge=1, le=20)
    seconds: Seconds = 5


class Approval(Strict):
    message: str = "Approve this step?"
    timeout: Seconds = 86400
    required: int = Field(default=1, ge=1, le=20, description="how many people")


class Budget(Strict):
    """Refused before anything is spent; USD."""

    max_hourly_usd: float | None = Field(default=None, ge=0)
    max_run_usd: float | None = Field(default=None, ge=0)


class Output(Strict):
    value: Any
    type: str | None = None
    description: str = ""


def _output(value: Any) -> Any:
    is_long = isinstance(value, dict) and "value" in value
    return value if is_long else {"value": value}


Written = Annotated[Output, BeforeValidator(_output, json_schema_input_type=Any)]


def _approval(value: Any) -> Any:
    return {} if value is True else value


class Step(Strict):
    id: StepId
    use: Use
    summary: str = ""
    with_: Values = Field(default_factory=dict, alias="with")
    needs: tuple[StepId, ...] = ()
    when: str | bool | None = None
    for_each: str | list[Any] | None = None
    max_parallel: int | None = Field(default=None, ge=1, le=1000)
    retry: Retry | None = None
    timeout: Seconds | None = None
    approval: Annotated[
        Approval | None, BeforeValidator(_approval, json_schema_input_type=bool | Approval)
    ] = None
    budget: Budget | None = None

    @cached_property
    def with_references(self) -> dict[str, References]:
        """The references in each value of `with`."""
        return {name: references(value) for name, value in self.with_.items()}

    @cached_property
    def waits_for(self) -> frozenset[str]:
        """The steps it names, in whatever way."""
        names = {*self.needs}
        for located in (
            *self.with_references.values(),
            references(self.when),
            references(self.for_each),
        ):
            for _, each in located:
                if each.root == "steps" and each.path:
                    names.add(str(each.path[0]))
        return frozenset(names)

    @cached_property
    def target(self) -> Target | None:
        """The target that the step itself names; None where it is open or a reference."""
        given = self.with_.get("target")
        return _TARGETS.get(given) if isinstance(given, str) else None


_TARGETS = {target.value: target for target in Target}


class Graph(Strict):
    nodes: tuple[Node, ...] = Field(min_length=1, max_length=200)
    edges: tuple[Edge, ...] = Field(default=(), max_length=1000)


class Note(Strict):
    """What people leave beside the nodes of a drawing; nothing runs by it."""

    text: str = Field(max_length=2000)
    x: float = Field(ge=-1e6, le=1e6, allow_inf_nan=False, description="on the canvas, in pixels")
    y: float = Field(ge=-1e6, le=1e6, allow_inf_nan=False)


class Entry(Strict):
    """`run` makes a leaf, `steps` a composite, `graph` a pipeline that is deployed as drawn."""

    kind: Kind
    name: Name
    version: str = "0.1.0"
    summary: str = ""
    description: str = ""
    labels: tuple[str, ...] = ()
    notes: tuple[Note, ...] = Field(default=(), max_length=200)
    inputs: dict[InputName, dict[str, Any]] = Field(default_factory=dict)
    outputs: dict[InputName, Written] = Field(default_factory=dict)
    run: Run | None = None
    with_: Values | None = Field(default=None, alias="with")
    steps: tuple[Step, ...] | None = Field(default=None, min_length=1, max_length=500)
    graph: Graph | None = None
    compute: Compute | None = None
    hours: float | None = Field(default=None, gt=0, description="how long one run takes, for cost")
    target: Target | None = None
    targets: tuple[Target, ...] | None = Field(default=None, min_length=1)
    budget: Budget | None = None
    retry: Retry | None = None
    timeout: Seconds | None = None

    @cached_property
    def key(self) -> str:
        return f"{self.kind}s/{self.name}"

    @cached_property
    def steps_by_id(self) -> dict[str, Step]:
        return {step.id: step for step in self.steps or ()}

    @cached_property
    def waits_for(self) -> dict[str, frozenset[str]]:
        """Which of its steps wait for which others."""
        ids = self.steps_by_id.keys()
        return {step.id: step.waits_for & ids - {step.id} for step in self.steps or ()}

    @property
    def pipeline(self) -> Pipeline:
        """What is drawn; only where there is a graph."""
        graph = self.graph
        assert graph is not None, f"{self.key} has no graph"
        compute = self.compute or Compute()
        return Pipeline(name=self.name, nodes=graph.nodes, edges=graph.edges, compute=compute)


class PinnedEntry(Entry):
    """An entry as a commit has it, beside the newest."""

    commit: str = Field(exclude=True)

    @classmethod
    def of(cls, entry: Entry, commit: str) -> "PinnedEntry":
        fields = {name: getattr(entry, name) for name in Entry.model_fields}
        return cls.model_construct(entry.model_fields_set, **fields, commit=commit)

    @property
    def at(self) -> str:
        return self.commit[:12]

    @cached_property
    def key(self) -> str:
        return f"{self.kind}s/{self.name}@{self.at}"
