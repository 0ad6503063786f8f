from pathlib import Path

import pytest

from serving.models.gpu import Gpu


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "percent"),
    [("echo 40; echo 60", 50.0), ("echo '[N/A]'", None), ("exit 9", None)],
)
async def test_the_mean_of_what_nvidia_smi_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, percent: float | None
) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert await Gpu().percent() == percent


async def test_a_machine_without_gpu_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert await Gpu().percent() is None
