"""What is kept of a person or of a deployment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cli.clients.gateway import Gateway
from cli.errors import BadOption

WHOSE = "Of a deployment instead, by name or id."


@dataclass(frozen=True)
class Whose:
    kind: str
    name: str


def whose(person: str, deployment: str) -> Whose:
    """Raises BadOption unless it is one of the two."""
    if bool(person) == bool(deployment):
        fix = "mlops data … ann, or mlops data … --deployment rag-chatbot"
        raise BadOption(what="it takes a person or --deployment, one of them", fix=fix)
    return Whose("deployments" if deployment else "persons", person or deployment)


def kept(gateway: Gateway, named: Whose) -> dict[str, Any]:
    return gateway.kept_data(named.kind, named.name)


def delete(gateway: Gateway, named: Whose) -> dict[str, Any]:
    return gateway.delete_data(named.kind, named.name)


def summary(named: Whose, found: Mapping[str, Any]) -> str:
    counted = ", ".join(f"{count} {what}" for what, count in _counts(found))
    return f"{named.name}: {counted}"


def _counts(found: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for what, rows in found.items():
        if isinstance(rows, dict):
            yield from _counts(rows)
        else:
            yield {"audit": "entries of the audit log"}.get(what, what), len(rows)
