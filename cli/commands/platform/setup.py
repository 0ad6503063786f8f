"""`mlops setup`"""

from dataclasses import replace
from itertools import chain
from pathlib import Path

import click

from cli.actions.checking_n8n import named_n8n
from cli.actions.connecting import connect
from cli.actions.gateway_tokens import make_tokens
from cli.clients.windmill import find_windmill
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.findings import say_finding
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops setup https://windmill.example --workspace mlops --dry-run
    WINDMILL_API_KEY=... mlops setup https://windmill.example --gateway-env gateway.env
    mlops setup --json | jq '.[] | select(.state != "ok")'
    """
)
@click.command("setup")
@click.argument("url", required=False)
@click.option("--workspace", help="Made if it is not there.  [default: mlops]")
@click.option(
    "--gateway-env",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Make the gateway's tokens, one a role, and add them to this file of its environment.",
)
@click.option("--dry-run", is_flag=True, help="Only look; write nothing, run nothing.")
@json_option
def command(
    url: str | None,
    workspace: str | None,
    gateway_env: Path | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Make a Windmill ready, and ask one of its workers what it has.

    Makes the workspace where it is missing, pushes scripts and flows, makes the secret key.

    URL is where it answers; without one, $WINDMILL_API_URL or the embedded engine. Its token is
    $WINDMILL_API_KEY. Running it again changes only what is missing. With N8N_API_URL and
    N8N_API_KEY that n8n gets its workflows too, and is examined.
    """
    address = find_windmill(Home.from_environment(), url)
    address = replace(address, workspace=workspace or address.workspace)
    findings = []
    tokens = make_tokens(address, gateway_env, dry_run=dry_run) if gateway_env else ()
    for finding in chain(connect(address, dry_run=dry_run), tokens, named_n8n()):
        findings.append(finding)
        if not as_json:
            say_finding(finding)
    if as_json:
        console.say_json([finding.as_dict() for finding in findings])
    return 1 if any(finding.state == "failed" for finding in findings) else 0
