"""No request, however odd, makes the gateway or the engine fail."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from gateway.app import create_app
from tests.gateway.conftest import settings
from tests.gateway.stack import Stack
from tests.history.repository import make_repository
from tests.security.http_attack import findings
from tests.serving.support import running

pytestmark = [pytest.mark.slow, pytest.mark.fuzz]

SIGNING = f"whsec_{'A' * 43}="


@contextmanager
def live(app: Any) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        with running(server, listener):
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_the_gateway_answers_every_request_as_its_document_says(
    stack: Stack, tmp_path: Path
) -> None:
    repository = make_repository(tmp_path / "work")
    given = settings(stack, webhook_secret=SIGNING, mlops_catalog_repo=str(repository.path))
    app = create_app(given)
    for route in app.routes:
        if getattr(route, "path", "").startswith("/builder"):
            route.include_in_schema = True  # type: ignore[attr-defined]
    with live(app) as url:
        found = findings(app.openapi(), url, few=12)
    assert found == []
