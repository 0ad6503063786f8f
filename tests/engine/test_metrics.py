"""The embedded engine's own page for Prometheus; Windmill's community edition has none."""

import uuid
from typing import Any

import httpx
import pytest

IDENTITY = {"modules": [{"id": "a", "value": {"type": "identity"}}]}


@pytest.fixture(autouse=True)
def only_embedded(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--windmill-url"):
        pytest.skip("a real Windmill is judged")


def test_metrics_are_open_count_by_template_and_hold_no_argument(windmill: Any) -> None:
    secret = uuid.uuid4().hex
    windmill.ended(windmill.start_flow(IDENTITY, {"password": secret}))
    httpx.get(f"{windmill.url}/{secret}")
    page = httpx.get(f"{windmill.url}/metrics").text
    assert 'api_requests_total{method="GET",route="/jobs_u/get/{id}",status="200"}' in page
    assert 'api_response_time_seconds_bucket{le="0.1",route="/jobs_u/get/{id}"}' in page
    assert 'jobs_completed_total{success="true"}' in page
    assert secret not in page
