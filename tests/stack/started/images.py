"""Images under the names that docker-compose.yml asks for, for no hub is reached from everywhere.

Ours are from their Dockerfile; the others are stand-ins of the same software, of Debian and npm.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.docker_engine.base_image import base_archive
from tests.docker_engine.engine import PYTHON, Engine

ROOT = Path(__file__).parents[3]
STAND_INS = Path(__file__).with_name("stand_ins")
PACKAGES = ("postgresql", "redis-server", "prometheus", "prometheus-alertmanager", "wget")
SECONDS = 900
# Of the files that the Dockerfile copies.
LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules")


def build_images(engine: Engine) -> None:
    engine.base_image()
    _import_base(engine)
    build(engine, PYTHON, STAND_INS / "python")
    with _context(
        "gateway history cli sync windmill", "n8n catalog ansible serving terraform"
    ) as c:
        for target in ("gateway", "bootstrap"):
            build(engine, f"mlops-{target}", c, f"--target={target}")
    for name in ("postgres", "redis", "n8n", "prometheus", "alertmanager"):
        build(engine, asked(name), STAND_INS / name)
    with _windmill() as context:
        build(engine, asked("windmill-server"), context)


def asked(service: str) -> str:
    """The image's name, as docker-compose.yml has it where .env names no other."""
    stack = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    image = str(stack["services"][service]["image"])
    return image.partition(":-")[2].rstrip("}") or image


def build(engine: Engine, name: str, context: Path, *options: str) -> None:
    engine.docker("build", "--quiet", "--tag", name, *options, str(context), seconds=SECONDS)


def _import_base(engine: Engine) -> None:
    archive = base_archive(*PACKAGES)
    label = f"mlops.archive={archive.parent.name}"
    if not engine.docker("image", "ls", "--quiet", f"--filter=label={label}", "debian:stack"):
        engine.docker("import", "--change", f"LABEL {label}", str(archive), "debian:stack")


@contextmanager
def _context(*folders: str) -> Iterator[Path]:
    """What the tests' Docker reads: it knows no file that leaves anything out."""
    with tempfile.TemporaryDirectory() as made:
        context = Path(made)
        for name in " ".join(folders).split():
            shutil.copytree(ROOT / name, context / name, ignore=LEFT_OUT)
        shutil.copytree(ROOT / "requirements", context / "requirements")
        for name in ("README.md", "LICENSE", "pyproject.toml"):
            shutil.copy(ROOT / name, context)
        shutil.copy(ROOT / "deploy/gateway/Dockerfile", context)
        yield context


@contextmanager
def _windmill() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as made:
        shutil.copytree(STAND_INS / "windmill", made, dirs_exist_ok=True)
        shutil.copytree(ROOT / "engine", Path(made) / "engine", ignore=LEFT_OUT)
        yield Path(made)
