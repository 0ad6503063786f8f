"""`mlops predict`"""

import time
from pathlib import Path
from typing import Any

import click

from cli.actions.asking.files import check_place, content_of, write
from cli.actions.asking.fitting import check_file, check_rows
from cli.actions.asking.rows import rows_of, typed
from cli.actions.listing.completing import deployments
from cli.clients.calls import Endpoint, opened
from cli.clients.gateway import find_gateway
from cli.errors import CannotAsk
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.asking.answers import output_lines, table_of, takes_lines
from cli.terminal.asking.counting import Counting
from cli.terminal.options import examples, json_option

WHAT = {
    "text": "a text",
    "image": "an image",
    "audio": "a recording",
    "horizon": "how many steps to forecast",
}
KINDS = {".jsonl": "application/jsonl", ".ndjson": "application/jsonl"}


@examples(
    """
    mlops predict tabular-prediction                     what it takes, with an example
    mlops predict tabular-prediction --row make=Corvo site=north age_months=115 temperature=
    mlops predict tabular-prediction --row '{"make": "Corvo", "site": null}' --row '…'
    mlops predict tabular-prediction --file machines.csv --out predicted.csv
    mlops predict anomaly-detection --file readings.csv | head -3
    """
)
@click.command("predict")
@click.argument("id", shell_complete=deployments)
@click.argument("more", nargs=-1, metavar="[COLUMN=VALUE]...")
@click.option(
    "--row", "rows", multiple=True, metavar="COLUMN=VALUE|JSON", help="A row; JSON for several."
)
@click.option(
    "--file", type=click.Path(path_type=Path), metavar="FILE.csv|.tsv|.jsonl", help="Many rows."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE.csv",
    help="Where a file's rows go, with what is predicted.",
)
@json_option
def command(
    id: str,
    more: tuple[str, ...],
    rows: tuple[str, ...],
    file: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Predict for rows: typed, as JSON, or a whole file.

    An empty value is a missing one. Of a file every row is predicted, and comes back with the
    columns that it had; without --out it is written to stdout.
    """
    given = rows_of(rows, more)
    if (given and file) or (out and not file):
        raise click.UsageError("Give rows, or --file (and --out).")
    check_place(out)
    gateway = find_gateway(Home.from_environment())
    with opened(gateway, gateway.status(id)) as endpoint:
        takes = endpoint.get("/predict")
        if takes["kind"] != "row" and (file or given or not as_json):
            raise CannotAsk(name=endpoint.name, what=_what(takes), fix=f"mlops ask {endpoint.name}")
        if file:
            _score(endpoint, takes, file, out, as_json)
        elif given:
            check_rows(endpoint.name, takes, given)
            _tell(endpoint.post("/batch", {"inputs": given})["outputs"], as_json)
        else:
            _describe(endpoint, takes, as_json)


def _describe(endpoint: Endpoint, takes: dict[str, Any], as_json: bool) -> None:
    if as_json:
        console.say_json(takes)
        return
    for line in takes_lines(endpoint.name, takes, list(typed(takes["example"]))):
        console.say(line)


def _what(takes: dict[str, Any]) -> str:
    return WHAT.get(takes["kind"], "no rows that it could describe")


def _tell(outputs: list[Any], as_json: bool) -> None:
    if as_json:
        console.say_json(outputs)
    elif len(outputs) > 1:
        console.say(table_of(outputs))
    else:
        for line in output_lines(outputs[0]):
            console.say(line)


def _score(
    endpoint: Endpoint, takes: dict[str, Any], file: Path, out: Path | None, as_json: bool
) -> None:
    began = time.monotonic()
    content = content_of(file)
    check_file(endpoint.name, takes, file, content)
    kind = KINDS.get(file.suffix.lower(), "text/csv")
    done: dict[str, Any] = {}
    with Counting("predicting", silent=as_json) as counting:
        for name, told in endpoint.events("/batch/csv", content, kind):
            if name == "progress":
                counting.show(told["done"], told["total"])
            elif name == "done":
                done = told
    text = str(done["csv"])
    if out:
        write(out, text.encode())
    took = round(time.monotonic() - began, 3)
    if as_json:
        place = {"out": str(out)} if out else {"csv": text}
        console.say_json({"rows": done["rows"], "seconds": took, **place})
    elif out:
        console.say(f"{done['rows']} rows in {console.seconds(took)}: {out}")
    else:
        console.write_file(text)
