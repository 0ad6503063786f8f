"""Images in a folder for each class, as people sort them."""

import asyncio
from pathlib import Path
from typing import Literal

from pydantic import Field

from serving import errors
from serving.component import Component, Config
from serving.learning.pictures import ENDINGS, check
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
        for folder, files in self._folders():
            self.context.report(f"reading the images of {folder.name}")
            classes[folder.name] = tuple(file for file in files if self._whole(file, problems))
        if problems and self.config.unreadable == "fail":
            reasons = listed(problems)
            raise errors.BadImages(count=len(problems), folder=self.config.path, reasons=reasons)
        return Images(classes, tuple(problems))

    def _folders(self) -> list[tuple[Path, list[Path]]]:
        root = Path(self.config.path)
        folders = sorted(path for path in root.glob("*/") if path.name[0] not in "._")
        images = [(folder, _images(folder)) for folder in folders]
        count = sum(len(files) for _, files in images)
        if not 0 < count <= MOST_IMAGES:
            reason = f"it holds {count} images; one folder a class, {MOST_IMAGES} images at most"
            raise errors.UnfitData(data=root, reason=reason)
        return [(folder, files) for folder, files in images if files]

    def _whole(self, file: Path, problems: list[str]) -> bool:
        try:
            check(file)
        except ValueError as error:
            problems.append(f"{file.parent.name}/{file.name}: {error}")
            return False
        return True


def _images(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)
