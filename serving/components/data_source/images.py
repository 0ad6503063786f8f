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
from serving.problems import counted, listed
from serving.reading_report import NOT_PREVIEWED, LeftOut

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
        more: list[LeftOut] = []
        root = self.context.files.judged(Path(self.config.path))
        gate = self.context.files.within(root)
        for folder, files in _folders(root):
            self.context.report(f"reading the images of {folder.name}")
            looked_at = files[: self.context.most_files]
            classes[folder.name] = tuple(_whole(gate, looked_at, problems))
            if beyond := len(files) - len(looked_at):
                more.append(
                    _left_out(f"{folder.name}: {beyond} images more: {NOT_PREVIEWED}", beyond)
                )
        if problems and self.config.unreadable == "fail":
            reasons = listed(problems)
            images = counted(len(problems), "image")
            raise errors.BadImages(images=images, folder=self.config.path, reasons=reasons)
        return Images(classes, tuple(problems), (*_others(root), *more))


def _others(root: Path) -> Iterator[LeftOut]:
    """What lies there and is no image of a class, folder by folder."""
    for path in sorted(root.iterdir()):
        if path.name[0] in "._":
            continue
        if path.is_symlink() or not path.is_dir():
            yield _left_out(f"{path.name}: not read, it is no folder of a class", 1)
        elif others := [each for each in sorted(path.iterdir()) if not _is_image(each)]:
            more = f" and {len(others) - 1} more" if others[1:] else ""
            first = f"{path.name}/{others[0].name}{more}"
            yield _left_out(f"{first}: not read, no image of a known kind", len(others))


def _left_out(reason: str, count: int) -> LeftOut:
    return LeftOut(kind="file", where="", reason=reason, count=count)


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS


def _folders(root: Path) -> list[tuple[Path, list[Path]]]:
    folders = sorted(path for path in root.glob("*/") if path.name[0] not in "._")
    images = [(folder, _images(folder)) for folder in folders if not folder.is_symlink()]
    count = sum(len(files) for _, files in images)
    if not 0 < count <= MOST_IMAGES:
        reason = f"it holds {count} images; one folder a class, {MOST_IMAGES} images at most"
        fix = "Put the images of each class into a folder of its name."
        raise errors.UnfitData(data=root, reason=reason, fix=fix)
    return [(folder, files) for folder, files in images if files]


def _images(folder: Path) -> list[Path]:
    return sorted(filter(_is_image, folder.iterdir()))


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
