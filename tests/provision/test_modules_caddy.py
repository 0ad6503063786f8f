"""The module that has a host's Caddy lead a name to a deployment, with Debian's own Caddy."""

import json
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from tests.docker_engine.engine import Engine
from tests.docker_engine.ssh_hosts import SshHost, key_pair, systemd_host
from tests.provision.conftest import PROJECT
from tests.security.edge import NAMES, certificate

CADDYFILE, SITES = "/etc/caddy/Caddyfile", "/etc/caddy/mlops.d"
RUN = """
import json, sys, types
fake = types.ModuleType("ansible.module_utils.basic")
fake.AnsibleModule = object
sys.modules["ansible.module_utils.basic"] = fake
sys.path.insert(0, "/opt")
import caddy_site
change, given = json.loads(sys.argv[1])
try:
    print(json.dumps({"changed": caddy_site.CHANGES[change](given)}))
except caddy_site.Trouble as error:
    print(json.dumps({"failed": str(error)}))
"""
AUTHORITY = """
{
  admin off
  skip_install_trust
  auto_https disable_redirects
  http_port 9080
  https_port 9443
}
acme.mlops.test {
  tls internal
  acme_server
}
"""
Told = dict[str, Any]
Site = Callable[..., Told]


def put(host: SshHost, text: str, path: str) -> None:
    host.run("sh", "-c", f'mkdir -p "$(dirname {path})"; printf %s "$1" > {path}', "sh", text)


@pytest.fixture(scope="module")
def host(docker_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshHost]:
    with systemd_host(docker_engine, key_pair(tmp_path_factory.mktemp("keys"))) as host:
        put(host, (PROJECT / "ansible/library/caddy_site.py").read_text(), "/opt/caddy_site.py")
        host.run("sh", "-c", "echo 127.0.0.1 acme.mlops.test chat.mlops.test >> /etc/hosts")
        for port in (20001, 20002):
            put(host, f"answered by {port}", f"/srv/{port}/index.html")
            serve = f"cd /srv/{port} && python3 -m http.server {port} --bind 127.0.0.1"
            host.run("systemd-run", "sh", "-c", serve)
        yield host


@pytest.fixture(scope="module")
def site(host: SshHost) -> Site:
    def told(id: str, name: str, port: int = 20001, certificate: str = "internal") -> Told:
        given = {"deployment": id, "name": name, "port": port, "certificate": certificate}
        asked = json.dumps(["present" if name else "absent", given])
        answer: Told = json.loads(host.container.run("python3", "-c", RUN, asked, seconds=300))
        return answer

    return told


def asked(host: SshHost, name: str, authority: str) -> str:
    """Verified by that authority and for that name."""
    with httpx.Client(verify=ssl.create_default_context(cadata=authority)) as client:
        sent = {"headers": {"Host": name}, "extensions": {"sni_hostname": name}}
        answer = client.get(f"https://{host.address}/", **sent)  # type: ignore[arg-type]
    assert answer.headers["strict-transport-security"]
    return answer.text


def asked_until(host: SshHost, name: str, authority: str) -> str:
    deadline = time.monotonic() + 60
    while True:
        try:
            return asked(host, name, authority)
        except httpx.HTTPError as error:
            if time.monotonic() > deadline:
                said = host.run("journalctl", "--unit=caddy", "--output=cat", "--lines=20")
                raise AssertionError(said) from error
            time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.xdist_group("docker")
