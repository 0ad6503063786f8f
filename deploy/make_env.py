"""Writes .env beside docker-compose.yml: a secret of its own for whatever has none yet.

python3 deploy/make_env.py             writes it; what stands there already is kept
python3 deploy/make_env.py --dry-run   names what it would make
"""

import argparse
import os
import re
import secrets
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UNSET = re.compile(r"(?m)^([A-Z0-9_]+)=$")
SET = re.compile(r"(?m)^([A-Z0-9_]+)=(.+)$")
# What other systems ask for, not ours to make.
NONE = ("VLLM_API_KEY", "PIPELINES_API_KEY")


def completed(example: str, written: str) -> tuple[str, list[str]]:
    """`written` with a value for each secret of the example, and which ones were made."""
    kept = dict(SET.findall(written))
    made = [name for name in UNSET.findall(example) if name not in kept]
    if not written:
        return UNSET.sub(lambda found: f"{found[1]}={value_of(found[1])}", example), made
    text = UNSET.sub(lambda found: "" if found[1] in made else found[0], written)
    lines = [f"{name}={value_of(name)}" for name in made]
    return "\n".join([text.rstrip("\n"), *lines, ""]) if made else written, made


def value_of(name: str) -> str:
    if name in NONE:
        return "none"
    # n8n wants a capital among them.
    return f"N8n{secrets.token_hex(16)}" if name.startswith("N8N_OWNER") else secrets.token_hex(32)


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, and nobody else's to read."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".env.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)


def main(arguments: list[str], root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(prog="make_env.py", description=__doc__.splitlines()[0])
    parser.add_argument("--dry-run", action="store_true", help="name what it would make")
    options = parser.parse_args(arguments)
    path = root / ".env"
    written = path.read_text("utf-8") if path.exists() else ""
    text, made = completed((root / ".env.example").read_text("utf-8"), written)
    if options.dry_run:
        print("\n".join(made) or "Nothing is missing.")
        return 0
    write_private(path, text)
    print(f"{path}: {len(made)} made" if made else f"{path}: nothing was missing")
    print("Next: docker compose up -d, then http://127.0.0.1:8000 with MLOPS_API_KEY of .env")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
