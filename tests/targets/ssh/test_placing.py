"""A real sshd: what is asked of a host before anything is put there, and what it may refuse."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docker_engine.engine import Engine
from tests.docker_engine.ssh_hosts import HOME, USER, SshHost, key_pair, ssh_host
from tests.targets.support import deployment
from windmill.scripts.model.base.errors import InvalidInput
from windmill.scripts.provision.errors import ProvisionError
from windmill.scripts.provision.ssh.errors import (
    HostKeyChanged,
    HostUnfit,
    HostUnreachable,
    LoginRefused,
)
from windmill.scripts.provision.ssh.login import fingerprint
from windmill.scripts.targets.protocol import Placement
from windmill.scripts.targets.ssh import keys
from windmill.scripts.targets.ssh.placing import place_of
from windmill.scripts.targets.ssh.target import Ssh

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("docker"),
    pytest.mark.usefixtures("embedded"),
]
PORTS = {"api", "litellm", "model_server"}


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return key_pair(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def host(docker_engine: Engine, key: Path) -> Iterator[SshHost]:
    with ssh_host(docker_engine, key) as host:
        yield host


@pytest.fixture(autouse=True)
def key_is_allowed(key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(keys.ALLOWED, str(key.parent))


def settings(there: SshHost, /, **changed: Any) -> dict[str, Any]:
    return {"host": there.address, "user": USER, "key": str(there.key), **changed}


def place(there: SshHost, /, **changed: Any) -> Placement:
    return place_of(settings(there, **changed), deployment("rag-1"), ())


def test_it_is_pinned_and_given_folders_and_free_ports(host: SshHost, tmp_path: Path) -> None:
    found = place(host)
    assert found.place is not None
    assert found.place.host_key.startswith("ssh-ed25519 ")
    assert found.place.root == f"{HOME}/.local/share/mlops/rag-1"
    assert set(found.ports) == PORTS
    assert host.run("ls", "-A", f"{HOME}/.ssh").split() == ["authorized_keys"]
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert left == [], "no key stays behind"


def test_a_second_time_it_is_the_same_place(host: SshHost) -> None:
    first = place(host)
    before = deployment("rag-1", target="ssh", ports=first.ports, place=first.place)
    assert place_of({}, before, [before]) == first


def test_ports_of_other_deployments_there_are_left_alone(
    host: SshHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = place(host)
    every = {f"p{n}": n for n in range(20_000, 31_990)}
    other = deployment("other-1", target="ssh", ports=every, place=first.place)
    with pytest.raises(HostUnfit, match="ports are free"):
        place_of(settings(host), deployment("rag-1"), [other])


def test_a_host_that_shows_another_key_is_refused_until_somebody_accepts_it(
    docker_engine: Engine, host: SshHost, key: Path
) -> None:
    first = place(host)
    assert first.place is not None
    with ssh_host(docker_engine, key) as anew:
        forged = first.place.model_copy(update={"host": anew.address})
        other = deployment("other-1", target="ssh", place=forged)
        with pytest.raises(HostKeyChanged) as refused:
            place_of(settings(anew), deployment("rag-1"), [other])
        shown = refused.value.fix.rpartition("host_key=")[2].split()[0]
        assert shown in refused.value.message
        assert fingerprint(first.place.host_key) in refused.value.message
        accepted = place_of(settings(anew, host_key=shown), deployment("rag-1"), [other]).place
        assert accepted is not None
        assert fingerprint(accepted.host_key) == shown != fingerprint(first.place.host_key)
    with pytest.raises(HostKeyChanged):
        place(host, host_key=shown)


REFUSED: list[tuple[dict[str, Any], type[ProvisionError], str]] = [
    ({"user": "bob"}, LoginRefused, "did not let bob in"),
    ({"port": 2222}, HostUnreachable, "nothing listens on port 2222"),
    ({"host": "no-such-host.invalid"}, HostUnreachable, "its name is not known"),
    ({"listen": "10.9.9.9"}, HostUnfit, "10.9.9.9 is none of its addresses"),
]


@pytest.mark.parametrize(("changed", "error", "told"), REFUSED, ids=lambda value: str(value)[:30])
def test_what_does_not_work_is_told_in_words(
    changed: dict[str, Any], error: type[ProvisionError], told: str, host: SshHost
) -> None:
    with pytest.raises(error, match=told) as refused:
        place(host, **changed)
    assert refused.value.fix


@pytest.mark.parametrize("hostile", ["-oProxyCommand=id", "a b", "$(id)", "a;id", "a\nb", ""])
@pytest.mark.parametrize("field", ["host", "user"])
def test_a_value_that_could_become_code_is_refused(field: str, hostile: str, host: SshHost) -> None:
    with pytest.raises(InvalidInput):
        place(host, **{field: hostile})


def test_a_host_without_python_is_told_so(docker_engine: Engine, key: Path) -> None:
    with ssh_host(docker_engine, key) as bare:
        bare.run("sh", "-c", "rm -f /usr/bin/python3*")
        with pytest.raises(HostUnfit, match="it has no Python") as refused:
            place(bare)
    assert "apt-get install python3" in refused.value.fix


def test_what_listens_there_on_loopback_is_reached_through_the_connection(host: SshHost) -> None:
    found = place(host)
    there = deployment("rag-1", target="ssh", ports=found.ports, place=found.place)
    port = str(found.ports["api"])
    serve = f"nohup python3 -m http.server {port} --bind 127.0.0.1 >/dev/null 2>&1 &"
    host.run("sh", "-c", serve)
    host.run("sh", "-c", "mkdir -p /tmp/logs && printf 'a\\nb\\nc\\n' > /tmp/logs/api.log")
    with Ssh().reach(there) as reach, reach.client(30) as client:
        answer = client.get(f"http://127.0.0.1:{port}/etc/hostname")
        for _ in range(50):
            if answer.is_success:
                break
            answer = client.get(f"http://127.0.0.1:{port}/etc/hostname")
        assert answer.is_success
        assert reach.tail(Path("/tmp/logs/api.log"), 2) == ["b", "c"]
        assert reach.tail(Path("/tmp/logs/none.log"), 2) == []
