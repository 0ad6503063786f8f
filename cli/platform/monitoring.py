"""What a Prometheus beside the embedded platform reads: its configuration and who to scrape."""

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from cli.platform.home import ROOT, write_private

SHIPPED = ROOT / "monitoring" / "prometheus"
FILES = ("prometheus.yml", "alerts.yml", "recorded.yml")
FOLDERS = ("targets", "platform", "figures", "private")


def keep_watchable(folder: Path, urls: Mapping[str, str], metrics_token: str) -> None:
    """`prometheus --config.file FOLDER/prometheus.yml` watches this platform."""
    for part in (folder, *(folder / name for name in FOLDERS)):
        part.mkdir(mode=0o700, exist_ok=True)
    for name in FILES:
        write_private(folder / name, (SHIPPED / name).read_text("utf-8"))
    write_private(folder / "platform" / "local.json", _targets(urls))
    gateway = {name: url for name, url in urls.items() if name == "gateway"}
    write_private(folder / "figures" / "local.json", _targets(gateway))
    write_private(folder / "private" / "metrics-token", metrics_token)


def _targets(urls: Mapping[str, str]) -> str:
    groups = [
        {"targets": [urlsplit(url).netloc], "labels": {"service": name}}
        for name, url in urls.items()
    ]
    return json.dumps(groups, indent=2)
