"""python -m serving.preview < request.json: what its sources would read, as JSON.

The request is `{"pipeline": …, "node": "docs" or null}`.
"""

import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from serving.components import load_components
from serving.pipeline import Pipeline
from serving.preview.sources import Told, previews


class Request(BaseModel):
    pipeline: Pipeline
    node: str | None = None


def main() -> int:
    request = Request.model_validate_json(sys.stdin.buffer.read())
    with tempfile.TemporaryDirectory(prefix="mlops-preview-") as folder:
        print(json.dumps(asyncio.run(_told(request, Path(folder)))))
    return 0


async def _told(request: Request, folder: Path) -> list[dict[str, Any]]:
    told = await previews(request.pipeline, load_components(), folder, request.node)
    return [_as_json(each) for each in told]


def _as_json(told: Told) -> dict[str, Any]:
    document = asdict(told)
    if told.reading:
        document["reading"]["node"] = told.node
    return document


if __name__ == "__main__":
    sys.exit(main())
