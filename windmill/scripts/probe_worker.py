"""What this worker has of what deployments need: tools, registry, variables, clock.

Gives `worker`, `time`, `embedded`: whether it is the embedded engine's, and `checks`: each with
what is missing.
"""

import socket
import time
from typing import Any

from .provision.worker_probe import probe
from .store.embedded import is_embedded


def main() -> dict[str, Any]:
    about = {"worker": socket.gethostname(), "time": time.time(), "embedded": is_embedded()}
    return {**about, "checks": probe()}
