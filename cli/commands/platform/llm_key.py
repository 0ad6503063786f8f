"""`mlops llm-key`"""

from urllib.parse import urlsplit

import click

from cli.clients.gateway import Gateway, find_gateway
from cli.errors import NotConfirmed
from cli.platform.embedded import is_loopback
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.given_key import given_key
from cli.terminal.options import examples, json_option, yes_option

HEADINGS = ["NAME", "SENT TO"]
NONE = "No key is stored. Try: mlops llm-key openai --base-url https://api.openai.com/v1"
NOWHERE = "nowhere: store it again with --base-url"


@examples(
    """
    mlops llm-key
    mlops llm-key openai --base-url https://api.openai.com/v1
    pass show openai | mlops llm-key openai --base-url https://api.openai.com/v1
    mlops llm-key openai --remove
    """
)
@click.command("llm-key", short_help="Store the key of a language model's provider.")
@click.argument("name", required=False)
@click.option(
    "--base-url", metavar="URL", help="Where the key may be sent: the provider's address."
)
@click.option("--remove", is_flag=True, help="Forget the key.")
@yes_option
@json_option
def command(name: str | None, base_url: str | None, remove: bool, yes: bool, as_json: bool) -> int:
    """Store a language model provider's key for one address, or list and remove keys.

    The key is asked for, or read from standard input. A backend of an LLM gateway names it; it is
    sent to that address, and what lies below it, and nowhere else. No command shows a key again.
    """
    _check(name, base_url, remove)
    gateway = find_gateway(Home.from_environment())
    if name is None:
        _list(gateway, as_json)
    elif remove:
        return _remove(gateway, name, yes, as_json)
    else:
        _store(gateway, name, str(base_url), as_json)
    return 0


def _check(name: str | None, base_url: str | None, remove: bool) -> None:
    """Raises UsageError."""
    if name is None and (base_url or remove):
        raise click.UsageError("Give the key a NAME.")
    if name is not None and bool(base_url) == remove:
        raise click.UsageError("Give --base-url URL to store the key, or --remove to forget it.")


def _list(gateway: Gateway, as_json: bool) -> None:
    keys = gateway.llm_keys()
    if as_json:
        console.say_json(keys)
    elif keys:
        rows = [[key["name"], key["base_url"] or NOWHERE] for key in keys]
        console.say(console.table(rows, HEADINGS))
    else:
        console.say(NONE)


def _store(gateway: Gateway, name: str, base_url: str, as_json: bool) -> None:
    if base_url.startswith("http:") and not is_loopback(base_url):
        console.note(f"{urlsplit(base_url).netloc} is asked without TLS: others can read the key.")
    kept = gateway.store_llm_key(name, base_url, given_key())
    if as_json:
        console.say_json(kept)
        return
    console.say(f"{kept['name']} is stored for {kept['base_url']}.")
    console.note("Pipelines that use it are sent the new key when they are deployed again.")


def _remove(gateway: Gateway, name: str, yes: bool, as_json: bool) -> int:
    if not yes and not _confirmed(name):
        console.note("Nothing was removed.")
        return 2
    removed = gateway.remove_llm_key(name)
    if as_json:
        console.say_json({**removed, "removed": True})
    else:
        console.say(f"{name} is removed. Deployments keep it until they are deployed again.")
    return 0


def _confirmed(name: str) -> bool:
    if not console.can_ask():
        raise NotConfirmed
    return click.confirm(f"Forget the key {name}?", err=True)
