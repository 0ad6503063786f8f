"""Images in a folder for each class, as people sort them."""

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field

from serving import errors
from serving.component import Component, Config
from serving.file_gate import FileGate
from serving.learning.pictures import ENDINGS, MOST_BYTES, seen
from serving.port_types import Images
from serving.problems import listed

MOST_IMAGES = 20_000


class ImagesConfig(Config):
    path: str = Field(min_length=1)
    unreadable: Literal["fail", "skip"] = "fail"


class ImageSource(Component):
    kind = "images"
    environment = "serving-ml"
    Config = ImagesConfig

    async def run(self) -> Images:
        return await asyncio.to_thread(self._read)

    def _read(self) -> Images:
        classes: dict[str, tuple[Path, ...]] = {}
        problems: list[str] = []
        root = self.context.files.judged(Path(self.config.path))
        gate = self.context.files.within(root)
        for folder, files in _folders(root):
            self.context.report(f"reading the images of {folder.name}")
            classes[folder.name] = tuple(_whole(gate, files, problems))
        if problems and self.config.unreadable == "fail":
            reasons = listed(problems)
            raise errors.BadImages(count=len(problems), folder=self.config.path, reasons=reasons)
        return Images(classes, tuple(problems))


def _folders(root: Path) -> list[tuple[Path, list[Path]]]:
    folders = sorted(path for path in root.glob("*/") if path.name[0] not in "._")
    images = [(folder, _images(folder)) for folder in folders if not folder.is_symlink()]
    count = sum(len(files) for _, files in images)
    if not 0 < count <= MOST_IMAGES:
        reason = f"it holds {count} images; one folder a class, {MOST_IMAGES} images at most"
        raise errors.UnfitData(data=root, reason=reason)
    return [(folder, files) for folder, files in images if files]


def _images(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)


def _whole(gate: FileGate, files: Iterable[Path], problems: list[str]) -> Iterator[Path]:
    """Where they really lie: whoever reads them again asks the gate again."""
    for file in files:
        try:
            seen(file.name, gate.read(file, MOST_BYTES))
            yield gate.judged(file)
        except errors.PathRefused as error:
            problems.append(f"{file.parent.name}/{file.name}: {error.reason}")
        except OSError as error:
            problems.append(f"{file.parent.name}/{file.name}: {error.strerror}")
        except ValueError as error:
            problems.append(f"{file.parent.name}/{file.name}: {error}")
