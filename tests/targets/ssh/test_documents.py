"""What people named is packed for the host, and the pipeline reads it there."""

import os
import tarfile
from pathlib import Path

import pytest

from tests.targets.support import settled
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.provision.errors import PathRefused
from windmill.scripts.targets.ssh.documents import WHOLE, packed

ROOT = "/home/ann/.local/share/mlops/rag-1"


@pytest.fixture
def handbook(tmp_path: Path) -> Path:
    folder = tmp_path / "handbook"
    (folder / "deep").mkdir(parents=True)
    (folder / "one.md").write_text("One sentence.")
    (folder / "deep" / "two.md").write_text("Another sentence.")
    (folder / ".secret").write_text("hidden")
    return folder


def test_the_host_reads_the_same_files_at_a_path_of_its_own(
    catalog: Catalog, handbook: Path, tmp_path: Path
) -> None:
    drawn = settled(catalog, "rag-chatbot", documents=str(handbook))
    pipeline, (archive,) = packed(drawn, ROOT, tmp_path / "packed")
    (node,) = [node for node in pipeline.nodes if node.component == "documents"]
    assert node.config["path"] == f"{archive['folder']}/handbook"
    assert archive["folder"].startswith(f"{ROOT}/documents/")
    with tarfile.open(archive["archive"]) as tar:
        names = tar.getnames()
    assert names == ["handbook/deep/two.md", "handbook/one.md", WHOLE]


def test_the_same_files_are_the_same_archive_and_others_another(
    catalog: Catalog, handbook: Path, tmp_path: Path
) -> None:
    def pack() -> str:
        drawn = settled(catalog, "rag-chatbot", documents=str(handbook))
        (archive,) = packed(drawn, ROOT, tmp_path / "packed")[1]
        return archive["folder"]

    first = pack()
    os.utime(handbook / "one.md", (1, 1))
    assert pack() == first
    (handbook / "one.md").write_text("Changed.")
    assert pack() != first


def test_a_link_out_of_the_folder_is_not_brought_along(
    catalog: Catalog, handbook: Path, tmp_path: Path
) -> None:
    drawn = settled(catalog, "rag-chatbot", documents=str(handbook))
    (handbook / "passwd.txt").symlink_to("/etc/passwd")
    with pytest.raises(PathRefused):
        packed(drawn, ROOT, tmp_path / "packed")