class TestOnAHost:
    """In this order: one host, from without Caddy to without a trace."""

    def test_caddy_is_installed_and_has_a_certificate_of_its_own(
        self, host: SshHost, site: Site
    ) -> None:
        assert site("rag-1", "rag.mlops.test") == {"changed": True}
        own = host.run("cat", f"{SITES}/rag-1.pem")
        assert asked_until(host, "rag.mlops.test", own) == "answered by 20001"
        assert site("rag-1", "rag.mlops.test") == {"changed": False}

    def test_two_share_it_and_one_has_a_certificate_that_lay_there(
        self, host: SshHost, site: Site, tmp_path: Path
    ) -> None:
        made = certificate(tmp_path)
        for file in (made.certificate, made.key):
            put(host, file.read_text(), f"/etc/ssl/own/{file.name}")
        host.run("chmod", "600", "/etc/ssl/own/privkey.pem")
        told = site("sum-1", NAMES[0], 20002, "/etc/ssl/own")
        assert "permission denied" in told["failed"], "Caddy's own user reads it"
        host.run("chown", "caddy", "/etc/ssl/own/privkey.pem")
        assert site("sum-1", NAMES[0], 20002, "/etc/ssl/own") == {"changed": True}
        assert asked_until(host, NAMES[0], made.certificate.read_text()) == "answered by 20002"
        own = host.run("cat", f"{SITES}/rag-1.pem")
        assert asked(host, "rag.mlops.test", own) == "answered by 20001"

    def test_what_caddy_does_not_take_is_not_left_there(self, host: SshHost, site: Site) -> None:
        put(host, "theirs.mlops.test {\n\ttls internal\n}\n", f"{SITES}/theirs.caddy")
        before = host.run("sh", "-c", f"cat {CADDYFILE} {SITES}/*.caddy")
        told = site("new-1", "theirs.mlops.test")
        assert "ambiguous site definition: theirs.mlops.test" in told["failed"]
        assert host.run("sh", "-c", f"cat {CADDYFILE} {SITES}/*.caddy") == before
        host.run("rm", f"{SITES}/theirs.caddy")
        own = host.run("cat", f"{SITES}/rag-1.pem")
        assert asked(host, "rag.mlops.test", own) == "answered by 20001"

    def test_its_certificate_comes_by_acme_from_whom_the_owner_names(
        self, host: SshHost, site: Site
    ) -> None:
        """The authority is another Caddy; it asks for a proof at the name, as a public one does."""
        put(host, AUTHORITY, "/opt/authority/Caddyfile")
        where = "--setenv=XDG_DATA_HOME=/opt/authority"
        run = ("caddy", "run", "--config", "/opt/authority/Caddyfile")
        host.run("systemd-run", where, "--setenv=HOME=/opt/authority", *run)
        root = "/opt/authority/caddy/pki/authorities/local/root.crt"
        host.run("sh", "-c", f"until test -s {root}; do sleep 0.1; done; cp {root} /etc/ca.crt")
        host.run("chmod", "644", "/etc/ca.crt")
        named = "acme_ca https://acme.mlops.test:9443/acme/local/directory"
        options = f"{{\n{named}\nacme_ca_root /etc/ca.crt\n}}\n"
        put(host, options + host.run("cat", CADDYFILE), CADDYFILE)
        assert site("chat-1", "chat.mlops.test", certificate="acme") == {"changed": True}
        authority = host.run("cat", "/etc/ca.crt")
        assert asked_until(host, "chat.mlops.test", authority) == "answered by 20001"

    def test_whoever_goes_leaves_the_others_and_the_last_no_trace(
        self, host: SshHost, site: Site
    ) -> None:
        own = host.run("cat", f"{SITES}/rag-1.pem")
        assert site("sum-1", "") == {"changed": True}
        assert asked(host, "rag.mlops.test", own) == "answered by 20001"
        with pytest.raises(httpx.HTTPError):
            asked(host, NAMES[0], own)
        for id in ("rag-1", "chat-1"):
            assert site(id, "") == {"changed": True}
            assert site(id, "") == {"changed": False}
        assert host.run("ls", "/etc/caddy") == "Caddyfile"
        assert "mlops.d" not in host.run("cat", CADDYFILE)
        assert host.run("systemctl", "is-active", "caddy") == "active"


HOSTILE = [
    ("name", "chat.example.com {\n respond hi\n}"),
    ("name", "chat.example.com\n"),
    ("name", "*.example.com"),
    ("name", "localhost"),
    ("name", "10.0.0.5"),
    ("name", ":443"),
    ("name", "{$HOME}.example.com"),
    ("certificate", "/etc/ssl /etc/shadow"),
    ("certificate", "/etc/ssl\n}"),
    ("certificate", "/etc/{env.HOME}"),
    ("certificate", "self-made"),
    ("deployment", "../rag-1"),
]


@pytest.mark.parametrize(("option", "value"), HOSTILE)
def test_a_value_that_could_become_configuration_is_refused(
    ansible_module: Callable[[str], ModuleType], option: str, value: str
) -> None:
    module = ansible_module("caddy_site")
    fine = {"deployment": "rag-1", "name": "chat.example.com", "certificate": "acme", "port": 1}
    assert "chat.example.com {\n\ttls {\n" in module.site(fine)
    with pytest.raises(module.Trouble, match=option):
        module.site(fine | {option: value})
