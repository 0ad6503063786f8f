"""`mlops provider-key`"""

import click

from cli.clients.gateway import Gateway, find_gateway
from cli.errors import NotConfirmed
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.given_key import given_key
from cli.terminal.options import examples, json_option, yes_option

NONE = "No key is stored, so nothing is rented. Try: mlops provider-key runpod"


@examples(
    """
    mlops provider-key
    mlops provider-key runpod
    pass show runpod | mlops provider-key runpod
    echo "$EXOSCALE_API_KEY:$EXOSCALE_API_SECRET" | mlops provider-key exoscale
    mlops provider-key runpod --remove
    """
)
@click.command("provider-key", short_help="Store the key by which a target rents machines.")
@click.argument("target", required=False)
@click.option("--remove", is_flag=True, help="Forget the key.")
@yes_option
@json_option
def command(target: str | None, remove: bool, yes: bool, as_json: bool) -> int:
    """Store the key by which a target rents machines, or list and remove keys.

    The key is asked for, or read from standard input; Exoscale's is both parts with a colon
    between them. Only deployments use it; no pipeline can
    name it and no command shows it again.
    """
    if target is None and remove:
        raise click.UsageError("Name the TARGET whose key is to be forgotten.")
    gateway = find_gateway(Home.from_environment())
    if target is None:
        _list(gateway, as_json)
    elif remove:
        return _remove(gateway, target, yes, as_json)
    else:
        _store(gateway, target, as_json)
    return 0


def _list(gateway: Gateway, as_json: bool) -> None:
    keys = gateway.provider_keys()
    if as_json:
        console.say_json(keys)
    else:
        console.say("\n".join(key["target"] for key in keys) or NONE)


def _store(gateway: Gateway, target: str, as_json: bool) -> None:
    kept = gateway.store_provider_key(target, given_key())
    if as_json:
        console.say_json(kept)
        return
    console.say(f"{kept['target']} rents machines by this key from now on.")
    console.note(
        "What it costs stands in `mlops deploy … --plan`; `mlops orphans` finds leftovers."
    )


def _remove(gateway: Gateway, target: str, yes: bool, as_json: bool) -> int:
    if not yes and not _confirmed(target):
        console.note("Nothing was removed.")
        return 2
    removed = gateway.remove_provider_key(target)
    if as_json:
        console.say_json({**removed, "removed": True})
    else:
        console.say(f"The key of {target} is removed. What it rented goes on and costs money.")
    return 0


def _confirmed(target: str) -> bool:
    if not console.can_ask():
        raise NotConfirmed
    return click.confirm(f"Forget the key of {target}?", err=True)
