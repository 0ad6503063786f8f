"""What the gateway says of its own settings, to whoever may manage it."""

from collections.abc import Iterator

from cli.clients.gateway import find_gateway
from cli.errors import PlatformDown
from cli.platform.checkup import Finding
from cli.platform.home import Home
from windmill.scripts.model.base.errors import MlopsError


def gateway_findings(home: Home) -> Iterator[Finding]:
    """Of the one that is named, else of this machine's; nothing where none runs."""
    try:
        for each in find_gateway(home).findings():
            yield Finding(f"gateway, {each['what']}", each["state"], each["found"], each["fix"])
    except PlatformDown:
        return
    except MlopsError as error:
        yield Finding("gateway, settings", "warning", error.message, error.fix)
