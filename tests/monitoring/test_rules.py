"""The shipped configuration, judged by Prometheus' and Alertmanager's own tools."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from cli.platform.monitoring import keep_watchable
from monitoring.grafana.render import FULL_WIDTH, rendered
from tests.monitoring.prometheus import MONITORING
from tests.tools.needs import need

pytestmark = pytest.mark.xdist_group("prometheus")
RULES = MONITORING / "prometheus"


def promtool(*arguments: str, cwd: Path = RULES) -> subprocess.CompletedProcess[str]:
    command = [str(need("promtool")), *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_prometheus_accepts_its_configuration(tmp_path: Path) -> None:
    keep_watchable(tmp_path, {}, "token")
    done = promtool("check", "config", "prometheus.yml", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_alert_comes_when_it_should_and_only_then() -> None:
    done = promtool("test", "rules", "alerts_test.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_alert_that_never_comes_fails_its_test(tmp_path: Path) -> None:
    for file in ("recorded.yml", "alerts.yml", "alerts_test.yml"):
        (tmp_path / file).write_text((RULES / file).read_text().replace("== 0", "== 2"))
    assert promtool("test", "rules", "alerts_test.yml", cwd=tmp_path).returncode != 0


def test_alertmanager_accepts_its_configuration() -> None:
    amtool = need("amtool")
    file = MONITORING / "alertmanager" / "alertmanager.yml"
    done = subprocess.run(
        [str(amtool), "check-config", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_dashboards_are_as_their_panels_are_written() -> None:
    folder = MONITORING / "grafana" / "dashboards"
    assert {file.name: file.read_text() for file in folder.iterdir()} == rendered()


@pytest.mark.parametrize("name", rendered())
def test_panels_are_told_apart_fit_the_page_and_ask_the_source_that_is_provisioned(
    name: str,
) -> None:
    dashboard = json.loads(rendered()[name])
    places = [panel["gridPos"] for panel in dashboard["panels"]]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < FULL_WIDTH
    provisioned = MONITORING / "grafana" / "provisioning" / "datasources" / "prometheus.yml"
    (source,) = yaml.safe_load(provisioned.read_text())["datasources"]
    asked = {target["datasource"]["uid"] for p in dashboard["panels"] for target in p["targets"]}
    assert asked == {source["uid"]}
