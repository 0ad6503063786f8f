"""The embedded platform: engine and gateway as two background processes of this machine."""

import errno
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cli.errors import BadOption, PartDied, PartSlow
from cli.platform.home import (
    EARLIER_KEYS,
    REGISTRY_KEYS,
    ROLES,
    ROOT,
    Home,
    read_json,
    write_private,
)
from cli.platform.monitoring import keep_watchable
from cli.platform.processes import (
    Part,
    choose_port,
    is_alive,
    last_lines,
    listens,
    port_is_free,
    start,
    stop,
)

WORKSPACE = "mlops"
PORTS = {"engine": 3000, "gateway": 8000}
HEALTH = {"engine": "/api/version", "gateway": "/health"}
READY_WITHIN_SECONDS = 60
PORT_RACES = 5
ANSWER_WITHIN_SECONDS = 5.0
WORKERS = 3
HASHES = ROOT / "requirements" / "scripts.lock"
TAKEN = os.strerror(errno.EADDRINUSE)
PASSED_TO_JOBS = (
    "ALLOW_ADDRESSES",
    "ALLOW_HOSTS",
    "MLOPS_DATA_ROOTS",
    "MLOPS_SSH_KEYS",
    "MLOPS_KUBECONFIGS",
    "MLOPS_SERVING_IMAGE",
    "EXOSCALE_API_ENDPOINT",
    "RUNPOD_API_BASE_URL",
    "RUNPOD_PROXY_URL",
    "VAST_URL",
    "CPU_THRESHOLD",
    "LOAD_AVG_THRESHOLD",
    "CHECK_INTERVAL",
    "MAX_WAIT_TIME",
    "THROTTLE_DISABLE",
    "LOG_LEVEL",
)
PASSED_TO_GATEWAY = (
    "GIT_PUSH_SECRET",
    "GIT_PUSH_BRANCH",
    "MLOPS_TRUSTED_PROXIES",
    "MLOPS_PUBLIC_URL",
    "OIDC_ISSUER",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_SCOPES",
    "OIDC_ROLES",
)

OnProgress = Callable[[str, float, str], None]


