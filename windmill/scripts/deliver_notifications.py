"""Tell people what they could not be told while n8n was away; its schedule asks every five minutes.

Gives `sent`, `too_old`: what waited for more than three days and is told nobody, and `waiting`:
what could not be told this time either, with the reason in `why`.
"""

from typing import Any

from .store.messages.outbox import Notice, send_all, waiting
from .store.opened import open_registry
from .store.registry import Registry
from .worker.notifications import NotDelivered, deliver


def main() -> dict[str, Any]:
    registry = open_registry()
    why, sent, too_old = "", 0, 0
    try:
        sent, too_old = send_all(registry, lambda notice: _send(registry, notice))
    except NotDelivered as error:
        why = str(error)
    left = len(waiting(registry))
    print(why or f"{sent} sent, {too_old} too old, {left} wait")
    return {"sent": sent, "too_old": too_old, "waiting": left, "why": why}


def _send(registry: Registry, notice: Notice) -> None:
    """Whoever was told through one channel is not told again because another refused."""
    text = f"{notice.text} (of {notice.at:%Y-%m-%d %H:%M} UTC)"
    try:
        deliver(notice.subject, text)
    except NotDelivered as error:
        if error.nobody:
            raise
        registry.record(notice.deployment_id, "notify", str(error))
    else:
        registry.record(notice.deployment_id, "notify", "people were told later, through n8n")
