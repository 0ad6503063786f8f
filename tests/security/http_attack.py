"""Requests that an API's own document allows, and many that it does not, by Schemathesis."""

from collections.abc import Iterator, Mapping
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished

from tests.fuzzing import LONG, examples

SEED = 20261126
# Whether a sound request is refused, for its meaning say, is for other tests.
CHECKS = {
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
}


def configuration(base_url: str, few: int, headers: Mapping[str, str]) -> SchemathesisConfig:
    checks = {"enabled": False} | {check: {"enabled": True} for check in CHECKS}
    return SchemathesisConfig.from_dict(
        {
            "base-url": base_url,
            "seed": SEED,
            "cache": {"enabled": False},
            "headers": dict(headers),
            "request-timeout": 60,
            "continue-on-failure": True,
            "checks": checks,
            "generation": {"max-examples": examples(few), "deterministic": not LONG},
            "phases": {each: {"enabled": bool(LONG)} for each in ("stateful", "coverage")},
        }
    )


def findings(
    document: Mapping[str, Any], base_url: str, few: int = 25, **headers: str
) -> list[str]:
    """What the API answered amiss, each with the request that does it again."""
    config = configuration(base_url, few, headers)
    schema = schemathesis.openapi.from_dict(dict(document), config=config)
    return [told for event in from_schema(schema).execute() for told in _told(event)]


def _told(event: Any) -> Iterator[str]:
    if isinstance(event, FatalError):
        raise event.exception
    if isinstance(event, NonFatalError):
        yield f"{event.label}: {event.info.title} {event.info.message}"
    if isinstance(event, ScenarioFinished):
        checks = (check for each in event.recorder.checks.values() for check in each)
        for found in filter(None, (check.failure_info for check in checks)):
            failure = found.failure
            yield f"{failure.operation}: {failure.title}: {failure.message}\n{found.code_sample}"