@dataclass
class Platform:
    """What runs, as platform.json remembers it and the process table confirms it."""

    home: Home
    parts: dict[str, Part] = field(default_factory=dict)

    @classmethod
    def load(cls, home: Home) -> "Platform":
        stored = read_json(home.platform_file).get("parts", {})
        return cls(home, {name: Part.from_dict(part) for name, part in stored.items()})

    def save(self) -> None:
        document = {
            "parts": {name: part.as_dict() for name, part in self.parts.items()},
            "urls": self.urls,
        }
        write_private(self.home.platform_file, json.dumps(document, indent=2))

    @property
    def urls(self) -> dict[str, str]:
        return {name: part.url for name, part in self.parts.items()}

    @property
    def running(self) -> bool:
        return self.is_up("engine") and self.is_up("gateway")

    def is_up(self, name: str) -> bool:
        return name in self.parts and is_alive(self.parts[name])

    def start(self, on_progress: OnProgress) -> list[str]:
        """Starts what is missing, crashed or out of date; the names of what was started."""
        self.home.make()
        secrets = self.home.secrets()
        self._write_engine_files(secrets)
        began, started = time.monotonic(), []
        # In this order: the gateway is told where the engine listens and moves with it.
        for name in PORTS:
            if not self._is_current(name, secrets):
                self._start(name, secrets)
                started.append(name)
            self._wait_ready(name, secrets)
            on_progress(name, time.monotonic() - began, self.parts[name].url)
        keep_watchable(self.home.monitoring, self.urls, secrets["metrics_token"])
        return started

    def _wait_ready(self, name: str, secrets: Mapping[str, str]) -> None:
        """Another platform may take the port between our look and the part's: then the next."""
        for _ in range(PORT_RACES):
            try:
                return wait_ready(self.parts[name], READY_WITHIN_SECONDS)
            except PartDied as died:
                # Whoever took it may have left it since.
                if port_is_free(self.parts[name].port) and TAKEN not in died.message:
                    raise
                self._start(name, secrets)
        return wait_ready(self.parts[name], READY_WITHIN_SECONDS)

    def stop(self) -> list[str]:
        """The names of what was running. What runs inside the engine is kept for its next start."""
        running = [name for name in PORTS if self.is_up(name)]
        stop(self.parts[name] for name in running)
        return running

    def _start(self, name: str, secrets: Mapping[str, str]) -> None:
        stop(part for part in [self.parts.get(name)] if part)
        others = {part.port for other, part in self.parts.items() if other != name}
        port = choose_port(self._wished_port(name), others)
        arguments, environment = self._launch(name, port, secrets)
        self.parts[name] = start(
            name,
            arguments,
            port=port,
            environment=environment,
            cwd=ROOT,
            log=self.home.logs / f"{name}.log",
            fingerprint=self._fingerprint(name, arguments, environment),
        )
        self.save()

    def _wished_port(self, name: str) -> int:
        """The port it had before, so that addresses people noted stay good."""
        before = self.parts.get(name)
        return before.port if before and port_is_free(before.port) else PORTS[name]

    def _is_current(self, name: str, secrets: Mapping[str, str]) -> bool:
        part = self.parts.get(name)
        if part is None or not is_alive(part) or not _responds(part):
            return False
        return part.fingerprint == self._fingerprint(name, *self._launch(name, part.port, secrets))

    def _fingerprint(self, name: str, arguments: list[str], environment: Mapping[str, str]) -> str:
        """An engine reads what its jobs are told once, when it starts."""
        told = self._job_file.read_text("utf-8") if name == "engine" else ""
        return fingerprint(name, [*arguments, told], environment)

    @property
    def _job_file(self) -> Path:
        return self.home.path / "engine" / "job.env"

    def _launch(
        self, name: str, port: int, secrets: Mapping[str, str]
    ) -> tuple[list[str], dict[str, str]]:
        if name == "engine":
            return engine_arguments(self.home, port), registry_environment(self.home)
        arguments, environment = gateway_launch(self.home, port, self.parts["engine"].url, secrets)
        return arguments, {**environment, **registry_environment(self.home)}

    def _write_engine_files(self, secrets: Mapping[str, str]) -> None:
        folder = self.home.path / "engine"
        write_private(folder / "token", engine_tokens(secrets))
        job_environment = {
            "DATABASE_URL": self.home.registry_url,
            "MLOPS_EMBEDDED": "1",
            "MLOPS_LOCAL_ROOT": str(self.home.deployments),
            "MLOPS_CACHE": str(self.home.cache),
            "MLOPS_CHECKOUT": str(ROOT),
            "MLOPS_PRIVATE_FOLDERS": os.pathsep.join(map(str, (self.home.path, self.home.cache))),
            "MLOPS_UPLOADS": str(self.home.uploads),
            "MLOPS_MONITORING_TARGETS": str(self.home.monitoring / "targets"),
            **job_settings(os.environ),
        }
        lines = [f"{key}={value}\n" for key, value in job_environment.items()]
        write_private(self._job_file, "".join(lines))


def engine_tokens(secrets: Mapping[str, str]) -> str:
    """One that may do everything, and the gateway's, each with what its role needs."""
    from gateway.access.roles import Role
    from gateway.access.windmill_scopes import token_lines

    by_role = {role: secrets[f"windmill_{role}_token"] for role in Role}
    return f"{secrets['windmill_token']}\n{token_lines(by_role)}"


def job_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """What the person who starts the platform wants of the steps that it runs."""
    given = {name: environment.get(name, "").strip() for name in PASSED_TO_JOBS}
    return {name: value for name, value in given.items() if value.isprintable() and value}


def engine_arguments(home: Home, port: int) -> list[str]:
    folder = home.path / "engine"
    options = {
        "--db": folder / "engine.db",
        "--host": "127.0.0.1",
        "--port": port,
        "--token-file": folder / "token",
        "--workspace": WORKSPACE,
        "--workers": WORKERS,
        "--cache": home.cache / "engine",
        "--env-file": folder / "job.env",
        "--hashes": HASHES,
    }
    if days := os.environ.get("MLOPS_RETENTION_DAYS", "").strip():
        options["--retention-days"] = _whole_days(days)
    passed = [part for name in REGISTRY_KEYS for part in ("--pass-env", name)]
    return ["engine", *(str(item) for pair in options.items() for item in pair), *passed]


