"""Rented machines as real containers: `docker run` with what was ordered, and nothing else."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.docker_engine.engine import BASE, Container, Engine

SERVER = Path(__file__).parent / "images" / "server.py"
PROGRAMS = {"vllm/vllm-openai": "vllm", "ollama/ollama": "ollama"}
DOCKERFILE = """\
FROM {base}
COPY server.py /server.py
ENTRYPOINT ["python3", "/server.py", "{program}"]
"""


@dataclass
class Containers:
    engine: Engine
    running: dict[str, Container] = field(default_factory=dict)

    def start(
        self, id: str, image: str, args: Sequence[str], env: Mapping[str, str], volume: str = ""
    ) -> bool:
        """Whether its program stays up."""
        self._build(image)
        options = [f"--env={name}={value}" for name, value in env.items()]
        options += [f"--volume={volume}"] if volume else []
        container = self.engine.run(image, *args, options=tuple(options))
        self.running[id] = container
        with suppress(AssertionError):  # it ended already
            container.run("sleep", "0.5")
        return self.engine.docker("inspect", "--format={{.State.Running}}", container.id) == "true"

    def stop(self, id: str) -> None:
        self.running.pop(id).remove()

    def _build(self, image: str) -> None:
        """A stand-in under the name that is asked for."""
        program = PROGRAMS[image.partition(":")[0]]
        self.engine.base_image()
        dockerfile = DOCKERFILE.format(base=BASE, program=program)
        self.engine.build(image, {"Dockerfile": dockerfile, "server.py": SERVER.read_text()})
