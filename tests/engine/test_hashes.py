"""Packages are what Git's lock says, byte by byte, where the installer knows the hashes."""

import asyncio
import hashlib
import sys
import zipfile
from pathlib import Path

import pytest

from engine.errors import JobError
from engine.runtime.hashes import hashed, read_hashes
from engine.runtime.packages import RUNNING_MINOR, Packages

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
OTHER = "--hash=sha256:" + "0" * 64
PIN = "tiny-thing==1.0"
INFO = "tiny_thing-1.0.dist-info"
WHEEL = {
    "tiny_thing.py": "VALUE = 42\n",
    f"{INFO}/METADATA": "Metadata-Version: 2.1\nName: tiny-thing\nVersion: 1.0\n",
    f"{INFO}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    f"{INFO}/RECORD": "",
}


@pytest.fixture
def digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of the one package there is."""
    wheel = tmp_path / "tiny_thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in WHEEL.items():
            archive.writestr(name, text)
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    return "--hash=sha256:" + hashlib.sha256(wheel.read_bytes()).hexdigest()


def install(cache: Path, lock: str, known: str = "") -> list[str]:
    packages = Packages(cache, read_hashes(known))
    folder = asyncio.run(packages.folder(lock, Path(sys.executable), RUNNING_MINOR))
    assert folder
    return [file.name for file in folder.glob("*.py")]


@pytest.mark.parametrize("lock", [PIN, "Tiny_Thing==1.0 ; python_version >= '3.11'"])
def test_a_pin_of_the_known_hash_is_installed(digest: str, tmp_path: Path, lock: str) -> None:
    known = f"{PIN} \\\n    {OTHER} \\\n    {digest}\n    # via nobody\n"
    assert install(tmp_path / "cache", lock, known) == ["tiny_thing.py"]


@pytest.mark.parametrize("lock", [PIN, "Tiny_Thing==1.0 ; python_version >= '3.11'"])
def test_a_pin_of_another_hash_is_refused(digest: str, tmp_path: Path, lock: str) -> None:
    with pytest.raises(JobError, match="Hash mismatch"):
        install(tmp_path / "cache", lock, f"{PIN} \\\n    {OTHER}\n")


def test_what_was_installed_unchecked_is_checked_once_the_hash_is_known(
    digest: str, tmp_path: Path
) -> None:
    assert install(tmp_path / "cache", PIN, f"tiny-thing==2.0 {OTHER}") == ["tiny_thing.py"]
    with pytest.raises(JobError, match="Hash mismatch"):
        install(tmp_path / "cache", PIN, f"{PIN} {OTHER}")


def test_the_hashes_of_a_lock_itself_are_checked(digest: str, tmp_path: Path) -> None:
    lock = f"# py: {RUNNING_MINOR}\n{PIN} \\\n    "
    assert install(tmp_path / "cache", lock + digest, f"{PIN} {OTHER}") == ["tiny_thing.py"]
    with pytest.raises(JobError, match="Hash mismatch"):
        install(tmp_path / "cache", lock + OTHER)


def test_each_pin_of_our_own_lock_has_its_hashes() -> None:
    text = (ROOT / "requirements/scripts.lock").read_text("utf-8")
    pins = [line.split(" ")[0] for line in text.splitlines() if "==" in line.split(" ")[0]]
    known = read_hashes(text)
    assert len(pins) == len(known)
    assert all("--hash=sha256:" in line for line in hashed("\n".join(pins), known).splitlines())
