"""Whatever people give that cannot be used: what is said, and what mends it, word by word.

The cases are the rows of docs/reference/bad-input.md.
"""

import io
import os
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pypdf
import pytest
import yaml
from fpdf import FPDF
from PIL import Image

from serving.component import Component, Context
from serving.components import load_components
from serving.errors import ServingError
from serving.file_gate import FileGate
from serving.graph import configured
from serving.models.llm import Llm
from serving.pipeline import Node
from serving.port_types import Port

pytestmark = pytest.mark.slow
CASES: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("bad_input.yaml").read_text("utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["given"])
async def test_what_is_said_of_it_and_what_mends_it(case: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "data"
    for name, content in case["files"].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(made(content))
    with pytest.raises(ServingError) as caught:
        await run(case, folder)
    error = caught.value
    shown = f"{error.message} {error.fix}".replace(str(folder), "/data")
    assert shown == f"{case['says']} {case['fix']}"
    assert error.code == case["code"]


async def run(case: Mapping[str, Any], folder: Path) -> None:
    gate = FileGate.of({**os.environ, "MLOPS_DATA_ROOTS": str(folder.parent)})
    port: Port | None = None
    for kind, config in case["nodes"]:
        context = Context(folder.parent / kind, folder.parent, Llm("", ""), lambda _: None, gate)
        component = _component(kind, config, context, folder)
        port = await component.run(**({port.type_name(): port} if port else {}))
    if "input" in case:
        await port.predict([case["input"]])  # type: ignore[union-attr]


def _component(kind: str, config: Mapping[str, Any], context: Context, folder: Path) -> Component:
    found = load_components()[kind]
    filled = {
        name: value.replace("/data", str(folder)) if isinstance(value, str) else value
        for name, value in config.items()
    }
    return found(configured(Node(id=kind, component=kind, config=filled), found), context)


def made(content: Any) -> bytes:
    if isinstance(content, str):
        return content.encode()
    [(how, what)] = content.items()
    return MAKERS[how](what)


def scan(_: Any) -> bytes:
    pdf = FPDF()
    pdf.add_page()
    pdf.image(Image.new("L", (40, 40), 200), x=0, y=0, w=210)
    return bytes(pdf.output())


def locked(password: str) -> bytes:
    pdf, file, writer = FPDF(), io.BytesIO(), pypdf.PdfWriter()
    pdf.add_page()
    writer.append(io.BytesIO(bytes(pdf.output())))
    writer.encrypt(password)
    writer.write(file)
    return file.getvalue()


def picture(shade: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (32, 32), shade).save(file, "png")
    return file.getvalue()


def lines(told: Mapping[str, Any]) -> bytes:
    """`then` is repeated, {n} counting from 0, {day} from 2026-01-01; then `last`."""
    days = (date(2026, 1, 1) + timedelta(days=n) for n in range(told["times"]))
    patterns = zip(cycle(told["then"]), enumerate(days), strict=False)
    rows = (pattern.format(n=n, day=day) for pattern, (n, day) in patterns)
    return "\n".join([told["first"], *rows, *told.get("last", ())]).encode()


MAKERS: Mapping[str, Callable[[Any], bytes]] = {
    "scan": scan,
    "locked": locked,
    "picture": picture,
    "latin-1": lambda text: text.encode("latin-1"),
    "hex": bytes.fromhex,
    "lines": lines,
}
