"""What starts a deployment's programs again after its host's reboot, or no such thing any more."""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: boot_start
short_description: Have a deployment's programs started again after a reboot of the host
options:
  root: {description: The deployment's folder, type: path, required: true}
  by: {description: Which part of the host does it, or none, type: str,
       choices: [systemd, systemd-user, cron, ''], default: ''}
author: [the platform's authors]
"""

# Nothing that systemd, cron or a shell would read as anything but a letter of a path.
PLAIN = re.compile(r"[A-Za-z0-9_./@+-]+")
UNIT = """\
[Unit]
Description=Pipeline deployment {name}

[Service]
Type=exec
ExecStart={start}
Restart=on-failure
RestartSec=5
KillMode=mixed
TimeoutStopSec=30

[Install]
WantedBy={target}
"""
SYSTEM_UNITS = Path("/etc/systemd/system")
USER_UNITS = Path("~/.config/systemd/user")


class Trouble(Exception):
    pass


def main() -> None:
    choices = ["systemd", "systemd-user", "cron", ""]
    options: dict[str, Any] = {
        "root": {"type": "path", "required": True},
        "by": {"type": "str", "choices": choices, "default": ""},
    }
    os.umask(0o077)
    module = AnsibleModule(argument_spec=options, supports_check_mode=False)
    try:
        root, by = checked(module.params["root"]), module.params["by"]
        changes = [way(root, by == name) for name, way in WAYS.items()]
    except Trouble as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=any(changes))


def checked(root: str) -> Path:
    path = Path(os.path.normpath(root))
    if not path.is_absolute() or not PLAIN.fullmatch(str(path)):
        raise Trouble(f"{root!r} has letters that cannot stand in a unit or a crontab")
    return path


def start_command(root: Path) -> str:
    """The script is written by supervised_programs; what watches it must not see it go."""
    return f"/bin/sh {root}/supervisor/start.sh --nodaemon --silent"


# systemd


def in_system(root: Path, wanted: bool) -> bool:
    if os.geteuid() != 0:
        return False
    return as_unit(root, SYSTEM_UNITS, ["systemctl"], "multi-user.target", wanted)


def in_user_manager(root: Path, wanted: bool) -> bool:
    user = pwd.getpwuid(os.getuid()).pw_name
    if wanted and not Path("/var/lib/systemd/linger", user).exists():
        ask(["loginctl", "enable-linger"])
    systemctl = ["systemctl", "--user"]
    return as_unit(root, USER_UNITS.expanduser(), systemctl, "default.target", wanted)


def as_unit(root: Path, units: Path, systemctl: list[str], target: str, wanted: bool) -> bool:
    """Enabled, not started: the programs are started once all is there."""
    unit = units / f"mlops-{root.name}.service"
    if not wanted:
        return remove_unit(unit, systemctl)
    text = UNIT.format(name=root.name, start=start_command(root), target=target)
    link = units / f"{target}.wants" / unit.name
    if unit.is_file() and unit.read_text() == text and link.is_symlink():
        return False
    units.mkdir(parents=True, exist_ok=True)
    unit.write_text(text)
    unit.chmod(0o644)
    ask([*systemctl, "daemon-reload"])
    ask([*systemctl, "enable", unit.name])
    return True


def remove_unit(unit: Path, systemctl: list[str]) -> bool:
    if not unit.exists():
        return False
    ask([*systemctl, "disable", "--now", unit.name])
    unit.unlink()
    ask([*systemctl, "daemon-reload"])
    return True


# cron


def in_crontab(root: Path, wanted: bool) -> bool:
    if not shutil.which("crontab"):
        if wanted:
            raise Trouble("there is no crontab any more")
        return False
    with alone(root):
        before = ask(["crontab", "-l"], fine=(0, 1)).splitlines()
        mark = f"# mlops {root.name}"
        line = f"@reboot {start_command(root)} >/dev/null 2>&1 {mark}"
        others = [each for each in before if not each.endswith(mark)]
        after = [*others, line] if wanted else others
        if sorted(after) == sorted(before):
            return False
        write_crontab(after)
        return True


def write_crontab(lines: list[str]) -> None:
    if lines:
        ask(["crontab", "-"], given="\n".join(lines) + "\n")
    else:
        ask(["crontab", "-r"])


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """A crontab is read and written whole: two deployments at once would lose one's line."""
    root.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(root.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def ask(command: list[str], given: str = "", fine: tuple[int, ...] = (0,)) -> str:
    runtime = {"XDG_RUNTIME_DIR": f"/run/user/{os.getuid()}"}
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, check=False, timeout=60,
        env={**runtime, **os.environ},
    )  # fmt: skip
    if done.returncode not in fine:
        raise Trouble(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout if done.returncode == 0 else ""


WAYS = {"systemd": in_system, "systemd-user": in_user_manager, "cron": in_crontab}


if __name__ == "__main__":
    main()
