"""Telling people of a deployment, so that it is told later where nobody can be told now."""

from ..store.messages.outbox import put
from ..store.registry import Registry
from .notifications import tell_people


def tell_of(registry: Registry, deployment_id: str, subject: str, text: str) -> None:
    """As `tell_people`; what nobody could be told is kept until n8n answers again."""

    def record(told: str) -> None:
        registry.record(deployment_id, "notify", told)

    if not tell_people(subject, text, record):
        put(registry, deployment_id, subject, text)
