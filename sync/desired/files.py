"""Text files of the checkout."""

from pathlib import Path

from windmill.scripts.model.base.errors import Problem


def read_text(file: Path, root: Path, problems: list[Problem]) -> str | None:
    """None, and a problem, for what is not text or lies outside the checkout."""
    shown = file.relative_to(root).as_posix()
    if not file.resolve().is_relative_to(root.resolve()):
        problems.append(Problem("leads out of the checkout", "", "", shown, code="E-SYNC-009"))
        return None
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        fix = "Everything is pushed as text: encode it, or keep it elsewhere."
        problems.append(Problem("is not UTF-8 text", "", fix, shown, code="E-SYNC-005"))
        return None