def _whole_days(written: str) -> int:
    """Raises BadOption."""
    if not written.isdecimal() or int(written) < 1:
        what = f"MLOPS_RETENTION_DAYS={written} is no number of days"
        raise BadOption(what=what, fix="A whole number from 1, or leave it out: then all is kept.")
    return int(written)


def registry_environment(home: Home) -> dict[str, str]:
    """What steps and gateway open the registry's fields with."""
    newest, *older = home.registry_keys()
    return dict(zip(REGISTRY_KEYS, (newest, ",".join(older)), strict=True))


def gateway_launch(
    home: Home, port: int, engine_url: str, secrets: Mapping[str, str]
) -> tuple[list[str], dict[str, str]]:
    environment = {
        "SECRET_KEY": secrets["secret_key"],
        "DATABASE_URL": home.registry_url,
        "ACCESS_DATABASE_URL": home.access_url,
        "WINDMILL_API_URL": engine_url,
        **{f"WINDMILL_{role.upper()}_KEY": secrets[f"windmill_{role}_token"] for role in ROLES},
        "WINDMILL_WORKSPACE": WORKSPACE,
        "MLOPS_API_KEY": secrets["gateway_api_key"],
        "MLOPS_PREVIOUS_API_KEYS": secrets.get(EARLIER_KEYS, ""),
        "WEBHOOK_SECRET": secrets["webhook_secret"],
        "MLOPS_METRICS_TOKEN": secrets["metrics_token"],
        "MLOPS_UPLOADS": str(home.uploads),
        "MLOPS_CATALOG_REPO": os.environ.get("MLOPS_CATALOG_REPO") or str(ROOT),
        **{name: os.environ[name] for name in PASSED_TO_GATEWAY if os.environ.get(name)},
    }
    return ["gateway", "--host", "127.0.0.1", "--port", str(port)], environment


def fingerprint(name: str, arguments: Iterable[str], environment: Mapping[str, str]) -> str:
    """Changes when the part would be started differently or its code is another."""
    digest = hashlib.sha256(json.dumps([list(arguments), dict(environment)]).encode())
    for file in [*sorted((ROOT / name).rglob("*.py")), HASHES]:
        stat = file.stat()
        digest.update(f"{file}:{stat.st_mtime_ns}:{stat.st_size}".encode())
    return digest.hexdigest()


def wait_ready(part: Part, within_seconds: float) -> None:
    """Raises PartDied with its last words, PartSlow."""
    deadline = time.monotonic() + within_seconds
    while not (listens(part) and answers(part.url + HEALTH[part.name])):
        if not is_alive(part):
            lines = last_lines(part.log)
            raise PartDied(where=f"log: {part.log}", part=part.name, lines=lines)
        if time.monotonic() > deadline:
            raise PartSlow(where=f"log: {part.log}", part=part.name, seconds=within_seconds)
        time.sleep(0.05)


def answers(url: str) -> bool:
    """Well, that is: 200."""
    return probe(url)[0] == 200


def _responds(part: Part) -> bool:
    """Hung is as bad as gone; unwell (the gateway without its engine) is not."""
    return probe(part.url + HEALTH[part.name], timeout=ANSWER_WITHIN_SECONDS)[0] != 0


def is_loopback(url: str) -> bool:
    """No proxy of the environment has any business between us and this machine."""
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}


def probe(url: str, timeout: float = 2) -> tuple[int, str]:
    """Status and text; status 0 and the reason when nobody answers."""
    import httpx

    try:
        response = httpx.get(url, timeout=timeout, trust_env=not is_loopback(url))
    except httpx.HTTPError as error:
        return 0, str(error)
    return response.status_code, response.text


def summary(platform: Platform) -> dict[str, Any]:
    return {
        "home": str(platform.home.path),
        "running": {name: platform.is_up(name) for name in PORTS},
        "urls": platform.urls,
    }
