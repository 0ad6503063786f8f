"""Everything that a platform keeps, into one file and back."""

import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from cli.errors import BadOption, NoSuchFile
from cli.platform import pg_dumps
from cli.platform.backups import DATABASES, FILES, HOME, Manifest, copy_home, pack, put_home, unpack
from cli.platform.home import Home


def back_up(
    home: Home, file: Path, databases: Sequence[str], through: Sequence[str], kept: Sequence[Path]
) -> Manifest:
    """The home where there is one. Raises BadOption, DumpFailed, NoSuchFile."""
    if not home.registry_file.exists() and not databases:
        fix = "mlops up; or of a stack: mlops backup FILE --database registry --through '…'"
        raise BadOption(what=f"there is nothing to keep in {home.path}", fix=fix)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
        staged = Path(folder)
        if home.registry_file.exists():
            copy_home(home.path, staged / HOME)
        for part in (DATABASES, FILES):
            (staged / part).mkdir()
        for name in databases:
            pg_dumps.dump(name, staged / DATABASES / f"{name}.dump", through)
        for each in kept:
            _keep(each, staged / FILES)
        return pack(staged, file, version("mlops-platform"), datetime.now(UTC))


def restore(home: Home, file: Path, through: Sequence[str], into: Path | None) -> Manifest:
    """`into`: where the files that were kept beside it go. Raises BackupUnusable, HomeInUse,
    DumpFailed; what comes before the first database that cannot be put back is put back.
    """
    home.make()
    with home.locked(), tempfile.TemporaryDirectory(dir=home.path.parent) as folder:
        unpacked = Path(folder)
        manifest = unpack(file, unpacked)
        if (unpacked / HOME).exists():
            put_home(unpacked / HOME, home.path)
        for name in manifest.databases:
            pg_dumps.restore(name, unpacked / DATABASES / f"{name}.dump", through)
        if into:
            shutil.copytree(unpacked / FILES, into, dirs_exist_ok=True)
    return manifest


def _keep(source: Path, folder: Path) -> None:
    if not source.is_file():
        raise NoSuchFile(path=source, reason="it is no file")
    if (folder / source.name).exists():
        what = f"two files are called {source.name}"
        raise BadOption(what=what, fix="Give them different names.")
    shutil.copy2(source, folder)
