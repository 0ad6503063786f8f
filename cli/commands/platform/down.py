"""`mlops down`"""

import click

from cli.actions.running import destroy_all, left_deployments, take_down, teller
from cli.errors import DestroyIncomplete
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops down             stop engine and gateway; deployed pipelines go on
    mlops down --destroy   destroy everything that was deployed on this machine, then stop
    """
)
@click.command("down")
@click.option("--destroy", is_flag=True, help="First destroy all deployments of this machine.")
@json_option
def command(destroy: bool, as_json: bool) -> None:
    """Stop the platform."""
    home = Home.from_environment()
    tell = teller(as_json)
    destroyed = destroy_all(home, tell) if destroy else []
    failed = [item for item in destroyed if not item["destroyed"]]
    # Before the registry is read: one that cannot be read keeps nothing running.
    stopped = take_down(home, tell)
    left = [item for item in left_deployments(home) if item["state"] != "destroyed"]
    if as_json:
        console.say_json({"stopped": stopped, "destroyed": destroyed, "still_deployed": left})
    else:
        _summarize(stopped, left, destroy)
    if failed:
        names = ", ".join(item["name"] for item in failed)
        raise DestroyIncomplete(names=names)


def _summarize(stopped: list[str], left: list[dict[str, str]], destroy: bool) -> None:
    console.say("Stopped." if stopped else "Nothing was running.")
    if left and not destroy:
        console.say("Still deployed:")
        for item in left:
            console.say(f"  {item['name']:18} {item['state']:10} {item['endpoint_url']}")
        console.say("Destroy them too: mlops down --destroy")
