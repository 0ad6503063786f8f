"""The programs of one deployment in containers of its host's Docker: as given, or all gone."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: pipeline_containers
short_description: Run the programs of a deployment in containers, or remove all of it
options:
  deployment: {description: Its id, type: str, required: true}
  state: {description: Running or gone, type: str, choices: [present, absent], default: present}
  dockerfile: {description: Text; gets FOLDER and the files beside it, type: str}
  programs: {description: By name; command and environment, type: dict, default: {}}
  trees: {description: By name; path and files (texts by relative path), type: dict, default: {}}
  locks: {description: By name; text of a hashed requirements file, type: dict, default: {}}
  secrets: {description: More environment by program, kept out of every output, type: dict}
  data: {description: The folder in a volume that the programs may write to, type: path}
  documents: {description: Folder of the host that they may read, type: path, default: ''}
author: [the platform's authors]
"""

LABEL = "mlops.deployment"
VERSION = "mlops.version"
USER = "10001:10001"
# A way out of it is a hole in the kernel; a reboot of the host brings it back.
HARDENED = [
    "--network=host", f"--user={USER}", "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL",
    "--security-opt=no-new-privileges", "--restart=unless-stopped",
    "--log-driver=json-file", "--log-opt=max-size=5m", "--log-opt=max-file=3",
]  # fmt: skip
BUILD_SECONDS = 1800


class Trouble(Exception):
    pass


def main() -> None:
    options: dict[str, Any] = {
        "deployment": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "dockerfile": {"type": "str"},
        "programs": {"type": "dict", "default": {}},
        "trees": {"type": "dict", "default": {}},
        "locks": {"type": "dict", "default": {}},
        "secrets": {"type": "dict", "default": {}, "no_log": True},
        "data": {"type": "path"},
        "documents": {"type": "path", "default": ""},
    }
    needs = [("state", "present", ["dockerfile", "programs", "data"])]
    module = AnsibleModule(argument_spec=options, required_if=needs, supports_check_mode=False)
    try:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", module.params["deployment"]):
            raise Trouble(f"{module.params['deployment']!r} is no id of a deployment")
        changed = CHANGES[module.params["state"]](module.params)
    except Trouble as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=changed)


def run(given: dict[str, Any]) -> bool:
    id = given["deployment"]
    changes = [remove_strangers(id, set(given["programs"]))]
    names = list(given["programs"])
    with ThreadPoolExecutor(max_workers=len(names) or 1) as pool:
        images = dict(zip(names, pool.map(lambda name: build(given, name), names), strict=True))
    changes += [made for _, made in images.values()]
    changes += [start(given, name, image) for name, (image, _) in images.items()]
    changes.append(remove_images(id, {image for image, _ in images.values()}))
    return any(changes)


def end(given: dict[str, Any]) -> bool:
    id = given["deployment"]
    changes = [remove_strangers(id, set()), remove_images(id, set())]
    volumes = docker("volume", "ls", "--quiet", f"--filter=label={LABEL}={id}").split()
    if volumes:
        docker("volume", "rm", *volumes)
    return any([*changes, volumes])


# Images


def build(given: dict[str, Any], name: str) -> tuple[str, bool]:
    """Named by what is in it: what is built already is not built again."""
    tree, lock = given["trees"][name], given["locks"][name]
    content = [given["dockerfile"], lock, tree, given["data"]]
    image = f"mlops-{given['deployment']}-{name}:{digest(content)}"
    if succeeds("image", "inspect", image):
        return image, False
    with tempfile.TemporaryDirectory(prefix="mlops-image-") as context:
        write(Path(context), {"Dockerfile": given["dockerfile"], "requirements.lock": lock})
        write(Path(context, "files"), tree["files"])
        told = {"FOLDER": tree["path"], "DATA": given["data"]}
        arguments = [f"--build-arg={key}={value}" for key, value in told.items()]
        label = f"--label={LABEL}={given['deployment']}"
        command = ["build", "--quiet", f"--tag={image}", label, *arguments, context]
        docker(*command, seconds=BUILD_SECONDS)
    return image, True


