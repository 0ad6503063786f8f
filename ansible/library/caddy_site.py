"""The name of one deployment at its host's Caddy: led to the pipeline's API, or known no more."""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: caddy_site
short_description: Have the host's Caddy lead a name to a deployment, or nothing any more
options:
  deployment: {description: Its id, type: str, required: true}
  state: {description: Led or not, type: str, choices: [present, absent], default: present}
  name: {description: By which it is called, type: str, default: ''}
  certificate: {description: acme, internal, or a folder with one, type: str, default: acme}
  port: {description: Of the pipeline's API on loopback, type: int}
author: [the platform's authors]
"""

CADDYFILE = Path("/etc/caddy/Caddyfile")
SITES = CADDYFILE.with_name("mlops.d")
IMPORT = f"import {SITES}/*.caddy"
AUTHORITY = Path(".local/share/caddy/pki/authorities/local/root.crt")
USER = "caddy"
LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
# Nothing that Caddy would read as anything but a letter of a name or a path.
FORMS = {
    "deployment": re.compile(LABEL),
    "name": re.compile(rf"({LABEL}\.){{1,8}}[a-z][a-z0-9-]{{0,62}}"),
    "certificate": re.compile(r"acme|internal|/[A-Za-z0-9_@%+=:,./-]{1,400}"),
}
SITE = """\
# Of deployment {deployment}; written anew whenever it is deployed.
{name} {{
	tls {certificate} {{
		protocols tls1.3
	}}
	header Strict-Transport-Security "max-age=31536000"
	request_body {{
		max_size 100MB
	}}
	reverse_proxy 127.0.0.1:{port}
}}
"""
INSTALL_SECONDS = 600


class Trouble(Exception):
    pass


def main() -> None:
    options: dict[str, Any] = {
        "deployment": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "name": {"type": "str", "default": ""},
        "certificate": {"type": "str", "default": "acme"},
        "port": {"type": "int"},
    }
    needs = [("state", "present", ["name", "port"])]
    os.umask(0o022)  # Caddy's own user reads what is written
    module = AnsibleModule(argument_spec=options, required_if=needs, supports_check_mode=False)
    try:
        changed = CHANGES[module.params["state"]](module.params)
    except Trouble as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=changed)


def lead(given: Mapping[str, Any]) -> bool:
    text, id = site(given), given["deployment"]
    changes = [install()]
    with alone():
        wanted = {SITES / f"{id}.caddy": text, CADDYFILE: importing(CADDYFILE.read_text())}
        changes += [apply(wanted), give_authority(id, given["certificate"] == "internal")]
    return any(changes)


def end(given: Mapping[str, Any]) -> bool:
    id = checked(given, "deployment")
    if not (SITES / f"{id}.caddy").exists():
        return False
    with alone():
        give_authority(id, False)
        (SITES / f"{id}.caddy").unlink()
        if not any(SITES.iterdir()):
            SITES.rmdir()
            others = [line for line in CADDYFILE.read_text().splitlines(True) if not is_ours(line)]
            write(CADDYFILE, "".join(others))
        if is_active():
            ask("systemctl", "reload", "caddy")
    return True


def site(given: Mapping[str, Any]) -> str:
    certificate = checked(given, "certificate")
    if certificate.startswith("/"):
        certificate = f"{certificate}/fullchain.pem {certificate}/privkey.pem"
    told = {name: checked(given, name) for name in ("deployment", "name")}
    text = SITE.format(certificate=certificate, port=int(given["port"]), **told)
    return text.replace("tls acme {", "tls {")


def checked(given: Mapping[str, Any], option: str) -> str:
    value = str(given[option])
    if not FORMS[option].fullmatch(value):
        raise Trouble(f"{option} {value!r} cannot stand in Caddy's configuration")
    return value


def importing(text: str) -> str:
    if any(map(is_ours, text.splitlines())):
        return text
    return f"{text.rstrip()}\n\n{IMPORT}\n" if text.strip() else f"{IMPORT}\n"


def is_ours(line: str) -> bool:
    return line.strip() == IMPORT


def apply(wanted: Mapping[Path, str]) -> bool:
    """All of it or nothing: what Caddy does not take is not left for its next start."""
    before = {path: path.read_text() if path.exists() else None for path in wanted}
    if before == wanted and is_active():
        return False
    SITES.mkdir(exist_ok=True)
    for path, text in wanted.items():
        write(path, text)
    try:
        validate()
        ask("systemctl", "reload" if is_active() else "start", "caddy")
    except Trouble:
        for path, text in before.items():
            write(path, text)
        raise
    return True


def validate() -> None:
    """As its own user: it must be able to read the certificates, too."""
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(CADDYFILE)]
    ask("runuser", "-u", USER, "--", *command)


def give_authority(id: str, wanted: bool) -> bool:
    """Its certificate is no secret, and who is to trust it must be able to read it."""
    given = SITES / f"{id}.pem"
    own = Path(pwd.getpwnam(USER).pw_dir) / AUTHORITY if wanted else None
    text = own.read_text() if own else None
    if (given.read_text() if given.exists() else None) == text:
        return False
    write(given, text)
    return True


def write(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink(missing_ok=True)
        return
    aside = path.with_name(f".{path.name}.new")
    aside.write_text(text)
    aside.replace(path)


def install() -> bool:
    if shutil.which("caddy") and CADDYFILE.is_file():
        return False
    apt = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get")
    ask(*apt, "update", seconds=INSTALL_SECONDS)
    options = ("--yes", "--no-install-recommends")
    ask(*apt, "install", *options, "caddy", seconds=INSTALL_SECONDS)
    ask("systemctl", "enable", "caddy")
    return True


def is_active() -> bool:
    return run("systemctl", "is-active", "--quiet", "caddy").returncode == 0


@contextmanager
def alone() -> Iterator[None]:
    """Two deployments at once would each take the other's for a mistake of its own."""
    folder = os.open(CADDYFILE.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def ask(*command: str, seconds: int = 60) -> None:
    done = run(*command, seconds=seconds)
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()
        raise Trouble(f"{' '.join(command[:4])}: {' '.join(words[-3:])[-800:]}")


def run(*command: str, seconds: int = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env={**os.environ, "HOME": "/root"}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=seconds, cwd="/",
    )  # fmt: skip


CHANGES = {"present": lead, "absent": end}


if __name__ == "__main__":
    main()
