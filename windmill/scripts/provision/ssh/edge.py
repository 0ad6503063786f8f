"""What a host lacks to answer by a name: Caddy and its ports are root's, and systemd keeps it."""

import json
from collections.abc import Sequence

from pydantic import BaseModel

from .session import Session

LOOK = """
import glob, json, os, shutil, socket, subprocess
def succeeds(*command):
    return subprocess.run(command, stdin=-3, stdout=-3, stderr=-3).returncode == 0
def is_held(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
names = {open(name).read().strip() for name in glob.glob("/proc/[0-9]*/comm")}
print(json.dumps({
    "is_admin": os.geteuid() == 0 or bool(shutil.which("sudo")) and succeeds("sudo", "-n", "true"),
    "has_systemd": os.path.isdir("/run/systemd/system"),
    "held": [] if "caddy" in names else [port for port in (80, 443) if is_held(port)],
}))
"""


class Edge(BaseModel):
    """`held`: of the ports of HTTP and HTTPS, by others than Caddy."""

    is_admin: bool
    has_systemd: bool
    held: list[int]

    def lacks(self, user: str) -> Sequence[str]:
        """In words, each with what is needed; empty when all is well."""
        ports = " and ".join(map(str, self.held))
        checks = {
            f"Caddy there is root's, and {user} becomes root only by a password: log in as root, "
            "or let sudo ask for none": not self.is_admin,
            "it has no systemd, which keeps Caddy running": not self.has_systemd,
            f"something else than Caddy listens at its port {ports}": bool(self.held),
        }
        return [reason for reason, holds in checks.items() if holds]


def edge_of(session: Session, python: str) -> Edge:
    """Raises HostFailed, HostUnreachable."""
    told = session.run([python, "-"], LOOK)
    return Edge.model_validate(json.loads(told.strip().splitlines()[-1]))
