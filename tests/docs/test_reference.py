"""The reference says what the code says: nothing missing, nothing that is no longer there."""

import re
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from cli.clients.git_host import GitSettings
from cli.main import commands
from cli.platform.embedded import PORTS
from docs.generate import every, refilled
from gateway.http.settings import Settings
from sync.n8n_settings import N8nSettings
from tests.docs.pages import PAGES, ROOT, table_rows
from windmill.scripts.worker.cpu_throttler import Settings as Patience

REFERENCE = ROOT / "docs" / "reference"
PARTS = ("cli", "engine", "gateway", "serving", "sync", "windmill", "ansible")
SOURCES = [file for part in PARTS for file in (ROOT / part).rglob("*.py")]
SETTINGS = (Settings, N8nSettings, GitSettings)
VARIABLE = re.compile(r"[\"']([A-Z][A-Z0-9]*_[A-Z0-9_]+)[\"']")
# Not ours to describe: what Windmill, Terraform and Ansible are told, and what every program knows.
OTHERS = re.compile(
    r"WM_|ANSIBLE_|TF_|SSL_|XDG_|LC_|WINDMILL_IS_FOLDER|CHECKPOINT_|BASE_INTERNAL_|SSH_AUTH_SOCK"
    r"|\w*_PROXY$|\w*_BUNDLE$|MLOPS_DEPLOYMENT_ROOT|ENGINE_FAULT_AT|PG_CONN_STR"
    r"|LD_LIBRARY_PATH|MALLOC_|PROMETHEUS_MULTIPROC_DIR|\w*_NUM_THREADS$"
)


@pytest.mark.parametrize("page", sorted(REFERENCE.glob("*.md")), ids=lambda page: page.stem)
def test_generated_parts_are_what_the_code_says(page: Path) -> None:
    text = page.read_text("utf-8")
    assert refilled(text) == text, "`make docs` writes it again"


def test_every_command_has_its_place() -> None:
    text = (REFERENCE / "commands.md").read_text("utf-8")
    for ctx in every(commands):
        assert f"\n## `{ctx.command_path}`\n" in text


def documented(page: str) -> dict[str, str]:
    """Name → default, of every table whose first column holds names in capitals."""
    rows = re.findall(r"^\| (`[A-Z].*?) \| (.*?) \|", (REFERENCE / page).read_text("utf-8"), re.M)
    names = ((name, default) for cell, default in rows for name in re.findall(r"`(\w+)`", cell))
    return {name: default.strip("`") for name, default in names}


def read_by_code() -> set[str]:
    found = {name for model in SETTINGS for name in capitals(model.model_fields)}
    found |= capitals(field.name for field in fields(Patience))
    for file in SOURCES:
        text = file.read_text("utf-8")
        found |= set(VARIABLE.findall(text)) if "environ" in text else set()
    for file in (ROOT / "docker-compose.yml", ROOT / "ci" / "wmill-sync.sh"):
        found |= set(re.findall(r"\$\{([A-Z0-9_]+)", file.read_text("utf-8")))
    return {name for name in found if not OTHERS.match(name)}


def capitals(names: Iterable[str]) -> set[str]:
    # The gateway's own key is MLOPS_API_KEY; the bare name is a second spelling of it.
    return {name.upper() for name in names} - {"API_KEY"}


def test_every_variable_that_is_read_is_documented_and_the_other_way_round() -> None:
    told = set(documented("settings.md"))
    read = read_by_code()
    assert read - told == set(), "add them to docs/reference/settings.md"
    assert told - read - {"DEBUG", "NO_COLOR"} == set(), "nothing reads these any more"


def test_the_defaults_are_the_code_s() -> None:
    rows = [*table_rows(REFERENCE / "settings.md", "The gateway")]
    rows += table_rows(REFERENCE / "settings.md", "n8n")
    rows += table_rows(REFERENCE / "settings.md", "Waiting for a busy machine")
    models = {**Settings.model_fields, **N8nSettings.model_fields}
    defaults = {name.upper(): field.default for name, field in models.items()}
    defaults |= {field.name.upper(): field.default for field in fields(Patience)}
    checked = 0
    for names, default, _ in rows:
        name = names.strip("`")
        if default.startswith("`"):
            assert str(defaults[name]).lower() == default.strip("`").lower(), name
            checked += 1
    assert checked > 10


def test_every_error_code_is_explained_and_the_other_way_round() -> None:
    codes = {
        code
        for file in SOURCES
        for code in re.findall(r"\"(E-[A-Z]+(?:-\d+)?)\"", file.read_text("utf-8"))
    }
    assert codes == {
        row[0].strip("`")
        for row in table_rows(REFERENCE / "errors.md", "Problems in what people write")
    }


def test_every_metric_is_documented_and_the_other_way_round() -> None:
    text = "\n".join(file.read_text("utf-8") for file in SOURCES)
    made = set(
        re.findall(
            r"(?:MetricFamily|Counter|Histogram|Gauge|(?:self|metrics)\.set)\(\s*\"(\w+)\"", text
        )
    )
    rows = re.findall(r"^\| (`.*?) \|", (REFERENCE / "metrics.md").read_text("utf-8"), re.M)
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert told == {f"{name}_total" if f"{name}_total" in told else name for name in made}


def test_the_ports_are_those_that_are_used() -> None:
    stack = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    published = {
        (port.split(":")[1], f"`{name}`")
        for name, service in stack.items()
        for port in service.get("ports", ())
    }
    rows = table_rows(REFERENCE / "ports.md", "The self-hosted stack")
    assert {(row[0], row[1]) for row in rows} == published
    embedded = {row[0] for row in table_rows(REFERENCE / "ports.md", "The embedded platform")}
    assert {str(port) for port in PORTS.values()} <= embedded


TABLES = {"CHANGELOG.md", "security.md"}  # looked up, not read


def test_no_page_is_longer_than_one_can_read() -> None:
    for page in PAGES:
        looked_up = page.parent.name == "reference" or page.name in TABLES
        if not looked_up:
            assert len(page.read_text("utf-8").splitlines()) <= 160, page
