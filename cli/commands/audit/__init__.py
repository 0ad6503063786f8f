"""`mlops audit`"""

from datetime import UTC, datetime, timedelta
from typing import Any

import click

from cli.clients.gateway import find_gateway
from cli.errors import BadOption
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option
from cli.terminal.times import days_of
from cli.terminal.verbs import Verbs

HEADINGS = ["AT", "WHO", "FROM", "DID", "WHAT", "OUTCOME"]


@examples(
    """
    mlops audit
    mlops audit --since 7d --who ann
    mlops audit --what rag-chatbot --json | jq '.[] | select(.outcome == "refused")'
    mlops audit verify
    """
)
@click.command(
    cls=Verbs,
    short_help="Tell who did what, from where, and how it ended.",
    verbs=("verify",),
    package=__name__,
    invoke_without_command=True,
)
@click.option("--since", default="", metavar="7d|2026-11-01", help="Not before then.")
@click.option("--who", default="", help="Part of a key's, person's or program's name.")
@click.option("--what", default="", help="Part of a deployment's, entry's, key's or secret's name.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@json_option
@click.pass_context
def command(ctx: click.Context, since: str, who: str, what: str, limit: int, as_json: bool) -> None:
    """Who did what, from where, and how it ended; the newest, oldest of them first."""
    if ctx.invoked_subcommand:
        return
    query = {"who": who, "what": what, "limit": limit}
    query |= {"since": moment(since).isoformat()} if since else {}
    entries = find_gateway(Home.from_environment()).audit(query)
    if as_json:
        console.say_json(entries)
    elif entries:
        console.say(console.table([_row(entry) for entry in entries], HEADINGS))
    else:
        console.say("Nothing that fits.")


def _row(entry: dict[str, Any]) -> list[str]:
    at = entry["at"][:19].replace("T", " ")
    outcome = " ".join(filter(None, (entry["outcome"], entry["detail"])))
    return [at, entry["who"], entry["address"], entry["action"], entry["what"], outcome]


def moment(written: str) -> datetime:
    """Raises BadOption."""
    try:
        days = days_of(written)
    except BadOption:
        return _date(written)
    return datetime.now(UTC) - timedelta(days=days or 0)


def _date(written: str) -> datetime:
    try:
        read = datetime.fromisoformat(written)
    except ValueError as error:
        raise BadOption(what=f"--since {written} is not a time", fix="7d or 2026-11-01") from error
    return read if read.tzinfo else read.astimezone()
