"""deploy/pin_digests.py: against Debian's registry server, and a hub that asks for a token."""

import hashlib
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.pin_digests import COMPOSE, HUB, IMAGE, Image, Unpinned, digest_of, main, pinned
from tests.gateway.stack import free_port
from tests.tools.needs import need

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
DIGEST = "sha256:" + "5" * 64


@pytest.mark.parametrize(
    ("written", "registry", "repository"),
    [
        ("redis:7.4.5-alpine", HUB, "library/redis"),
        ("n8nio/n8n:2.42.1", HUB, "n8nio/n8n"),
        ("ghcr.io/windmill-labs/windmill:1.784.0", "ghcr.io", "windmill-labs/windmill"),
        ("localhost:5000/a:1", "localhost:5000", "a"),
        (f"prom/prometheus:v3.5.0@{DIGEST}", HUB, "prom/prometheus"),
    ],
)
def test_a_name_is_read_as_docker_reads_it(written: str, registry: str, repository: str) -> None:
    image = Image.parse(written)
    assert (image.registry, image.repository) == (registry, repository)


@pytest.mark.parametrize(
    "written", ["redis", "redis:", f"redis@{DIGEST}", "redis:a b", "a:1@md5:0"]
)
def test_what_names_no_tag_is_refused(written: str) -> None:
    with pytest.raises(Unpinned):
        Image.parse(written)


def test_every_image_of_the_stack_is_found() -> None:
    text = COMPOSE.read_text()
    assert len(IMAGE.findall(text)) == text.count(" image: ")


def hub(request: httpx.Request) -> httpx.Response:
    """Docker's hub, as the specification of its tokens has it."""
    if request.url.host == "auth.docker.io":
        asked = {"service": "registry.docker.io", "scope": "repository:library/redis:pull"}
        assert dict(request.url.params) == asked
        assert "Authorization" not in request.headers
        return httpx.Response(200, json={"token": "anonymous"})
    assert (request.method, str(request.url)) == (
        "HEAD",
        f"https://{HUB}/v2/library/redis/manifests/7",
    )
    if request.headers.get("Authorization") == "Bearer anonymous":
        return httpx.Response(200, headers={"Docker-Content-Digest": DIGEST})
    challenge = (
        'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",'
        'scope="repository:library/redis:pull"'
    )
    return httpx.Response(401, headers={"WWW-Authenticate": challenge})


def test_a_hub_is_asked_with_its_own_token_and_the_file_keeps_its_form() -> None:
    text = "  a:\n    image: ${A:-redis:7}\n  b:\n    image: redis:7  \n    build: {context: .}\n"
    with httpx.Client(transport=httpx.MockTransport(hub)) as http:
        once = pinned(text.replace("  \n", "\n"), http)
        assert pinned(once, http) == once
    assert f"    image: ${{A:-redis:7@{DIGEST}}}\n" in once
    assert f"    image: redis:7@{DIGEST}\n" in once


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404),
        httpx.Response(200),
        httpx.Response(200, headers={"Docker-Content-Digest": "sha256:0"}),
        httpx.Response(401, headers={"WWW-Authenticate": 'Basic realm="x"'}),
        httpx.Response(401, headers={"WWW-Authenticate": 'Bearer realm="http://evil/token"'}),
    ],
    ids=["absent", "no digest", "half a digest", "password", "token without TLS"],
)
def test_an_image_without_a_digest_is_told_by_its_name(answer: httpx.Response) -> None:
    with (
        httpx.Client(transport=httpx.MockTransport(lambda _: answer)) as http,
        pytest.raises(Unpinned, match=r"redis:7|registry-1"),
    ):
        digest_of(Image("redis", "7"), http)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Debian's docker-registry, the reference implementation."""
    folder, port = tmp_path_factory.mktemp("registry"), free_port()
    settings = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
        "http": {"addr": f"127.0.0.1:{port}"},
    }
    file = folder / "config.yml"
    file.write_text(json.dumps(settings))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [need("docker-registry"), "serve", str(file)], stdout=log, stderr=log
        )
    try:
        while not listening(port):
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.05)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def listening(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/v2/").is_success
    except httpx.TransportError:
        return False


def push(registry: str, repository: str, tag: str) -> str:
    """An image of nothing. Its manifest's digest."""
    blob = b"{}"
    digest = f"sha256:{hashlib.sha256(blob).hexdigest()}"
    with httpx.Client(base_url=f"http://{registry}/v2/{repository}/") as http:
        place = http.post("blobs/uploads/").raise_for_status().headers["Location"]
        octets = {"Content-Type": "application/octet-stream"}
        http.put(f"{place}&digest={digest}", content=blob, headers=octets).raise_for_status()
        part = {"mediaType": EMPTY, "digest": digest, "size": len(blob)}
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": part, "layers": [part]}
        content = json.dumps(manifest | {"annotations": {"tag": tag}}).encode()
        kind = {"Content-Type": MANIFEST}
        http.put(f"manifests/{tag}", content=content, headers=kind).raise_for_status()
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.mark.slow
def test_a_real_registry_tells_the_digest_of_what_it_keeps(
    registry: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = push(registry, "mlops/tool", "1.0")
    file = tmp_path / "compose.yml"
    file.write_text(f"services:\n  a:\n    image: {registry}/mlops/tool:1.0\n")
    before = file.read_text()

    assert main([str(file)]) == 2
    assert f"+    image: {registry}/mlops/tool:1.0@{digest}" in capsys.readouterr().out
    assert file.read_text() == before

    assert main([str(file), "--write"]) == 0
    assert file.read_text().endswith(f"tool:1.0@{digest}\n")
    assert main([str(file)]) == 0

    file.write_text(before + f"  b:\n    image: {registry}/mlops/tool:2.0\n")
    before = file.read_text()
    assert main([str(file), "--write"]) == 1
    assert "mlops/tool:2.0" in capsys.readouterr().err
    assert file.read_text() == before
