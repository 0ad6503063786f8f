"""A script's own modules on disk: each set written once, then linked into the job's folder.

As with packages, what Python compiles of them serves the next job.
"""

import shutil
import tempfile
from pathlib import Path

from engine.runtime.packages import publish
from engine.store.modules import Modules, ModuleSets


class ModuleFolders:
    def __init__(self, cache: Path, sets: ModuleSets) -> None:
        self._cache, self._sets = cache / "modules", sets

    def link(self, digest: str | None, beside: Path) -> None:
        """Into the folder of the script, so that its relative imports find them."""
        if digest:
            for entry in self._folder(digest).iterdir():
                (beside / entry.name).symlink_to(entry)

    def _folder(self, digest: str) -> Path:
        target = self._cache / digest
        if not target.exists():
            self._cache.mkdir(parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=self._cache))
            try:
                write(fresh / "it", self._sets.get(digest) or {})
                publish(fresh / "it", target)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
        return target


def write(folder: Path, modules: Modules) -> None:
    """As packages, the way a Windmill worker writes them."""
    for name, module in modules.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(module["content"])
        for package in {*file.relative_to(folder).parents} - {Path(".")}:
            (folder / package / "__init__.py").touch()
