"""Server-sent events."""

import json
from collections.abc import Mapping
from typing import Any

UNBUFFERED = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def event(name: str, data: Mapping[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
