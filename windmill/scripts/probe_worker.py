"""What this worker has of what deployments need: tools, registry, variables, clock.

Gives `worker`, `time` and `checks`: each with what is missing.
"""

import socket
import time
from typing import Any

from .provision.worker_probe import probe


def main() -> dict[str, Any]:
    return {"worker": socket.gethostname(), "time": time.time(), "checks": probe()}
