"""What several destroys came to."""

import json

import pytest

from windmill.scripts.fail_deployment import why
from windmill.scripts.model.base.errors import NotAllDestroyed, UnknownDeployment
from windmill.scripts.report_destroyed import main


def test_all_gone_is_fine() -> None:
    results = json.dumps([{"destroyed": True}, {"state": "destroyed"}])
    assert main('["a", "b"]', results) == {"destroyed": ["a", "b"]}


def test_those_that_stay_are_named_with_their_reasons() -> None:
    results = [{"destroyed": True}, {"error": {"message": "no way\nTraceback"}}, {"error": "x"}]
    with pytest.raises(NotAllDestroyed) as told:
        main('["a", "b", "c"]', json.dumps(results))
    assert "2 of 3 deployments were not destroyed: b: no way; c: x" in told.value.message


def test_a_failed_step_s_error_is_read_with_its_fix_and_told_on_two_lines() -> None:
    cause = UnknownDeployment(deployment="rag")
    error = {"message": str(cause), "step_id": "apply", "extra": vars(cause)}
    reason = why(error)
    assert reason.message == f"Apply Terraform: {cause.message}"
    assert (reason.fix, reason.code) == (cause.fix, cause.code)
    assert str(reason) == f"{reason.message}\n    {cause.fix}"
