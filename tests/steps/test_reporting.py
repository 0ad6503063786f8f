"""What several destroys came to."""

import pytest

from windmill.scripts.model.base.errors import NotAllDestroyed
from windmill.scripts.report_destroyed import main


def test_all_gone_is_fine() -> None:
    assert main(["a", "b"], [{"destroyed": True}, {"state": "destroyed"}]) == {
        "destroyed": ["a", "b"]
    }


def test_those_that_stay_are_named_with_their_reasons() -> None:
    results = [{"destroyed": True}, {"error": {"message": "no way\nTraceback"}}, {"error": "x"}]
    with pytest.raises(NotAllDestroyed) as told:
        main(["a", "b", "c"], results)
    assert "2 of 3 deployments were not destroyed: b: no way; c: x" in str(told.value)
