"""Taking a deployment away whose host is gone for good: nobody asks it, and nothing of it stays."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from windmill.scripts.model.base.errors import TargetRefused
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.model.drawing.place import HostPlace
from windmill.scripts.provision.workdir import ansible_folder, deployment_folder, terraform_folder
from windmill.scripts.targets.teardown import require_forgettable, tear_down

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def on(target: Target, place: HostPlace | None) -> Deployment:
    return Deployment(
        id="rag-1", name="rag", target=target, place=place, state=State.live, created_at=NOW,
        updated_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize("target", [Target.ssh, Target.k3s])
def test_terraform_s_state_and_all_files_here_go_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: Target
) -> None:
    monkeypatch.setenv("MLOPS_LOCAL_ROOT", str(tmp_path))
    for folder in (terraform_folder("rag-1"), ansible_folder("rag-1")):
        folder.mkdir(parents=True)
        (folder / "terraform.tfstate").write_text("{}")
    gone = on(target, HostPlace(host="192.0.2.1", root="/root/rag-1"))
    require_forgettable(gone)
    tear_down(gone, {"module": {}}, {}, {}, forget=True)
    assert not deployment_folder("rag-1").exists()
    tear_down(gone, {"module": {}}, {}, {}, forget=True)


@pytest.mark.parametrize("target", [Target.local, Target.runpod])
def test_what_is_here_or_costs_money_is_not_forgotten(target: Target) -> None:
    with pytest.raises(TargetRefused, match="without --forget"):
        require_forgettable(on(target, None))
