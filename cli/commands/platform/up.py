"""`mlops up`"""

import click

from cli.actions.running import bring_up, teller
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops up                       start, or start again what is missing
    MLOPS_HOME=/srv/mlops mlops up  keep everything in another folder
    mlops up --json | jq .urls
    """
)
@click.command("up", short_help="Start the platform on this machine.")
@json_option
def command(as_json: bool) -> None:
    """Start the platform on this machine: engine, gateway, scripts and flows.

    Running it again starts only what is missing and pushes only what changed.
    """
    home = Home.from_environment()
    tell = teller(as_json)
    tell(f"Platform in {home.path}")
    try:
        done = bring_up(home, tell)
    except KeyboardInterrupt:
        console.note("What was started goes on. Finish: mlops up. Stop: mlops down.")
        raise
    if as_json:
        console.say_json(done)
        return
    console.say()
    console.say(f"Up in {console.seconds(done['seconds'])}.")
    for name, url in addresses(done["urls"]).items():
        console.say(f"  {name:18} {url}")
    console.say(f"  {'API key':18} gateway_api_key in {home.secrets_file}")
    console.say()
    console.say("Next: mlops deploy rag-chatbot --target local --set documents=FOLDER")


def addresses(urls: dict[str, str]) -> dict[str, str]:
    return {
        "Windmill engine": urls["engine"],
        "Gateway": urls["gateway"],
        "Gateway docs": f"{urls['gateway']}/docs",
    }
