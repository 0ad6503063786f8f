"""`mlops catalog compile`"""

import json
from pathlib import Path
from typing import Any

import click

from cli.actions.catalogs import dir_option, find_entry, sound
from cli.actions.listing.completing import entries
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops catalog compile                              how many flows it becomes
    mlops catalog compile rag-chatbot                  the flow of one entry, as YAML
    mlops catalog compile support-desk --json | jq .value.modules
    mlops catalog compile --out build                  every flow, a file each
    """
)
@click.command("compile")
@click.argument("entry", required=False, shell_complete=entries)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write files there.")
@dir_option
@json_option
def command(entry: str | None, out: Path | None, folder: Path | None, as_json: bool) -> None:
    """Turn entries into OpenFlow, which any Windmill runs."""
    from windmill.scripts.model.compile.compile_catalog import compile_catalog

    catalog = sound(folder)
    flows = dict(compile_catalog(catalog))
    if entry:
        flows = {key: flows[key] for key in [find_entry(catalog, entry).key]}
    if out:
        _write(flows, out)
    if as_json:
        console.say_json(next(iter(flows.values())) if entry else flows)
    elif entry and not out:
        from sync.export.yaml_text import to_yaml

        console.say(to_yaml(next(iter(flows.values()))).rstrip())
    else:
        console.say(f"{len(flows)} flows" + (f" in {out}" if out else ""))


def _write(flows: dict[str, dict[str, Any]], out: Path) -> None:
    for key, flow in flows.items():
        file = out / f"{key}.flow.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(flow, indent=1) + "\n", "utf-8")
