"""What an instance of Exoscale does at its first start, read as strictly as it is done there."""

import argparse
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

KNOWN = {"hostname", "package_update", "packages", "write_files", "runcmd"}


@dataclass(frozen=True)
class Started:
    image: str
    args: Sequence[str]
    env: Mapping[str, str]
    inside: str  # where the volume is


def first_start(user_data: str) -> Started:
    """Of a cloud-config whose last command is `docker run`."""
    text = b64decode(user_data, validate=True).decode()
    assert text.startswith("#cloud-config\n")
    config = yaml.safe_load(text)
    assert config.keys() == KNOWN
    scripts = {file["path"] for file in config["write_files"]}
    *before, run = config["runcmd"]
    assert all(command[0] in {*scripts, "mkdir"} for command in before)
    told = _docker_run().parse_args(run)
    assert told.publish.partition(":")[0] == told.publish.partition(":")[2]
    env = dict(variable.split("=", 1) for variable in told.env)
    return Started(told.image, told.args, env, told.volume.partition(":")[2])


def _docker_run() -> argparse.ArgumentParser:
    """Of its options those that are used, none abbreviated."""
    parser = argparse.ArgumentParser(allow_abbrev=False, exit_on_error=False)
    parser.add_argument("docker", choices=["docker"])
    parser.add_argument("run", choices=["run"])
    parser.add_argument("--detach", action="store_true", required=True)
    for option in ("name", "restart", "gpus", "shm-size", "publish", "volume"):
        parser.add_argument(f"--{option}", required=True)
    parser.add_argument("--env", action="append", default=[])
    parser.add_argument("image")
    parser.add_argument("args", nargs="*")
    return parser
