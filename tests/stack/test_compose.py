"""docker-compose.yml: right by the Compose specification, and by what we promise about it."""

import json
import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml

from cli.platform.home import ROLES
from gateway.http.settings import Settings
from sync.n8n_settings import N8nSettings, n8n_settings
from tests.gateway.stack import free_port
from tests.tools.needs import need
from windmill.scripts.model.catalog.catalog import read_catalog

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
STACK: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = STACK["services"]
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?P<kind>:[?-])?(?P<rest>[^}]*)\}")
SECRET = re.compile(r"PASSWORD|KEY|TOKEN|SECRET(?!S_DIR)")
# Below these, holes are known.
FLOORS = {
    "n8nio/n8n": (2, 42, 1),
    "windmill-labs/windmill": (1, 784, 0),
    "berriai/litellm": (1, 83, 7),
}
# This checkout is installed beside the packages: the copies must win, and nothing else be found.
STARTED_FROM_HERE = """
import runpy, sys
sys.path = ["."] + [p for p in sys.path if "site-packages" in p or "python3" in p]
sys.meta_path = [f for f in sys.meta_path if "editable" not in repr(f)]
sys.argv[0] = "gateway"
runpy.run_module("gateway", run_name="__main__")
"""
SOME_SECRET = "0123456789abcdef" * 2
NO_ANSWER = {"windmill-worker", "bootstrap", "follower"}  # ask for work and answer nobody, or end


def variables() -> list[re.Match[str]]:
    return list(VARIABLE.finditer(TEXT))


def filled(text: str) -> str:
    """As Compose would, with a value for every secret."""
    text = VARIABLE.sub(lambda m: m["rest"] if m["kind"] == ":-" else SOME_SECRET, text)
    return text.replace("$$", "$")


def images() -> dict[str, str]:
    return {name: filled(s["image"]) for name, s in SERVICES.items() if "image" in s}


@pytest.fixture(scope="module")
def specification() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (need("compose-schema") / "compose/config/compose_spec.json").read_text()
    )
    return found


def violations(specification: dict[str, Any], stack: Any) -> list[str]:
    # Younger than the schema: the name, and files of variables that need not be there.
    services = {
        name: {key: value for key, value in service.items() if key != "env_file"}
        for name, service in stack["services"].items()
    }
    known = {key: value for key, value in stack.items() if key != "name"} | {"services": services}
    return [error.message for error in jsonschema.Draft7Validator(specification).iter_errors(known)]


@pytest.mark.slow  # fetches it the first time
def test_it_keeps_to_the_specification(specification: dict[str, Any]) -> None:
    assert violations(specification, yaml.safe_load(filled(TEXT))) == []


@pytest.mark.slow  # fetches it the first time
def test_the_specification_would_notice_a_slip(specification: dict[str, Any]) -> None:
    slip = yaml.safe_load(filled(TEXT.replace("healthcheck:", "health_check:", 1)))
    assert violations(specification, slip)


def test_no_secret_has_a_default_and_each_is_in_the_example_without_a_value() -> None:
    named = [match for match in variables() if SECRET.search(match["name"])]
    secrets = {match["name"] for match in named if match["kind"] == ":?"}
    assert not [m["name"] for m in named if m["name"] not in secrets and m["rest"]]
    example = (ROOT / ".env.example").read_text().splitlines()
    assert {line.removesuffix("=") for line in example if re.fullmatch(r"\w+=", line)} == set(
        secrets
    )


def test_the_example_names_what_is_read_and_nothing_else() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = [found[1] for line in lines if (found := re.match(r"(?:# )?([A-Z0-9_]+)=", line))]
    by_sync = {name.upper() for name in N8nSettings.model_fields}
    by_sync |= {"WINDMILL_API_URL", "WINDMILL_API_KEY"}
    assert len(set(named)) == len(named)
    assert set(named) == {match["name"] for match in variables()} | by_sync


def test_what_the_example_says_of_n8n_is_accepted() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    given = dict(re.findall(r"(?m)^(?:# )?([A-Z0-9_]+)=(.*)$", "\n".join(lines)))
    secrets = dict.fromkeys(("MLOPS_API_KEY", "NOTIFY_TOKEN", "N8N_API_KEY"), SOME_SECRET)
    settings = n8n_settings({**given, **secrets})
    assert settings
    assert settings.webhooks_url == "http://n8n-webhook:5678/webhook"
    urls = (settings.webhooks_url, settings.gateway_url)
    asked = {url.split("/")[2].split(":")[0] for url in urls}
    assert asked <= set(SERVICES)


def test_a_secret_is_never_written_out() -> None:
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if SECRET.search(key):
                assert VARIABLE.search(value), f"{name}: {key}"


