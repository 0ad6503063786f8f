"""deploy/serving/Dockerfile, built and run as its own comments say; only its base is a stand-in."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.docker_engine.engine import Container, Engine
from tests.serving.image import build_image
from tests.serving.llm_double import KEY, LlmDouble
from tests.serving.support import PAGES, chatbot, until, write_pdf

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("docker")]
API_KEY = "canary-of-the-image-0123456789"
HARDENED = ("--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges")


@pytest.fixture(scope="module")
def image(docker_engine: Engine) -> str:
    return build_image(docker_engine, "mlops-serving", "serving")


@pytest.fixture(scope="module")
def llm(docker_engine: Engine) -> LlmDouble:
    """At the bridge's own address, where containers reach this machine."""
    return LlmDouble(host=str(next(docker_engine.network.hosts())))


@pytest.fixture(scope="module")
def volumes(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("pipeline")
    folder.chmod(0o755)
    write_pdf(folder / "handbook.pdf", PAGES)
    pipeline = folder / "pipeline.json"
    pipeline.write_text(json.dumps(chatbot(Path("/documents"))))
    return (f"--volume={pipeline}:/pipeline.json:ro", f"--volume={folder}:/documents:ro")


@pytest.fixture(scope="module")
def container(
    docker_engine: Engine, image: str, llm: LlmDouble, volumes: tuple[str, str]
) -> Iterator[Container]:
    told = {
        "API_KEY": API_KEY,
        "LLM_API_KEY": KEY,
        "LLM_BASE_URL": llm.url,
        "MLOPS_DATA_ROOTS": "/documents",
    }
    environment = [f"--env={name}={value}" for name, value in told.items()]
    made = docker_engine.run(image, options=(*HARDENED, *environment, *volumes))
    yield made
    made.remove()


@pytest.fixture(scope="module")
def client(container: Container) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {API_KEY}"}
    url = f"http://{container.address}:8000"
    with httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False) as client:
        until(lambda: is_healthy(client))
        yield client


def is_healthy(client: httpx.Client) -> bool:
    with suppress(httpx.TransportError):
        return client.get("/health").is_success
    return False


def test_it_answers_from_the_documents_it_was_given(client: httpx.Client) -> None:
    asked = {"message": "How long may a rented GPU stay idle?"}
    answer = client.post("/chat", json=asked)
    assert answer.is_success, answer.text
    assert "Three days" in answer.text
    assert "handbook.pdf" in answer.text


def test_it_is_nobody_s_root_and_writes_to_its_data_alone(
    client: httpx.Client, container: Container
) -> None:
    assert container.run("id", "--user") == "10001"
    with pytest.raises(AssertionError, match="Read-only file system"):
        container.run("touch", "/app/serving/more.py")
    assert container.run("sh", "-c", "touch /data/x && echo written") == "written"
    status = container.run("cat", "/proc/1/status")
    assert re.search(r"CapEff:\s*0+$", status, re.M)
    assert re.search(r"NoNewPrivs:\s*1$", status, re.M)


def test_without_a_key_it_refuses_to_listen_for_others(
    docker_engine: Engine, image: str, volumes: tuple[str, str]
) -> None:
    with pytest.raises(AssertionError, match="API_KEY"):
        docker_engine.docker("run", "--rm", "--env=LLM_BASE_URL=http://llm/v1", *volumes, image)
