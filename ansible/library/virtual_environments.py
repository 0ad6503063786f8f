"""Virtual environments from hashed locks, shared by all deployments of a host with that lock."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: virtual_environments
short_description: Build several virtual environments at once, or find them built
options:
  uv: {description: The uv executable, type: path, required: true}
  folder: {description: Where environments are kept, type: path, required: true}
  locks: {description: Text of a hashed requirements file by name, type: dict, required: true}
author: [the platform's authors]
"""


class BuildFailed(Exception):
    pass


def main() -> None:
    options = {
        "uv": {"type": "path", "required": True},
        "folder": {"type": "path", "required": True},
        "locks": {"type": "dict", "required": True},
    }
    module = AnsibleModule(argument_spec=options, supports_check_mode=False)
    folder, uv = Path(module.params["folder"]), module.params["uv"]
    wanted = {name: folder / key(name, lock) for name, lock in module.params["locks"].items()}
    missing = {name: path for name, path in wanted.items() if not python_of(path).exists()}
    try:
        with ThreadPoolExecutor(max_workers=len(missing) or 1) as pool:
            locks = module.params["locks"]
            list(pool.map(lambda name: build(uv, missing[name], locks[name]), missing))
    except BuildFailed as error:
        module.fail_json(msg=str(error))
    paths = {name: str(path) for name, path in wanted.items()}
    pythons = {name: str(python_of(path)) for name, path in wanted.items()}
    module.exit_json(changed=bool(missing), paths=paths, pythons=pythons)


def key(name: str, lock: str) -> str:
    facts = [lock, sys.version, base_python()]
    return f"{name}-{hashlib.sha256(repr(facts).encode()).hexdigest()[:12]}"


def base_python() -> str:
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def python_of(environment: Path) -> Path:
    return environment / "bin" / "python"


def build(uv: str, environment: Path, lock: str) -> None:
    """Built aside and renamed: what has the right name is whole. Who comes second waits.

    Python writes the bytecode as it imports: compiling all of LiteLLM up front costs three times
    what its first start adds.
    """
    with _alone(environment):
        if python_of(environment).exists():
            return
        aside = environment.with_suffix(".building")
        shutil.rmtree(aside, ignore_errors=True)
        _run([uv, "venv", "--quiet", "--relocatable", "--python", base_python(), str(aside)])
        requirements = aside / "requirements.lock"
        requirements.write_text(lock)
        install = [uv, "pip", "install", "--quiet", "--python", str(python_of(aside))]
        _run([*install, "--require-hashes", "--no-deps", "--requirement", str(requirements)])
        shutil.rmtree(environment, ignore_errors=True)
        aside.rename(environment)


@contextmanager
def _alone(environment: Path) -> Iterator[None]:
    environment.parent.mkdir(parents=True, exist_ok=True)
    with environment.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(command: list[str]) -> None:
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildFailed(done.stderr.strip()[-2000:] or f"{command[:3]} gave {done.returncode}")


if __name__ == "__main__":
    main()
