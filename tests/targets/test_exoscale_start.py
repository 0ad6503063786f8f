"""What an instance does at its first start, as cloud-init itself reads it."""

import json
import shlex
import stat
import subprocess
import sys
from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from tests.targets.rental.desk import SECRET, SERVER
from tests.tools.needs import need
from windmill.scripts.targets.exoscale.api import LONGEST_USER_DATA, InstanceOrder
from windmill.scripts.targets.exoscale.first_start import (
    AGAIN_SCRIPT,
    VOLUME,
    cloud_config,
    docker_run,
)
from windmill.scripts.targets.rental.errors import OrderRefused
from windmill.scripts.targets.rental.provider import Server

SCHEMA = "cloudinit/config/schemas/schema-cloud-config-v1.json"
SHELLIFY = """
import sys
from cloudinit.util import load_yaml, shellify
sys.stdout.buffer.write(shellify(load_yaml(sys.stdin.buffer.read())["runcmd"][-1:]).encode())
"""
DOCKER = """#!{python}
import json, pathlib, sys
words = [word.encode("utf-8", "surrogateescape").decode() for word in sys.argv]
pathlib.Path({told!r}).write_text(json.dumps(words[1:]))
"""
# Whatever a program can be given: no NUL, and text that is UTF-8.
WORDS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=40)


def server(image: str, value: str, args: list[str]) -> Server:
    pod = replace(SERVER.pod, image=image, env={"VALUE": value}, args=shlex.join(args))
    return replace(SERVER, pod=pod)


def runcmd(text: SecretStr) -> list[list[str]]:
    commands: list[list[str]] = yaml.safe_load(text.get_secret_value())["runcmd"]
    return commands


@given(image=WORDS, value=WORDS, args=st.lists(WORDS, max_size=4))
def test_whatever_is_asked_for_stays_one_word_of_one_command(
    image: str, value: str, args: list[str]
) -> None:
    asked = server(image, value, args)
    assert runcmd(cloud_config(asked))[-1] == docker_run(asked)
    tail = docker_run(asked)[-len(args) - 2 :]
    assert tail == ["--", image, *args]
    assert f"--env=VALUE={value}" in docker_run(asked)


def test_the_server_is_run_with_its_port_its_volume_its_gpus_and_its_key() -> None:
    words = docker_run(SERVER)
    assert words[:3] == ["docker", "run", "--detach"]
    assert {"--gpus=all", "--publish=8000:8000", f"--volume={VOLUME}:/workspace"} <= {*words}
    assert f"--env=VLLM_API_KEY={SECRET}" in words
    assert words[-4:] == ["--", SERVER.pod.image, "--port", "8000"]


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
def test_what_no_program_can_be_given_is_refused(value: str) -> None:
    with pytest.raises(OrderRefused, match="no program"):
        cloud_config(server("image", value, []))


def test_what_is_too_long_for_the_vendor_is_refused_and_what_is_not_fits() -> None:
    with pytest.raises(OrderRefused, match="too long"):
        cloud_config(server("image", "x" * LONGEST_USER_DATA, []))
    body = InstanceOrder(
        name="a",
        labels={},
        instance_type="0" * 36,
        template="0" * 36,
        security_group="0" * 36,
        disk=10,
        user_data=cloud_config(server("image", "é" * 3000, [])),
    ).body()
    assert len(body["user-data"]) <= LONGEST_USER_DATA
    assert b64decode(body["user-data"]).startswith(b"#cloud-config\n")


@pytest.mark.slow
def test_what_fails_for_a_while_is_tried_again_with_the_very_words(tmp_path: Path) -> None:
    config = yaml.safe_load(cloud_config(SERVER).get_secret_value())
    scripts = {file["path"]: file["content"] for file in config["write_files"]}
    assert all(command[0] in {*scripts, "mkdir", "docker"} for command in config["runcmd"])
    tried = tmp_path / "tried"
    once = f'printf "%s|" "$0" >>{tried}; [ "$(wc -c <{tried})" -gt 9 ]'
    words = ["sh", "-c", once, "it's $1"]
    script = f"sleep() {{ :; }}\n{scripts[AGAIN_SCRIPT]}"
    subprocess.run(["/bin/sh", "-c", script, "again", *words], timeout=60, check=True)
    assert tried.read_text() == "it's $1|" * 2
    never = subprocess.run(["/bin/sh", "-c", script, "again", "false"], timeout=60, check=False)
    assert never.returncode == 1


@pytest.mark.slow
def test_cloud_init_s_own_schema_takes_it() -> None:
    schema = json.loads((need("cloud-init") / SCHEMA).read_text())
    config = yaml.safe_load(cloud_config(SERVER).get_secret_value())
    validator = jsonschema_rs.validator_for(schema)
    assert [error.message for error in validator.iter_errors(config)] == []
    assert not validator.is_valid({**config, "runcmd": {"no": "list"}})


@pytest.mark.slow
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(image=WORDS, value=WORDS, args=st.lists(WORDS, max_size=3))
def test_the_script_that_cloud_init_makes_of_it_runs_docker_with_the_very_words(
    tmp_path: Path, image: str, value: str, args: list[str]
) -> None:
    told, program = tmp_path / "told", tmp_path / "docker"
    program.write_text(DOCKER.format(python=sys.executable, told=str(told)))
    program.chmod(stat.S_IRWXU)
    asked = server(image, value, args)
    script = subprocess.run(
        [sys.executable, "-c", SHELLIFY],
        input=cloud_config(asked).get_secret_value().encode(),
        env={"PYTHONPATH": str(need("cloud-init"))},
        capture_output=True,
        timeout=60,
        check=True,
    ).stdout
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    subprocess.run(["/bin/sh"], input=script, env=path, cwd=tmp_path, timeout=60, check=True)
    assert json.loads(told.read_text()) == docker_run(asked)[1:]
    assert {each.name for each in tmp_path.iterdir()} == {"told", "docker"}