def test_nothing_else_must_be_known_before_the_first_start() -> None:
    assert {m["kind"] for m in variables() if not SECRET.search(m["name"])} == {":-"}


@pytest.mark.parametrize("name", images())
def test_an_image_has_one_version_and_no_known_hole(name: str) -> None:
    reference, _, _ = images()[name].partition("@")  # once pinned, with its digest
    repository, _, tag = reference.rpartition(":")
    version = tuple(int(part) for part in re.findall(r"\d+", tag)[:3])
    assert len(version) >= 2, f"{tag} moves"
    floor = next((f for known, f in FLOORS.items() if repository.endswith(known)), (0,))
    assert version >= floor


@pytest.mark.parametrize("name", sorted(set(SERVICES) - NO_ANSWER))
def test_every_service_says_how_it_is(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert {"interval", "timeout", "retries"} <= set(check)


@pytest.mark.parametrize("name", SERVICES)
def test_it_waits_for_services_that_can_say_so(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        if SERVICES[other]["restart"] == "no":
            assert how["condition"] == "service_completed_successfully"
        else:
            assert how["condition"] == "service_healthy"
            assert "healthcheck" in SERVICES[other]


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_mounted_is_there(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        source = volume.split(":")[0]
        assert (ROOT / source).exists() if source.startswith(".") else source in STACK["volumes"]


@pytest.mark.parametrize("name", SERVICES)
def test_only_this_machine_reaches_its_ports(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


def test_no_port_of_this_machine_is_taken_twice() -> None:
    taken = [port.split(":")[1] for s in SERVICES.values() for port in s.get("ports", [])]
    assert len(set(taken)) == len(taken)


def test_the_gateway_accepts_its_environment() -> None:
    told = yaml.safe_load(filled(TEXT))["services"]["gateway"]["environment"]
    made = {f"windmill_{role}_key": SOME_SECRET for role in ROLES}
    settings = Settings.model_validate({name.lower(): value for name, value in told.items()} | made)
    assert settings.windmill_base == "http://windmill-server:8000"


def test_the_gateway_s_image_is_built_from_what_is_there() -> None:
    lines = (ROOT / "deploy/gateway/Dockerfile").read_text().splitlines()
    copied = [line.split()[1] for line in lines if line.startswith("COPY")]
    assert copied
    assert all((ROOT / path).exists() for path in copied)
    targets = {line.split()[3] for line in lines if line.startswith("FROM")}
    assert targets == {SERVICES[name]["build"]["target"] for name in ("gateway", "bootstrap")}
    ignored = (ROOT / "deploy/gateway/Dockerfile.dockerignore").read_text().splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == set(copied)


def test_a_pipeline_s_image_is_built_from_what_is_there() -> None:
    lines = (ROOT / "deploy/serving/Dockerfile").read_text().splitlines()
    copied = [line.split()[1] for line in lines if re.match("COPY (?!--from)", line)]
    environments = {
        one.environment for one in read_catalog(ROOT / "catalog")[0].components.values()
    }
    paths = {path.replace("${ENVIRONMENT}", one) for path in copied for one in environments}
    assert {f"requirements/{one}.lock" for one in environments} < paths
    assert all((ROOT / path).exists() for path in paths)
    ignored = (ROOT / "deploy/serving/Dockerfile.dockerignore").read_text().splitlines()
    allowed = [line[1:] for line in ignored if line.startswith("!")]
    assert all(any(fnmatch(path, pattern) for pattern in allowed) for path in paths)


@pytest.mark.parametrize("kind", ["platform", "alertmanagers"])
def test_prometheus_asks_services_that_are_there(kind: str) -> None:
    groups = json.loads((ROOT / "monitoring/prometheus" / kind / "compose.json").read_text())
    hosts = {target.split(":")[0] for group in groups for target in group["targets"]}
    assert hosts <= set(SERVICES)


def test_alerts_and_dashboards_go_to_services_that_are_there() -> None:
    alerts = yaml.safe_load((ROOT / "monitoring/alertmanager/alertmanager.yml").read_text())
    source = ROOT / "monitoring/grafana/provisioning/datasources/prometheus.yml"
    urls = [hook["url"] for r in alerts["receivers"] for hook in r["webhook_configs"]]
    urls += [data["url"] for data in yaml.safe_load(source.read_text())["datasources"]]
    assert {url.split("/")[2].split(":")[0] for url in urls} <= set(SERVICES)


def test_alerts_go_to_a_webhook_that_a_workflow_has() -> None:
    alerts = yaml.safe_load((ROOT / "monitoring/alertmanager/alertmanager.yml").read_text())
    (hook,) = [hook for receiver in alerts["receivers"] for hook in receiver["webhook_configs"]]
    workflow = json.loads((ROOT / "n8n/workflows/notify.json").read_text())
    paths = {node["parameters"].get("path") for node in workflow["nodes"]}
    assert hook["url"].rpartition("/webhook/")[2] in paths
    token = hook["http_config"]["authorization"]["credentials_file"]
    assert token in " ".join(SERVICES["alertmanager"]["entrypoint"])


def test_jobs_are_told_where_deployments_are_registered() -> None:
    worker = SERVICES["windmill-worker"]["environment"]
    assert set(worker["WHITELIST_ENVS"].split(",")) <= set(worker)
    assert worker["MLOPS_DATABASE_URL"] == SERVICES["gateway"]["environment"]["DATABASE_URL"]


@pytest.mark.slow
def test_the_gateway_s_image_holds_all_that_it_imports(tmp_path: Path) -> None:
    """Its files alone, started as the image starts them, with the stack's own environment."""
    gateway, _, _ = (ROOT / "deploy/gateway/Dockerfile").read_text().partition(" AS bootstrap")
    for line in gateway.splitlines():
        if line.startswith("COPY") and (ROOT / (path := line.split()[1])).is_dir():
            shutil.copytree(ROOT / path, tmp_path / path)
    told = yaml.safe_load(filled(TEXT))["services"]["gateway"]["environment"]
    (tmp_path / "keys").mkdir()
    for role in ROLES:
        (tmp_path / f"keys/windmill_{role}_key").write_text(SOME_SECRET)
    told["MLOPS_SECRETS_DIR"] = str(tmp_path / "keys")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", STARTED_FROM_HERE, "--host", "127.0.0.1", "--port", str(port)],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], **told},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        # As the stack's own health check asks.
        while not answers(f"http://127.0.0.1:{port}/metrics"):
            assert process.poll() is None, process.communicate()[1]
    finally:
        process.terminate()
        process.communicate(timeout=20)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=20).is_success
    except httpx.TransportError:
        return False


def test_litellm_is_told_every_address_it_routes_to() -> None:
    configuration = (ROOT / "k8s/manifests/litellm/config.yaml").read_text()
    asked = set(re.findall(r"os\.environ/(\w+)", configuration))
    assert asked
    assert asked <= set(SERVICES["litellm"]["environment"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    # Compose 2 refuses what is limited here and there in two ways.
    assert "resources" not in service.get("deploy", {})
    assert service["networks"], "it would join the network of all"
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", ()))


def hosts_asked(name: str) -> set[str]:
    """Services that it is told the addresses of, by its environment or its files."""
    told = json.dumps(SERVICES[name].get("environment", {}))
    told += {
        "prometheus": (ROOT / "monitoring/prometheus/platform/compose.json").read_text()
        + (ROOT / "monitoring/prometheus/alertmanagers/compose.json").read_text(),
        "alertmanager": (ROOT / "monitoring/alertmanager/alertmanager.yml").read_text(),
        "grafana": (
            ROOT / "monitoring/grafana/provisioning/datasources/prometheus.yml"
        ).read_text(),
        # As .env.example has it: N8N_WEBHOOK_URL, GATEWAY_URL.
        "windmill-worker": "http://n8n-webhook:5678 http://windmill-server:8000",
        "n8n-worker": "http://gateway:8000",
        "n8n-webhook": "http://gateway:8000",
        "n8n": "http://gateway:8000",
    }.get(name, "")
    return {each for each in SERVICES if re.search(rf"(?<![\w-]){each}(?![\w-])", told)} - {name}


def reached(name: str) -> set[str]:
    own = set(SERVICES[name]["networks"])
    return {each for each in SERVICES if own & set(SERVICES[each]["networks"])} - {name}


@pytest.mark.parametrize("name", SERVICES)
def test_it_reaches_what_it_is_told_of_and_waits_for(name: str) -> None:
    assert hosts_asked(name) | set(SERVICES[name].get("depends_on", ())) <= reached(name)


def test_the_code_of_jobs_reaches_what_it_needs_and_no_more() -> None:
    needed = {"postgres", "windmill-server", "n8n-webhook", "gateway"}
    # Which listen to nobody.
    assert reached("windmill-worker") - {"bootstrap", "follower"} == needed


@pytest.mark.parametrize("network", ["data", "jobs-data", "queue"])
def test_databases_reach_nobody_outside_and_publish_nothing(network: str) -> None:
    assert STACK["networks"][network]["internal"]
    for database in ("postgres", "redis"):
        assert "ports" not in SERVICES[database]
        assert set(SERVICES[database]["networks"]) <= {"data", "jobs-data", "queue"}
