"""`mlops catalog schema`"""

import json

import click

from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops catalog schema > entry.schema.json
    mlops catalog schema component | jq .properties.config
    """
)
@click.command("schema", short_help="Print the JSON Schema of catalog files.")
@click.argument("what", type=click.Choice(("entry", "component")), default="entry")
@json_option
def command(what: str, as_json: bool) -> None:
    """Print the JSON Schema of catalog files, for an editor's completion."""
    from windmill.scripts.model.entry.json_schemas import json_schema

    schema = json_schema(what)
    if as_json:
        console.say_json(schema)
    else:
        console.say(json.dumps(schema, indent=2))
