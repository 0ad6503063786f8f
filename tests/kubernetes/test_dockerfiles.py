"""deploy/litellm/Dockerfile and deploy/model/Dockerfile, built and run as a pod runs them."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.docker_engine.engine import Container, Engine
from tests.kubernetes.binaries import are_built
from tests.serving.support import until
from tests.targets.support import settled
from windmill.scripts.model.catalog.catalog import read_catalog
from windmill.scripts.provision.llms.embedded import LITELLM_KEY, MODEL, MODEL_SERVER_KEY
from windmill.scripts.targets.k3s.companions import LITELLM_ENV, litellm_configuration

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("docker")]
ROOT = Path(__file__).parents[2]
HARDENED = ("--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges")
KEYS = {LITELLM_KEY: "sk-canary-of-litellm", MODEL_SERVER_KEY: "canary-of-the-model-server"}
LISTENING = ("--host", "127.0.0.1", "--port")


@pytest.fixture(scope="module", autouse=True)
def wanted() -> None:
    if not are_built():
        pytest.skip("they are Kubernetes': make test-kubernetes")


def build(engine: Engine, folder: str) -> str:
    """The lock files and the programs that it copies are the whole context."""
    engine.python_image()
    dockerfile = (ROOT / "deploy" / folder / "Dockerfile").read_text()
    copied = [ROOT / word for word in dockerfile.split() if (ROOT / word).exists() and "/" in word]
    files = [file for path in copied for file in ([path] if path.is_file() else path.iterdir())]
    context = {str(file.relative_to(ROOT)): file.read_text() for file in files if file.is_file()}
    return engine.build(f"mlops-{folder}", context | {"Dockerfile": dockerfile})


@pytest.fixture(scope="module")
def model_server(docker_engine: Engine) -> Iterator[Container]:
    image = build(docker_engine, "model")
    told = ("--name", str(MODEL["name"]), *LISTENING, "8081")
    secret = f"--env={MODEL_SERVER_KEY}={KEYS[MODEL_SERVER_KEY]}"
    made = docker_engine.run(image, *told, options=(*HARDENED, secret))
    yield made
    made.remove()


@pytest.fixture(scope="module")
def litellm(
    docker_engine: Engine, model_server: Container, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Container]:
    """Beside the model server as in a pod: one address for both."""
    catalog = read_catalog(ROOT / "catalog")[0]
    folder = tmp_path_factory.mktemp("litellm")
    folder.chmod(0o755)
    (folder / "leave.md").write_text("Everybody has thirty days of leave.")
    pipeline = settled(catalog, "rag-chatbot", documents=str(folder))
    config = folder / "config.yaml"
    config.write_text(litellm_configuration(pipeline, catalog.components))
    options = [f"--network=container:{model_server.id}", f"--volume={config}:/config.yaml:ro"]
    options += [f"--env={name}={value}" for name, value in (LITELLM_ENV | KEYS).items()]
    image = build(docker_engine, "litellm")
    told = ("--config", "/config.yaml", *LISTENING, "4000", "--num_workers", "1")
    made = docker_engine.run(image, *told, options=(*HARDENED, *options))
    yield made
    made.remove()


ASK = """
import json, sys, urllib.request
url, key, body = sys.argv[1:]
request = urllib.request.Request(url, body.encode() or None, {"Content-Type": "application/json"})
if key:
    request.add_header("Authorization", f"Bearer {key}")
try:
    print(urllib.request.urlopen(request, timeout=60).read().decode())
except urllib.error.HTTPError as error:
    print(error.code)
"""


def ask(container: Container, path: str, key: str = "", body: str = "") -> str:
    """From within: nothing listens for others."""
    url = f"http://127.0.0.1:{path}"
    return container.run("/opt/packages/bin/python", "-c", ASK, url, key, body, seconds=120)


def test_litellm_leads_to_the_model_with_the_key_that_it_alone_has(litellm: Container) -> None:
    def is_ready() -> bool:
        with suppress(AssertionError):
            return "healthy" in ask(litellm, "4000/health/readiness")
        return False

    until(is_ready, 180)
    body = '{"model": "smollm2", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 4}'
    path = "4000/v1/chat/completions"
    assert '"finish_reason"' in ask(litellm, path, KEYS[LITELLM_KEY], body)
    assert ask(litellm, path, "sk-of-nobody", body).strip() in ("400", "401")
    assert ask(litellm, "8081/v1/models").strip() == "401"


def test_they_run_as_nobody_who_could_change_them(
    litellm: Container, model_server: Container
) -> None:
    for container in (litellm, model_server):
        assert container.run("id", "--user") == "10001"
        with pytest.raises(AssertionError, match="Read-only file system"):
            container.run("touch", "/app/more.py")


def test_neither_is_reached_from_beside_its_pod(
    litellm: Container, model_server: Container
) -> None:
    del litellm
    for port in (4000, 8081):
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://{model_server.address}:{port}/v1/models", timeout=5, trust_env=False)
