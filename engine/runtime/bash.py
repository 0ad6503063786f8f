"""Arguments of a bash script: it names them itself, `name="$1"` or `name="${1:-default}"`."""

import json
import re
from typing import Any

_NAMED = re.compile(r'^(\w+)="\$(?:(\d+)|\{(\d+)(?::-[^}]*)?\})"', re.MULTILINE)


def positional(script: str, args: dict[str, Any]) -> list[str]:
    named = {int(plain or braced): name for name, plain, braced in _NAMED.findall(script)}
    return [_text(args, named.get(place)) for place in range(1, max(named, default=0) + 1)]


def _text(args: dict[str, Any], name: str | None) -> str:
    if name not in args:
        return ""
    value = args[name]
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
