"""One container of a pod, as far as pipelines differ in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...model.drawing.pipeline import Gpu
from .documents import NOTHING, Carried

NAME = "api"
# Field `api-key` is the callers'; in the other each field is a variable of LiteLLM.
SECRET, SECRET_FIELD = "keys", "api-key"
LLM_SECRET = "llm-keys"  # noqa: S105 - a name


@dataclass(frozen=True)
class Workload:
    """`memory_gb` and `cpus` are asked for; `graph` is what `serving` reads, empty for others.

    `secrets`: by variable, in which Secret and field its value is. `config`: of LiteLLM, the name
    of a ConfigMap. `beside`: what else is in the pod.
    """

    image: str
    args: Sequence[str]
    port: int
    health_path: str
    name: str = NAME
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    graph: str = ""
    config: str = ""
    folders: Sequence[str] = ()
    documents: Carried = NOTHING
    cpus: float = 0.25
    memory_gb: float = 1.0
    gpu: Gpu | None = None
    replicas: int = 1
    beside: Sequence["Workload"] = ()

    @property
    def all(self) -> Sequence["Workload"]:
        return (self, *self.beside)

    @property
    def uses_gpu(self) -> bool:
        return any(one.gpu for one in self.all)
