"""What a host is and has: asked in one go, before anything is put there."""

import json
import platform
from collections.abc import Collection, Sequence

from pydantic import BaseModel

from ...model.drawing.place import AtBoot
from .errors import HostFailed, HostUnfit
from .session import Session

PYTHON = (3, 11)
DISK_GB, MEMORY_GB = 4.0, 1.0
# Of the system, for the model server; each with the package that brings it.
LIBRARIES = {"libgomp.so.1": "libgomp1"}
FAMILY = ("debian", "ubuntu")
NO_PYTHON = 97
# Newest first, and never one older than what our packages are locked for.
FIND_PYTHON = f"""
for python in python3.14 python3.13 python3.12 python3.11 python3; do
  if command -v $python >/dev/null 2>&1; then exec $python - "$@"; fi
done
exit {NO_PYTHON}
"""
LOOK = """
import ctypes, glob, json, os, platform, pwd, random, shutil, socket, subprocess, sys
wanted, taken, address, libraries = json.loads(sys.argv[1])
def release():
    try:
        lines = open("/etc/os-release").read().splitlines()
    except OSError:
        return {}
    return dict(line.replace('"', "").split("=", 1) for line in lines if "=" in line)
def is_free(port):
    for host in {"127.0.0.1", address}:
        probe = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == 99:
                return None
            return False
        finally:
            probe.close()
    return True
def free():
    drawn = random.SystemRandom().sample(range(20000, 32000), 200)
    return [port for port in drawn if port not in taken and is_free(port)][:wanted]
def has_library(name):
    try:
        return bool(ctypes.CDLL(name))
    except OSError:
        return False
def memory():
    lines = open("/proc/meminfo").read().splitlines()
    return int(next(line for line in lines if line.startswith("MemTotal")).split()[1]) / 2**20
def succeeds(*command):
    return subprocess.run(command, stdout=-3, stderr=-3).returncode == 0
def lingers():
    lingering = "/var/lib/systemd/linger/" + pwd.getpwuid(os.getuid()).pw_name
    may = ["--action-id", "org.freedesktop.login1.set-self-linger", "--process", str(os.getpid())]
    return os.path.exists(lingering) or (shutil.which("pkcheck") and succeeds("pkcheck", *may))
def has_cron():
    names = {open(name).read().strip() for name in glob.glob("/proc/[0-9]*/comm")}
    if not names & {"cron", "crond"} or not shutil.which("crontab"):
        return False
    told = subprocess.run(["crontab", "-l"], stdin=-3, stdout=-3, stderr=subprocess.PIPE).stderr
    return b"not allowed" not in told
def at_boot():
    if os.path.isdir("/run/systemd/system"):
        if os.geteuid() == 0:
            return "systemd"
        if os.path.exists("/run/user/%d/systemd/private" % os.getuid()) and lingers():
            return "systemd-user"
    return "cron" if has_cron() else ""
home = os.path.expanduser("~")
system = release()
print(json.dumps({
    "family": [system.get("ID", ""), *system.get("ID_LIKE", "").split()],
    "system": system.get("PRETTY_NAME", platform.system()),
    "processor": platform.machine(),
    "python": os.path.realpath(sys.executable),
    "python_version": list(sys.version_info[:3]),
    "home": home,
    "disk_gb": shutil.disk_usage(home).free / 1e9,
    "memory_gb": memory(),
    "writable": os.access(home, os.W_OK),
    "has_address": is_free(0) is not None,
    "lacks": [name for name in libraries if not has_library(name)],
    "ports": free(),
    "at_boot": at_boot(),
}))
"""


class Found(BaseModel):
    family: list[str]
    system: str
    processor: str
    python: str
    python_version: tuple[int, int, int]
    home: str
    disk_gb: float
    memory_gb: float
    writable: bool
    has_address: bool
    lacks: list[str]
    ports: list[int]
    at_boot: AtBoot


def look(session: Session, ports: int, taken: Collection[int], address: str) -> Found:
    """Raises HostUnfit where it has no Python at all, HostUnreachable."""
    asked = json.dumps([ports, sorted(taken), address, list(LIBRARIES)])
    try:
        told = session.run(["sh", "-c", FIND_PYTHON, "sh", asked], LOOK)
    except HostFailed as error:
        if error.message.endswith(f"exit {NO_PYTHON}"):
            fix = "Install it there: apt-get install python3."
            raise HostUnfit(host=session.login.host, reason="it has no Python.", fix=fix) from error
        raise
    return Found.model_validate_json(told.strip().splitlines()[-1])


def unfitness(found: Found, ports: int, address: str) -> Sequence[str]:
    """In words, each with what is needed; empty when all is well."""
    version = ".".join(map(str, found.python_version))
    checks = {
        f"it runs {found.system}; Debian or a relative is needed": (
            not {*FAMILY} & {*found.family}
        ),
        f"its Python is {version}; 3.11 or newer is needed (Debian 12, Ubuntu 24.04)": (
            found.python_version < PYTHON
        ),
        f"its processor is {found.processor} and this worker's {platform.machine()}; "
        "the same is needed": found.processor != platform.machine(),
        f"{found.disk_gb:.1f} GB of its disk are free; {DISK_GB:.0f} GB are needed": (
            found.disk_gb < DISK_GB
        ),
        f"it has {found.memory_gb:.1f} GB of memory; {MEMORY_GB:.0f} GB are needed": (
            found.memory_gb < MEMORY_GB * 0.9
        ),
        f"{found.home} cannot be written to": not found.writable,
        f"{address} is none of its addresses": not found.has_address,
        f"{len(found.ports)} of {ports} ports are free": len(found.ports) < ports,
    }
    packages = " ".join(LIBRARIES[name] for name in found.lacks)
    checks[f"it lacks {', '.join(found.lacks)}: apt-get install {packages}"] = bool(found.lacks)
    return [reason for reason, holds in checks.items() if holds]
