"""What the `mlops dev new-…` commands have in common: write, regenerate, tell what comes next."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from cli.development.regeneration import regenerate
from cli.development.scaffold import write
from cli.platform.home import ROOT
from cli.terminal import console

dry_run_option = click.option("--dry-run", is_flag=True, help="Tell the files, write none.")


def begin(files: Mapping[Path, str], next: Sequence[str], dry_run: bool, as_json: bool) -> None:
    """`next` is what the person does after it, in order."""
    changed: list[Path] = []
    if not dry_run:
        write(ROOT, files)
        changed = regenerate(ROOT)
    told = {"written": [str(file) for file in files], "changed": [str(file) for file in changed]}
    if as_json:
        console.say_json({**told, "next": list(next), "dry_run": dry_run})
        return
    lines = [f"+ {file}" for file in told["written"]] + [f"~ {file}" for file in told["changed"]]
    steps = [f"  {number}. {step}" for number, step in enumerate(next, 1)]
    console.say("\n".join([*lines, "", "Next:", *steps]))
