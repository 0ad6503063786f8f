"""What a Prometheus beside the embedded platform reads: its configuration and who to scrape."""

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from cli.platform.home import ROOT, write_private

SHIPPED = ROOT / "monitoring" / "prometheus"
FILES = ("prometheus.yml", "alerts.yml")


def keep_watchable(folder: Path, urls: Mapping[str, str]) -> None:
    """`prometheus --config.file FOLDER/prometheus.yml` watches this platform."""
    for part in (folder, folder / "targets", folder / "platform"):
        part.mkdir(mode=0o700, exist_ok=True)
    for name in FILES:
        write_private(folder / name, (SHIPPED / name).read_text("utf-8"))
    targets = [
        {"targets": [urlsplit(url).netloc], "labels": {"service": name}}
        for name, url in urls.items()
    ]
    write_private(folder / "platform" / "local.json", json.dumps(targets, indent=2))
