"""Where a deployment may go, and what a worker that is not ours refuses."""

import pytest

from windmill.scripts.choose_target import offers
from windmill.scripts.model.deployment import Target
from windmill.scripts.model.errors import StateNotShared, TargetRefused
from windmill.scripts.store.opened import open_registry


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("MLOPS_LOCAL_ROOT", str(tmp_path))


@pytest.fixture
def on_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLOPS_LOCAL_ROOT", raising=False)


@pytest.mark.usefixtures("embedded")
@pytest.mark.parametrize("asked", ["local", "auto"])
def test_this_machine_costs_nothing_and_says_why_it_was_chosen(asked: str) -> None:
    (offer,) = offers(asked)
    assert (offer.target, offer.hourly_usd) == (Target.local, 0.0)
    assert offer.reason


@pytest.mark.usefixtures("embedded")
@pytest.mark.parametrize("asked", sorted(set(Target) - {Target.local, Target.auto}))
def test_a_target_that_is_not_built_yet_is_refused_in_words(asked: str) -> None:
    with pytest.raises(TargetRefused, match=asked):
        offers(asked)


@pytest.mark.usefixtures("on_a_cluster")
def test_local_is_refused_where_the_worker_is_anybody_s_host() -> None:
    with pytest.raises(TargetRefused, match="use `ssh` or `k3s`"):
        offers("local")


@pytest.mark.usefixtures("on_a_cluster")
@pytest.mark.parametrize("url", ["", "sqlite:////tmp/registry.db"])
def test_a_registry_of_one_s_own_is_refused_on_a_cluster(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(StateNotShared):
        open_registry()
