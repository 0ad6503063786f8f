"""`mlops builder`"""

import click

from cli.errors import PlatformDown
from cli.platform.embedded import Platform
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option

BUILDER = "ML Pipeline Builder"


@examples(
    """
    mlops builder
    mlops builder --json | jq -r .url
    """
)
@click.command("builder", short_help="Tell the link to the ML Pipeline Builder.")
@json_option
def command(as_json: bool) -> None:
    """Tell the link to the ML Pipeline Builder; it signs the browser in."""
    home = Home.from_environment()
    if not Platform.load(home).is_up("gateway"):
        raise PlatformDown
    url = builder_link(home)
    if as_json:
        console.say_json({"url": url})
    else:
        console.say(f"{BUILDER}  {url}")


def builder_link(home: Home) -> str:
    # Behind the #, the key reaches neither a server nor its log.
    key = home.secrets()["gateway_api_key"]
    return f"{Platform.load(home).urls['gateway']}/#key={key}"
