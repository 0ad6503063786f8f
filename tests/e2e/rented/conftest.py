"""One platform for all who rent out: strict fakes, whose machines are real containers."""

import shlex
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.docker_engine.engine import running_engine
from tests.e2e.harness import Platform
from tests.e2e.rented.containers import Containers
from tests.e2e.rented.first_start import first_start
from tests.e2e.rented.runpod_proxy import proxy
from tests.fakes.exoscale.fake import FakeExoscale, instance_type
from tests.fakes.runpod.fake import FakeRunpod
from tests.fakes.served import served
from tests.fakes.vastai.fake import FakeVastai, offer
from tests.tools.needs import need

PRICES = {"NVIDIA A100 80GB PCIe": 1.19, "NVIDIA A100-SXM4-80GB": 1.39}


@pytest.fixture(scope="session")
def machines() -> Iterator[Containers]:
    """Of an engine of their own, so that they need not wait for all other tests with containers."""
    need("docker-engine")
    need("debian-image")
    with running_engine("docker-data-rented") as engine:
        yield Containers(engine)


@pytest.fixture(scope="session")
def runpod(machines: Containers) -> FakeRunpod:
    made = FakeRunpod(prices=dict(PRICES), stop=machines.stop)

    def start(pod: Mapping[str, Any]) -> None:
        args, volume = shlex.split(pod["args"]), pod["mounts"]["persistent"]["path"]
        up = machines.start(pod["id"], pod["image"], args, pod["env"], volume)
        made.held[pod["id"]]["status"] = "RUNNING" if up else "EXITED"

    made.start = start
    return made


@pytest.fixture(scope="session")
def vastai(machines: Containers) -> FakeVastai:
    market = {each: offer(each, "RTX 4090", 0.3 + each / 100) for each in (7, 8)}
    made = FakeVastai(offers=market, stop=lambda id: machines.stop(str(id)))

    def start(id: int, order: Mapping[str, Any]) -> None:
        env = {name: value for name, value in order["env"].items() if not name.startswith("-p")}
        up = machines.start(str(id), order["image"], order.get("args", ()), env)
        # The host maps each port; here the container's own address is the host's.
        ports = [name.partition(":")[2] for name in order["env"] if name.startswith("-p")]
        made.held[id] |= {
            "actual_status": "running" if up else "exited",
            "public_ipaddr": machines.running[str(id)].address,
            "ports": {f"{port}/tcp": [{"HostPort": port}] for port in ports},
        }

    made.start = start
    return made


@pytest.fixture(scope="session")
def exoscale(machines: Containers) -> FakeExoscale:
    types = [instance_type(name, zones=["at-vie-2"]) for name in ("gpua5000.small", "gpu3.small")]
    made = FakeExoscale(types=types, slow=0, stop=machines.stop)

    def start(id: str, order: Mapping[str, Any]) -> None:
        told = first_start(order["user-data"])
        up = machines.start(id, told.image, told.args, told.env, told.inside)
        # The instance has the port that it publishes; here the container's own address is its.
        made.held[id] |= {
            "state": "running" if up else "error",
            "public-ip": machines.running[id].address,
        }

    made.start = start
    return made


@pytest.fixture(scope="session")
def keyless(
    runpod: FakeRunpod, vastai: FakeVastai, exoscale: FakeExoscale, machines: Containers
) -> Iterator[Platform]:
    with (
        served(runpod) as pods,
        served(vastai) as market,
        served(exoscale) as zones,
        proxy(machines) as answers,
        tempfile.TemporaryDirectory(prefix="mlops-") as folder,
    ):
        told = {
            "RUNPOD_API_BASE_URL": f"{pods}/v2",
            "RUNPOD_PROXY_URL": answers,
            "VAST_URL": market,
            "EXOSCALE_API_ENDPOINT": f"{zones}/{{zone}}/v2",
        }
        platform = Platform(Path(folder), told)
        try:
            platform.run("up")
            yield platform
        finally:
            platform.run("down", "--destroy", fine=(0, 1, 2))


@pytest.fixture(scope="session")
def store_key(keyless: Platform) -> Callable[[str, str], None]:
    def store(target: str, key: str) -> None:
        with keyless.gateway() as gateway:
            gateway.put(f"/provider-keys/{target}", json={"key": key}).raise_for_status()

    return store


@pytest.fixture(scope="session")
def asked() -> Callable[[Platform, str], str]:
    """What the server of a deployment answers to who has its key."""

    def ask(platform: Platform, name: str) -> str:
        with platform.api(name) as api:
            message = {"role": "user", "content": "Hello?"}
            answer = api.post("v1/chat/completions", json={"messages": [message]})
            assert answer.is_success, answer.text
            return str(answer.json()["choices"][0]["message"]["content"])

    return ask
