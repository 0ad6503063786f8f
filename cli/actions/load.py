"""How busy this machine is."""

from collections.abc import Mapping
from typing import Any

import psutil

from windmill.scripts.worker.cpu_throttler import Settings, measure

GIGABYTE = 1e9


def look(environment: Mapping[str, str]) -> dict[str, Any]:
    """Raises InvalidSetting."""
    settings = Settings.from_environment(environment)
    load, memory = measure(settings.check_interval), psutil.virtual_memory()
    return {
        "busy": load.is_heavy(settings),
        "cpu_percent": load.cpu_percent,
        "cpus": psutil.cpu_count(),
        "load_average": round(load.load_average, 2),
        "memory_used_gb": round((memory.total - memory.available) / GIGABYTE, 2),
        "memory_total_gb": round(memory.total / GIGABYTE, 2),
        "limits": {
            "cpu_percent": settings.cpu_threshold,
            "load_average": settings.load_avg_threshold,
            "wait_seconds": settings.max_wait_time,
        },
    }
