"""Many small files in one task: afterwards each folder holds what was given and nothing else."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path, PurePosixPath

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: file_trees
short_description: Keep folders equal to mappings of relative paths to texts
options:
  trees:
    description: By a name of its own; path (the folder) and files (texts by relative path)
    type: dict
    required: true
author: [the platform's authors]
"""


def main() -> None:
    os.umask(0o077)
    options = {"trees": {"type": "dict", "required": True}}
    module = AnsibleModule(argument_spec=options, supports_check_mode=False)
    trees = {
        name: (
            Path(tree["path"]),
            {file: str(text).encode() for file, text in tree["files"].items()},
        )
        for name, tree in module.params["trees"].items()
    }
    for folder, files in trees.values():
        if outside := [name for name in files if not _is_inside(name)]:
            module.fail_json(msg=f"{outside[0]!r} does not stay inside {folder}")
    written = [keep(folder, files) for folder, files in trees.values()]
    digests = {name: digest(files) for name, (_, files) in trees.items()}
    module.exit_json(changed=any(written), digests=digests)


def keep(folder: Path, files: dict[str, bytes]) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    stale = set(_present(folder)) - {folder / name for name in files}
    for path in stale:
        path.unlink()
    written = [_write(folder / name, text) for name, text in files.items()]
    return bool(stale) or any(written)


def digest(files: dict[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name, text in sorted(files.items()):
        whole.update(f"{name}\0{len(text)}\0".encode() + text)
    return whole.hexdigest()


def _present(folder: Path) -> list[Path]:
    # The bytecode that Python leaves beside its sources is not ours to judge.
    return [
        path
        for path in folder.rglob("*")
        if (path.is_symlink() or not path.is_dir()) and "__pycache__" not in path.parts
    ]


def _write(path: Path, text: bytes) -> bool:
    if path.is_file() and not path.is_symlink() and path.read_bytes() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with open(descriptor, "wb") as file:
        file.write(text)
    os.replace(temporary, path)
    return True


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


if __name__ == "__main__":
    main()
