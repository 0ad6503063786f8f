"""`mlops setup`"""

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import click

from cli.actions.checking_n8n import named_n8n
from cli.actions.connecting import connect
from cli.actions.first_logins import n8n_owner, own_n8n, sign_in, windmill_login
from cli.actions.gateway_tokens import make_tokens
from cli.clients.windmill import WindmillAddress, find_windmill
from cli.platform.checkup import Finding
from cli.platform.home import Home
from cli.platform.secret_files import EnvironmentFile, SecretKeeper, SecretsFolder
from cli.terminal import console
from cli.terminal.findings import say_finding
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops setup https://windmill.example --workspace mlops --dry-run
    WINDMILL_API_KEY=... mlops setup https://windmill.example --gateway-env gateway.env
    WINDMILL_ADMIN_PASSWORD=... mlops setup http://127.0.0.1:3000 --secrets-dir secrets
    mlops setup --json | jq '.[] | select(.state != "ok")'
    """
)
@click.command("setup", short_help="Make a Windmill ready and ask one of its workers.")
@click.argument("url", required=False)
@click.option("--workspace", help="Made if it is not there.  [default: mlops]")
@click.option(
    "--gateway-env",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Make the gateway's tokens, one a role, and add them to this file of its environment.",
)
@click.option(
    "--secrets-dir",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="Keep what is made there, a file each; the gateway's, MLOPS_SECRETS_DIR, in `gateway`.",
)
@click.option("--skip-worker", is_flag=True, help="Ask none: `mlops doctor` does it later.")
@click.option("--dry-run", is_flag=True, help="Only look; write nothing, run nothing.")
@json_option
def command(
    url: str | None,
    workspace: str | None,
    gateway_env: Path | None,
    secrets_dir: Path | None,
    skip_worker: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Make a Windmill ready, and ask one of its workers what it has.

    Makes the workspace where it is missing, pushes scripts and flows, makes the secret key.

    URL is where it answers; without one, $WINDMILL_API_URL or the embedded engine. Its token is
    $WINDMILL_API_KEY. Running it again changes only what is missing. With N8N_API_URL and
    N8N_API_KEY that n8n gets its workflows too, and is examined.

    Where both are new and nobody has signed in yet, no token is needed: WINDMILL_ADMIN_PASSWORD
    takes the place of the password that every Windmill begins with, N8N_OWNER_EMAIL and
    N8N_OWNER_PASSWORD become n8n's owner, and keys are made by them, into --secrets-dir.
    """
    address = find_windmill(Home.from_environment(), url)
    address = replace(address, workspace=workspace or address.workspace)
    keeper = _of_gateway(gateway_env, secrets_dir, dry_run=dry_run)
    done = _set_up(address, keeper, secrets_dir, dry_run=dry_run, ask_worker=not skip_worker)
    findings = []
    for finding in done:
        findings.append(finding)
        if not as_json:
            say_finding(finding)
    if as_json:
        console.say_json([finding.as_dict() for finding in findings])
    return 1 if any(finding.state == "failed" for finding in findings) else 0


def _of_gateway(
    gateway_env: Path | None, secrets_dir: Path | None, *, dry_run: bool
) -> SecretKeeper | None:
    """It gets its own tokens and no other key: n8n's is not for it."""
    if gateway_env and secrets_dir:
        raise click.UsageError("--gateway-env and --secrets-dir are two ways to the same: give one")
    if secrets_dir:
        return SecretsFolder.within(secrets_dir, "gateway", make=not dry_run)
    return EnvironmentFile(gateway_env) if gateway_env else None


def _set_up(
    address: WindmillAddress,
    keeper: SecretKeeper | None,
    secrets_dir: Path | None,
    *,
    dry_run: bool,
    ask_worker: bool,
) -> Iterator[Finding]:
    if not dry_run:
        login = windmill_login()
        if login and not address.token:
            address, finding = sign_in(address, login)
            yield finding
            if finding.state == "failed":
                return
        yield from _own_n8n(secrets_dir)
    tokens = make_tokens(address, keeper, dry_run=dry_run) if keeper else ()
    connected = connect(address, dry_run=dry_run, ask_worker=ask_worker)
    # It is ready all the same; `mlops doctor` fails for it.
    yield from chain(connected, tokens, named_n8n(too_old="warning"))


def _own_n8n(secrets_dir: Path | None) -> Iterator[Finding]:
    """Its key is then that of this process: sync looks for it there."""
    url, owner = os.environ.get("N8N_API_URL"), n8n_owner()
    if url and owner and secrets_dir and not os.environ.get("N8N_API_KEY"):
        key, finding = own_n8n(url, owner, SecretsFolder(secrets_dir))
        os.environ["N8N_API_KEY"] = key
        yield finding
