"""`mlops tunnel`"""

from typing import Any
from urllib.parse import urlsplit

import click

from cli.actions.listing.completing import deployments
from cli.clients.gateway import find_gateway
from cli.clients.tunnel import free_port, port_of, private_place, tunnel
from cli.errors import NotPrivate
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops tunnel rag-chatbot
    mlops tunnel rag-chatbot --identity ~/.ssh/id_ed25519
    mlops tunnel churn --identity ~/.kube/config     # one on a cluster, by your own kubectl
    mlops tunnel rag-chatbot --json | jq .urls
    """
)
@click.command("tunnel", short_help="Make a remote deployment answer on this machine.")
@click.argument("id", shell_complete=deployments)
@click.option(
    "--identity",
    "-i",
    default="",
    metavar="FILE",
    help="The private key to log in by, or the kubeconfig for one on a cluster.",
)
@json_option
def command(id: str, identity: str, as_json: bool) -> None:
    """Make a deployment on a host or cluster of your own answer on this machine, until interrupted.

    Your own ssh or kubectl goes there, with your keys; a host must show the key that was pinned.
    """
    status = find_gateway(Home.from_environment()).status(id)
    place = private_place(status)
    if place is None:
        reason = f"it answers at {status['endpoint_url'] or 'no address yet'}"
        raise NotPrivate(name=status["name"], reason=reason, fix=f"mlops status {status['name']}")
    urls = {name: url for name, url in status["urls"].items() if not urlsplit(url).path}
    there = {name: port_of(place, url) for name, url in urls.items()}
    here = {name: free_port(port) for name, port in there.items()}
    ports = {here[name]: port for name, port in there.items()}
    with tunnel(status["name"], place, ports, identity) as ssh:
        _tell({name: f"http://127.0.0.1:{port}" for name, port in here.items()}, as_json)
        ssh.wait()


def _tell(urls: dict[str, str], as_json: bool) -> None:
    told: dict[str, Any] = {"urls": urls}
    if as_json:
        console.say_json(told)
        return
    for name, url in urls.items():
        console.say(f"  {name:14} {url}")
    console.note("Open until you press Ctrl-C.")
