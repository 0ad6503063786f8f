"""Bringing the platform up and down, shared by the commands that need it."""

import time
from collections.abc import Callable
from typing import Any

from cli.actions.syncing import push_what_can_be
from cli.clients.gateway import Gateway, find_gateway, follow, last
from cli.clients.windmill import find_windmill, store_secret_key
from cli.errors import CliError
from cli.platform.embedded import Platform
from cli.platform.home import Home
from cli.terminal import console

Tell = Callable[[str], None]


def silent(text: str) -> None:
    return


def teller(as_json: bool) -> Tell:
    return silent if as_json else console.say


def bring_up(home: Home, tell: Tell) -> dict[str, Any]:
    """Starts what is missing and pushes what changed."""
    began = time.monotonic()
    home.make()
    with home.locked():
        platform = Platform.load(home)
        started = platform.start(lambda name, took, url: tell(_line(name, took, url)))
        pushed = _push(home, tell)
        _seal_registry(home, tell)
    return {
        "started": started,
        "pushed": pushed,
        "urls": platform.urls,
        "home": str(home.path),
        "seconds": round(time.monotonic() - began, 3),
    }


def _push(home: Home, tell: Tell) -> dict[str, Any]:
    began = time.monotonic()
    address = find_windmill(home)
    pushed = push_what_can_be(address)
    store_secret_key(address, home.secrets()["secret_key"])
    written = pushed["create"] + pushed["update"]
    what = f"{written} items written" if written else "unchanged"
    tell(_line("scripts and flows", time.monotonic() - began, what))
    if pushed["drifted"]:
        tell(f"  Not pushed, because changed there: {', '.join(pushed['drifted'])}")
        tell(f"  {pushed.get('fix', '')}")
    if "n8n_error" in pushed:
        tell(f"  {'n8n':18} not pushed: {pushed['n8n_error']}")
        tell(f"  {pushed['fix']} Then: mlops sync push")
    return pushed


def _seal_registry(home: Home, tell: Tell) -> None:
    """What an earlier version kept plain, or an earlier key sealed."""
    from gateway.clients.registry import seal

    began = time.monotonic()
    if written := seal(home.registry_url, home.registry_keys()):
        tell(_line("registry", time.monotonic() - began, f"{written} rows encrypted"))


def _line(name: str, took: float, what: str) -> str:
    return f"  {name:18} {console.dim(f'{console.seconds(took):>7}')}  {what}"


def take_down(home: Home, tell: Tell) -> list[str]:
    """The names of what was stopped."""
    if not home.path.exists():
        return []
    with home.locked():
        stopped = Platform.load(home).stop()
    for name in stopped:
        tell(f"  {name:18} stopped")
    return stopped


def left_deployments(home: Home) -> list[dict[str, Any]]:
    """What still stands, read from the registry itself: the gateway may be gone."""
    if not home.registry_file.exists():
        return []
    from gateway.clients.registry import read_all

    deployments = read_all(home.registry_url, home.registry_keys())
    return [deployment.model_dump(mode="json") for deployment in deployments]


def destroy_all(home: Home, tell: Tell) -> list[dict[str, Any]]:
    """Destroys every deployment of this machine, starting the platform when it must."""
    deployments = left_deployments(home)
    if not deployments:
        return []
    if not Platform.load(home).running:
        tell("Starting the platform: it must destroy what it deployed.")
        bring_up(home, tell)
    gateway = find_gateway(home)
    return [_destroy_or_tell(gateway, item, tell) for item in deployments]


def _destroy_or_tell(gateway: Gateway, item: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """One that cannot be destroyed must not save the others."""
    try:
        return destroy_one(gateway, item["id"], tell)
    except CliError as error:
        tell(f"  {item['name']:18} NOT destroyed: {error.message}")
        told = {"id": item["id"], "name": item["name"], "destroyed": False}
        return {**told, "error": error.as_dict()}


def destroy_one(gateway: Gateway, id: str, tell: Tell, *, forget: bool = False) -> dict[str, Any]:
    """Waits until it is gone, or until it is known why not."""
    began = time.monotonic()
    accepted = gateway.destroy(id, forget)
    at_work = accepted["state"] == "destroying"
    status = last(follow(gateway, accepted["id"])) if at_work else accepted
    gone = status["state"] == "destroyed"
    error = status.get("error") or {}
    took = time.monotonic() - began
    what = "destroyed" if gone else f"NOT destroyed: {error.get('message', status['state'])}"
    tell(_line(accepted["name"], took, what))
    return {
        "id": accepted["deployment_id"] or id,
        "name": accepted["name"],
        "destroyed": gone,
        "error": None if gone else error,
        "seconds": round(took, 3),
    }
