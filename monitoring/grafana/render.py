"""Writes `dashboards/*.json`, which Grafana reads, from `panels.yaml`, which people write."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

HERE = Path(__file__).parent
SOURCE = {"type": "prometheus", "uid": "prometheus"}
FULL_WIDTH = 24
HEIGHT = {"stat": 5, "timeseries": 8}
REFS = "ABCDEFGH"


class Panel(BaseModel):
    """`good`: a value from here on is green, else red. `bad`: the other way round."""

    model_config = ConfigDict(extra="forbid")

    title: str
    about: str
    kind: Literal["stat", "timeseries"] = "timeseries"
    unit: str
    width: int = 12
    good: float | None = None
    bad: float | None = None
    queries: dict[str, str]


class Dashboard(BaseModel):
    """`chosen`: a label of the deployments by which one chooses what is shown."""

    model_config = ConfigDict(extra="forbid")

    title: str
    about: str = ""
    chosen: str = ""
    panels: list[Panel]


def dashboards() -> dict[str, Dashboard]:
    told = yaml.safe_load((HERE / "panels.yaml").read_text("utf-8"))
    return {name: Dashboard.model_validate(each) for name, each in told.items()}


def rendered() -> dict[str, str]:
    """By file name."""
    return {
        f"{name}.json": json.dumps(_dashboard(name, each), indent=2, ensure_ascii=False) + "\n"
        for name, each in dashboards().items()
    }


def _dashboard(name: str, told: Dashboard) -> dict[str, Any]:
    return {
        "uid": f"mlops-{name}",
        "title": told.title,
        "description": told.about,
        "tags": ["mlops"],
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "links": [{"type": "dashboards", "tags": ["mlops"], "title": "Others", "asDropdown": True}],
        "templating": {"list": [_variable(told.chosen)] if told.chosen else []},
        "panels": list(_placed(told.panels)),
    }


def _variable(label: str) -> dict[str, Any]:
    return {
        "name": label,
        "label": label.capitalize(),
        "type": "query",
        "datasource": SOURCE,
        "query": {
            "qryType": 1,
            "query": f'label_values(up{{job="deployments"}}, {label})',
            "refId": label,
        },
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
    }


def _placed(panels: list[Panel]) -> Iterator[dict[str, Any]]:
    """From left to right; a row is as high as its highest."""
    x = y = high = 0
    for id, panel in enumerate(panels, 1):
        if x + panel.width > FULL_WIDTH:
            x, y, high = 0, y + high, 0
        height = HEIGHT[panel.kind]
        yield _panel(id, panel, {"x": x, "y": y, "w": panel.width, "h": height})
        x, high = x + panel.width, max(high, height)


def _panel(id: int, panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    defaults: dict[str, Any] = {"unit": panel.unit} | _colours(panel)
    return {
        "id": id,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {"reduceOptions": {"calcs": ["lastNotNull"]}} if panel.kind == "stat" else {},
        "targets": [
            {"refId": ref, "datasource": SOURCE, "expr": query, "legendFormat": legend}
            for ref, (legend, query) in zip(REFS, panel.queries.items(), strict=False)
        ],
    }


def _colours(panel: Panel) -> dict[str, Any]:
    first, then = ("green", "red") if panel.bad is not None else ("red", "green")
    limit = panel.bad if panel.bad is not None else panel.good
    if limit is None:
        return {}
    steps = [{"color": first, "value": None}, {"color": then, "value": limit}]
    return {"thresholds": {"mode": "absolute", "steps": steps}, "color": {"mode": "thresholds"}}


def write() -> None:
    for name, text in rendered().items():
        (HERE / "dashboards" / name).write_text(text, "utf-8")


if __name__ == "__main__":
    write()
