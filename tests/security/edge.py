"""The proxies of deploy/edge, run as they stand there but for ports and certificates."""

import datetime as dt
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.gateway.stack import ROOT, free_port
from tests.tools.needs import need

EDGE = ROOT / "deploy" / "edge"
NAMES = ("mlops.example", "chat.mlops.example")


@dataclass(frozen=True)
class Certificate:
    """Signed by itself: its own CA."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Upstreams:
    gateway: int
    deployment: int


@dataclass(frozen=True)
class Edge:
    https: int
    http: int


def certificate(folder: Path) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAMES[0])])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in NAMES]), False)
        .sign(key, hashes.SHA256())
    )
    written = Certificate(folder / "fullchain.pem", folder / "privkey.pem")
    written.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    written.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
    return written


@contextmanager
def served(app: Any) -> Iterator[int]:
    """The port of this machine where it listens."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, proxy_headers=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.005)
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def caddy(folder: Path, tls: Certificate, to: Upstreams) -> Iterator[Edge]:
    edge = Edge(free_port(), free_port())
    ours = f"{{\n admin off\n https_port {edge.https}\n http_port {edge.http}\n}}\n"
    site = changed(
        (EDGE / "Caddyfile").read_text(),
        {
            "tls {": f"tls {tls.certificate} {tls.key} {{",
            "127.0.0.1:8000": f"127.0.0.1:{to.gateway}",
            "127.0.0.1:20000": f"127.0.0.1:{to.deployment}",
        },
    )
    file = folder / "Caddyfile"
    file.write_text(ours + site)
    command = [str(need("caddy")), "run", "--config", str(file), "--adapter", "caddyfile"]
    with running(command, folder, edge):
        yield edge


@contextmanager
def nginx(folder: Path, tls: Certificate, to: Upstreams) -> Iterator[Edge]:
    edge = Edge(free_port(), free_port())
    site = changed(
        (EDGE / "nginx.conf").read_text(),
        {
            "/etc/ssl/mlops/fullchain.pem": str(tls.certificate),
            "/etc/ssl/mlops/privkey.pem": str(tls.key),
            "listen 443 ": f"listen 127.0.0.1:{edge.https} ",
            "listen 80;": f"listen 127.0.0.1:{edge.http};",
            "127.0.0.1:8000": f"127.0.0.1:{to.gateway}",
            "127.0.0.1:20000": f"127.0.0.1:{to.deployment}",
        },
    )
    with running(nginx_command(folder, site), folder, edge):
        yield edge


def nginx_command(folder: Path, site: str) -> list[str]:
    """With everything that Debian's puts elsewhere in the folder, and no root needed."""
    kinds = ("client_body", "proxy", "fastcgi", "scgi", "uwsgi")
    places = "".join(f" {kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    http = f"http {{\n access_log off;\n{places}{site}}}\n"
    main = f"daemon off;\nmaster_process off;\npid {folder}/pid;\nevents {{}}\n{http}"
    file = folder / "nginx.conf"
    file.write_text(main)
    return [str(need("nginx")), "-p", str(folder), "-e", "stderr", "-c", str(file)]


def changed(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times there"
        text = text.replace(old, new)
    return text


@contextmanager
def running(command: list[str], folder: Path, edge: Edge) -> Iterator[None]:
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "edge.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=home, stdout=log, stderr=log)
    try:
        while not all(map(listens, (edge.https, edge.http))):
            assert process.poll() is None, (folder / "edge.log").read_text()
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(10)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
