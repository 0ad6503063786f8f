"""`mlops builder`"""

import click

from cli import console
from cli.errors import PlatformDown
from cli.home import Home
from cli.options import examples, json_option
from cli.platform import Platform


@examples(
    """
    mlops builder
    mlops builder --json | jq -r .url
    """
)
@click.command("builder")
@json_option
def command(as_json: bool) -> None:
    """Tell the link to the ML Pipeline Builder; it signs the browser in."""
    home = Home.from_environment()
    platform = Platform.load(home)
    if not platform.is_up("gateway"):
        raise PlatformDown
    # Behind the #, the key reaches neither a server nor its log.
    url = f"{platform.urls['gateway']}/#key={home.secrets()['gateway_api_key']}"
    if as_json:
        console.say_json({"url": url})
    else:
        console.say(f"ML Pipeline Builder  {url}")