def remove_images(id: str, kept: set[str]) -> bool:
    shown = ("--format={{.Repository}}:{{.Tag}}", f"--filter=label={LABEL}={id}")
    stale = set(docker("image", "ls", *shown).split()) - kept
    if stale:
        docker("image", "rm", *sorted(stale))
    return bool(stale)


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise Trouble(f"{name!r} does not stay inside its folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(text))


# Containers


def start(given: dict[str, Any], name: str, image: str) -> bool:
    """Made anew where anything about it changed; started where it only stands still."""
    id = given["deployment"]
    program = given["programs"][name]
    container = f"mlops-{id}-{name}"
    environment = {key: str(value) for key, value in program["environment"].items()}
    environment |= {key: str(value) for key, value in given["secrets"].get(name, {}).items()}
    environment |= {"HOME": "/tmp", "PYTHONUNBUFFERED": "1"}  # noqa: S108 - a container's own
    command = [str(word) for word in program["command"]]
    options = [*HARDENED, *(volumes(given, id) if given["data"] in command else [])]
    version = digest([image, command, environment, options])
    shown = '--format={{index .Config.Labels "' + VERSION + '"}} {{.State.Running}}'
    found = docker("inspect", shown, container).split() if exists(container) else []
    if found[:1] == [version]:
        if found[1] == "true":
            return False
        docker("start", container)
        return True
    if found:
        docker("rm", "--force", container)
    # By name alone: a value in the command line would be everybody's to read.
    told = [f"--env={key}" for key in environment]
    labels = [f"--label={LABEL}={id}", f"--label={VERSION}={version}"]
    docker(
        "run", "--detach", f"--name={container}", *labels, *options, *told, image, *command,
        environment=environment,
    )  # fmt: skip
    return True


def volumes(given: dict[str, Any], id: str) -> list[str]:
    """For the program whose command names the folder, and no other."""
    volume = f"mlops-{id}-data"
    if not succeeds("volume", "inspect", volume):
        docker("volume", "create", f"--label={LABEL}={id}", volume)
    mounts = [f"--volume={volume}:{given['data']}"]
    if given["documents"] and Path(given["documents"]).is_dir():
        mounts.append(f"--volume={given['documents']}:{given['documents']}:ro")
    return mounts


def remove_strangers(id: str, programs: set[str]) -> bool:
    shown = ("--format={{.Names}}", f"--filter=label={LABEL}={id}")
    wanted = {f"mlops-{id}-{name}" for name in programs}
    stale = set(docker("ps", "--all", *shown).split()) - wanted
    if stale:
        docker("rm", "--force", "--volumes", *sorted(stale))
    return bool(stale)


def exists(container: str) -> bool:
    return succeeds("container", "inspect", container)


# Docker's own client: what is on every host that has the engine, and needs no Python packages.


def docker(*arguments: str, environment: dict[str, str] | None = None, seconds: int = 120) -> str:
    done = ask(arguments, environment or {}, seconds)
    if done.returncode:
        words = (done.stderr or done.stdout).strip()[-2000:]
        raise Trouble(f"docker {arguments[0]}: {words}")
    return done.stdout.strip()


def succeeds(*arguments: str) -> bool:
    return ask(arguments, {}, 60).returncode == 0


def ask(
    arguments: tuple[str, ...], environment: dict[str, str], seconds: int
) -> subprocess.CompletedProcess[str]:
    # The client itself looks at these; a container that is told of one must not turn it elsewhere.
    own = {key: value for key, value in environment.items() if not key.startswith("DOCKER_")}
    surroundings = {**os.environ, **own}
    return subprocess.run(
        ["docker", *arguments], env=surroundings, capture_output=True, text=True, check=False,
        timeout=seconds,
    )  # fmt: skip


def digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


CHANGES = {"present": run, "absent": end}


if __name__ == "__main__":
    main()
