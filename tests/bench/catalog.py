"""The catalog: expand, check and compile ten thousand leaves, beside two that only expand."""

import gc
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uv
import yaml

from sync.build.install_once import built_once
from tests.bench.big_catalog import FAN_OUT, write
from tests.bench.measure import Measured, interleaved, table
from windmill.scripts.model.base.parse import parse
from windmill.scripts.model.catalog.catalog import Catalog, read_catalog
from windmill.scripts.model.check.check_catalog import check_catalog
from windmill.scripts.model.check.check_context import Context
from windmill.scripts.model.check.check_entry import check_entry, check_shape
from windmill.scripts.model.compile.compile_catalog import compile_catalog, compile_entry
from windmill.scripts.model.entry.entry import Entry

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements" / "bench.lock"
EDITED = "pipelines/pipe-7"
# Five levels by functions that call each other; the leaves are what ours compiles to, roughly.
JSONNET = f"""
local leaf(path, value) = {{id: path, type: 'script', path: 'f/mlops/leaf', value: value, size: 1}};
local children = std.range(0, {FAN_OUT - 1});
local level(path, depth, value) =
  if depth == 0 then leaf(path, value)
  else {{summary: 'Level ' + path,
         steps: [level(path + '.' + i, depth - 1, value + i) for i in children]}};
level('top', 4, 'x')
"""
MEMORY = """
import re, sys
from pathlib import Path
from windmill.scripts.model.check.check_catalog import load_catalog
from windmill.scripts.model.compile.compile_catalog import compile_catalog
flows = list(compile_catalog(load_catalog(Path(sys.argv[1]))))
print(int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


def big_catalog(rounds: int) -> str:
    sys.path.append(str(built_once("bench", install_peers, LOCK)))
    with tempfile.TemporaryDirectory() as folder, _without_collecting():
        root = Path(folder) / "catalog"
        leaves = write(root)
        catalog, _ = read_catalog(root)
        texts = [source.text for source in catalog.sources.values()]
        measured = interleaved(
            {
                "ours, from parsed YAML": lambda: _expand_check_compile(catalog),
                "ours, from files": lambda: _from_files(root),
                "peer: rjsonnet, expands only": _rjsonnet,
                "peer: OmegaConf, expands only": _omegaconf,
                "floor: libyaml's events": lambda: _events(texts),
            },
            rounds,
        )
        told = table(f"A catalog of five levels and {leaves} leaves", measured, "ours, from files")
        edit = {"one leaf edited": _edited(catalog)}
        once = interleaved(edit, rounds * 3)["one leaf edited"]
        return "\n".join(
            [told, _line("one entry edited, checked and compiled", once), _memory(root)]
        )


def _expand_check_compile(catalog: Catalog) -> None:
    entries = {key: parse(Entry, catalog.sources[key]) for key in catalog.entries}
    expanded = Catalog(catalog.components, entries, catalog.sources)
    assert not check_catalog(expanded)
    assert len(dict(compile_catalog(expanded))) == len(entries)


def _from_files(root: Path) -> None:
    catalog, problems = read_catalog(root)
    assert not problems + check_catalog(catalog)
    assert len(dict(compile_catalog(catalog))) == len(catalog.entries)


def _edited(catalog: Catalog) -> Any:
    context = Context.of(catalog)
    source = catalog.sources[EDITED]
    for key in catalog.entries:
        catalog.rollups[key]

    def run() -> None:
        entry = parse(Entry, source)
        assert not [*check_shape(entry, source), *check_entry(entry, source, context)]
        compile_entry(entry, catalog.entries, catalog.rollups)

    return run


def _rjsonnet() -> None:
    import rjsonnet

    assert rjsonnet.evaluate_snippet("bench", JSONNET)


def _omegaconf() -> None:
    from omegaconf import OmegaConf

    def level(depth: int) -> dict[str, Any]:
        if depth == 0:
            return {"type": "script", "path": "f/mlops/leaf", "value": "${value}", "size": 1}
        return {f"s{number}": level(depth - 1) for number in range(FAN_OUT)}

    made = OmegaConf.create({"value": "x", "top": level(4)})
    OmegaConf.to_container(made, resolve=True)


def _events(texts: list[str]) -> None:
    for text in texts:
        for _ in yaml.parse(text, Loader=yaml.CSafeLoader):
            pass


def _memory(root: Path) -> str:
    command = [sys.executable, "-c", MEMORY, str(root)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return f"  {'largest memory of the whole process':34} {int(done.stdout):8d} MB"


def _line(title: str, figure: Measured) -> str:
    milliseconds = figure.median * 1000
    return f"  {title:34} {milliseconds:8.2f} ms"


@contextmanager
def _without_collecting() -> Iterator[None]:
    """As a command that ends at once runs: for ours and for the peers alike."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def install_peers(folder: Path) -> None:
    command = [uv.find_uv_bin(), "pip", "install", "-q", "--python", sys.executable]
    command += ["--require-hashes", "--target", str(folder), "-r", str(LOCK)]
    subprocess.run(command, check=True)


def shipped_catalog(rounds: int) -> str:
    """The whole command, as a person waits for it."""
    from tests.bench.measure import command
    from tests.e2e.harness import MLOPS

    measured = interleaved(
        {
            "mlops catalog check": command(str(MLOPS), "catalog", "check"),
            "floor: python imports pydantic": command(sys.executable, "-c", "import pydantic"),
        },
        rounds,
    )
    return table("The shipped catalog", measured, "mlops catalog check")


if __name__ == "__main__":
    print(big_catalog(rounds=5))
    print(shipped_catalog(rounds=5))
