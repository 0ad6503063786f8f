"""The processes of one deployment under its own supervisord: as given and running, or all gone."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import shlex
import signal
import socket
import stat
import subprocess
import time
import xmlrpc.client  # nosec B411
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: supervised_programs
short_description: Run the programs of a deployment under its own supervisord, or end them
options:
  root: {description: The deployment's folder, type: path, required: true}
  state: {description: Running or gone, type: str, choices: [present, absent], default: present}
  python: {description: Python of the environment that holds supervisor, type: path}
  programs:
    description: By name; command (a list), environment, and version, whose change is a restart
    type: dict
    default: {}
  secrets: {description: More environment by program, kept out of every output, type: dict}
  unit: {description: Of systemd (system or user), that starts them, type: str, default: ''}
  ports: {description: Free once the programs are gone, type: list, elements: int, default: []}
author: [the platform's authors]
"""

MARK = "MLOPS_DEPLOYMENT_ROOT"
# Between kernel limits: 108 bytes, less what supervisord appends while it binds.
SOCKET_PATH_LIMIT = 90
SOON = 15.0
PAUSE = 0.05

CONFIGURATION = """\
[unix_http_server]
file={socket}
chmod=0600

[supervisord]
pidfile=%(here)s/supervisord.pid
logfile=%(here)s/supervisord.log
logfile_maxbytes=1MB
logfile_backups=1
directory=%(here)s
umask=077

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
# No value given by anyone stands here: the launcher reads them from the program's own file.
PROGRAM = """
[program:{name}]
command={python} %(here)s/launch.py {name}
environment=VERSION={version}
priority={priority}
autorestart=true
startsecs=3
startretries=60
stopwaitsecs=10
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile=%(here)s/../logs/{name}.log
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=2
"""
LAUNCHER = '''\
"""Becomes the program of that name; ends with the supervisord that started it."""

import ctypes
import json
import os
import pathlib
import signal
import sys

here = pathlib.Path(__file__).parent
program = json.loads((here / "programs" / f"{sys.argv[1]}.json").read_text())
ctypes.CDLL(None).prctl(1, signal.SIGTERM)
if os.getppid() != int((here / "supervisord.pid").read_text()):
    sys.exit("supervisord ended in the meantime")
os.chdir(program["directory"])
os.execve(program["command"][0], program["command"], program["environment"])
'''

START = """\
umask 077
cd /
mkdir -p -m 700 {folder}
test -O {folder} || exit 1
exec {command} "$@"
"""


class Trouble(Exception):
    pass


def main() -> None:
    options = {
        "root": {"type": "path", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "python": {"type": "path"},
        "programs": {"type": "dict", "default": {}},
        "secrets": {"type": "dict", "default": {}, "no_log": True},
        "unit": {"type": "str", "default": ""},
        "ports": {"type": "list", "elements": "int", "default": []},
    }
    needs = [("state", "present", ["python", "programs"])]
    os.umask(0o077)
    module = AnsibleModule(argument_spec=options, required_if=needs, supports_check_mode=False)
    given = module.params
    try:
        root = checked(given["root"])
        if given["state"] == "absent":
            changed = end(root, given["ports"])
        else:
            wanted = given["programs"], given["secrets"], given["unit"]
            changed = run(root, given["python"], *wanted)
    except Trouble as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=changed)


def checked(root: str) -> Path:
    """A folder that may be searched for by name and stand in a configuration file."""
    path = Path(os.path.normpath(root))
    if not path.is_absolute() or len(path.parts) < 3:
        raise Trouble(f"{root!r} is no folder for one deployment")
    if re.search(r'["\\%\n\r]', root):
        raise Trouble(f"{root!r} holds a quote, a backslash, a percent sign or a line break")
    return path


# Running


def run(
    root: Path, python: str, programs: dict[str, Any], secrets: dict[str, Any], unit: str = ""
) -> bool:
    described = {
        name: describe(root, program, secrets.get(name, {})) for name, program in programs.items()
    }
    write_configuration(root, python, described)
    server = Server(socket_path(root))
    if server.answers():
        return any([apply_configuration(server), start_stopped(server)])
    end(root, [])
    start(root, unit, server)
    return True


def describe(root: Path, program: dict[str, Any], secrets: dict[str, Any]) -> str:
    """The program's own file: all that distinguishes it, so that its digest tells of any change."""
    inherited = ("PATH", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
    environment = {name: os.environ[name] for name in inherited if name in os.environ}
    environment |= {"HOME": str(root / "home"), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
    environment |= {name: str(value) for name, value in program.get("environment", {}).items()}
    environment |= {name: str(value) for name, value in secrets.items()}
    whole = {
        "command": [str(word) for word in program["command"]],
        "directory": str(root),
        "environment": environment | {MARK: str(root)},
        "version": program.get("version", ""),
    }
    return json.dumps(whole, sort_keys=True, indent=1)


def write_configuration(root: Path, python: str, described: dict[str, str]) -> None:
    home = root / "supervisor"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    root.chmod(0o700)
    for folder in (home, home / "programs", root / "logs", root / "home"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for stale in {path.stem for path in (home / "programs").iterdir()} - set(described):
        (home / "programs" / f"{stale}.json").unlink()
    for name, text in described.items():
        write_private(home / "programs" / f"{name}.json", text)
    write_private(home / "launch.py", LAUNCHER)
    write_private(home / "start.sh", start_script(root, python))
    write_private(home / "supervisord.conf", configuration(root, python, described))


def configuration(root: Path, python: str, described: dict[str, str]) -> str:
    whole = CONFIGURATION.format(socket=_plain(str(socket_path(root))))
    for priority, (name, text) in enumerate(described.items(), start=1):
        if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
            raise Trouble(f"{name!r} is no name for a program")
        version = hashlib.sha256((LAUNCHER + text).encode()).hexdigest()
        command = _plain(shlex.quote(python))
        whole += PROGRAM.format(name=name, python=command, version=version, priority=priority)
    return whole.replace("%(here)s/launch.py", '"%(here)s/launch.py"')


def _plain(text: str) -> str:
    if re.search(r"[\n\r]|\s[;#]", text):
        raise Trouble(f"{text!r} cannot stand in supervisord's configuration")
    return text.replace("%", "%%")


def write_private(path: Path, text: str) -> None:
    if path.is_file() and path.read_text() == text:
        return
    aside = path.with_name(f".{path.name}")
    aside.unlink(missing_ok=True)
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    aside.replace(path)


def start_script(root: Path, python: str) -> str:
    """Run after a reboot too, when even the socket's folder may be gone."""
    # Of this environment only the path: what Ansible was told must not reach the programs.
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", MARK: str(root)}
    told = [f"{name}={value}" for name, value in environment.items()]
    command = ["env", "-i", *told, python, "-P", "-m", "supervisor.supervisord", "-c"]
    command.append(str(root / "supervisor" / "supervisord.conf"))
    folder = shlex.quote(str(socket_path(root).parent))
    return START.format(folder=folder, command=shlex.join(command))


def start(root: Path, unit: str, server: Server) -> None:
    systemctl = ["systemctl", *(["--user"] if os.geteuid() else []), "restart", unit]
    command = systemctl if unit else ["/bin/sh", str(root / "supervisor" / "start.sh")]
    environment = {"XDG_RUNTIME_DIR": f"/run/user/{os.getuid()}", **os.environ}
    surroundings: dict[str, Any] = {"env": environment, "cwd": "/", "timeout": 60}
    done = subprocess.run(command, **surroundings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Trouble(f"supervisord did not start: {(done.stderr or done.stdout).strip()}")
    if not wait_until(server.answers, SOON):
        log = root / "supervisor" / "supervisord.log"
        raise Trouble(f"supervisord does not answer; its last words: {log.read_text()[-1000:]}")


def apply_configuration(server: Server) -> bool:
    """Restarts what changed and nothing else."""
    added, changed, removed = server.ask("reloadConfig")[0]
    for name in [*changed, *removed]:
        server.ask("stopProcessGroup", name)
        server.ask("removeProcessGroup", name)
    for name in [*changed, *added]:
        server.ask("addProcessGroup", name)
    return bool(added or changed or removed)


def start_stopped(server: Server) -> bool:
    """Programs that ended, or that supervisord has given up on."""
    stopped = [
        process["name"]
        for process in server.ask("getAllProcessInfo")
        if process["statename"] in ("STOPPED", "EXITED", "FATAL", "UNKNOWN")
    ]
    for name in stopped:
        server.ask("startProcess", name, False)
    return bool(stopped)


class Server:
    """supervisord's interface on its socket."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def answers(self) -> bool:
        try:
            return bool(self.ask("getState")["statecode"] == 1)
        except (OSError, http.client.HTTPException, Trouble):
            return False

    def ask(self, method: str, *arguments: str | bool) -> Any:
        connection = _SocketConnection(str(self.path))
        try:
            body = xmlrpc.client.dumps(arguments, f"supervisor.{method}")
            connection.request("POST", "/RPC2", body, {"Content-Type": "text/xml"})
            return xmlrpc.client.loads(connection.getresponse().read())[0][0]
        except xmlrpc.client.Fault as fault:
            raise Trouble(f"supervisord refused {method}: {fault.faultString}") from fault
        finally:
            connection.close()


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def socket_path(root: Path) -> Path:
    near = root / "supervisor" / "s.sock"
    if len(os.fsencode(near)) <= SOCKET_PATH_LIMIT:
        return near
    folder = Path(f"/tmp/mlops-{os.getuid()}")  # noqa: S108 - made private, its owner checked
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise Trouble(f"{folder} is not ours alone")
    return folder / f"{hashlib.sha256(os.fsencode(root)).hexdigest()[:24]}.sock"


# Ending


def end(root: Path, ports: list[int]) -> bool:
    """supervisord first, as it would start again what we stop; then whatever is left."""
    found = processes(root)
    _signal(leaders(found), signal.SIGTERM)
    wait_until(lambda: not leaders(found), SOON)
    for last_word, patience in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 5.0)):
        _signal(processes(root), last_word)
        wait_until(lambda: not processes(root), patience)
    if left := processes(root):
        raise Trouble(f"processes {left} do not end")
    socket_path(root).unlink(missing_ok=True)
    # Where nothing ran, a port may by now be somebody else's.
    if found and not wait_until(lambda: all(map(is_free, ports)), 5.0):
        raise Trouble(f"one of ports {ports} is still in use, by a process that is not of {root}")
    return bool(found)


def processes(root: Path) -> list[int]:
    """Those that carry the deployment's mark, or name its folder in their command line."""
    mark = os.fsencode(f"{MARK}={root}")
    folder = re.compile(rb"(?<![\w./-])" + re.escape(os.fsencode(root)) + rb"(?![\w.-])")
    own = ancestors()
    return [
        pid
        for pid in _pids_of(os.getuid())
        if pid not in own
        and (mark in _read(pid, "environ").split(b"\0") or folder.search(_read(pid, "cmdline")))
    ]


def leaders(pids: list[int]) -> list[int]:
    return [pid for pid in pids if b"supervisor.supervisord" in _read(pid, "cmdline")]


def ancestors() -> set[int]:
    """Ourselves and who runs us: they may name the folder too."""
    line: set[int] = set()
    pid = os.getpid()
    while pid > 0 and pid not in line:
        line.add(pid)
        # The name before it may hold anything, brackets too.
        fields = _read(pid, "stat").rpartition(b")")[2].split()
        pid = int(fields[1]) if len(fields) > 1 else 0
    return line


def _pids_of(user: int) -> list[int]:
    pids = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and entry.stat().st_uid == user:
                pids.append(int(entry.name))
        except OSError:
            continue
    return pids


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE)
    return True


if __name__ == "__main__":
    main()
