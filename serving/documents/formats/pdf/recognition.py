"""Text recognition of scanned pages by Tesseract, where it is installed (Debian: tesseract-ocr)."""

import shutil
import subprocess
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from serving.errors import RecognitionMissing

if TYPE_CHECKING:
    import pypdfium2

PROGRAM = "tesseract"
DOTS_PER_INCH = 300  # what Tesseract is made for; a PDF counts 72 to the inch
MOST_PIXELS = 40_000_000
SECONDS = 120  # a page
MOST_PAGES = 500  # of a file


def check_installed(languages: str) -> None:
    """`languages` as Tesseract names them: deu+fra. Raises RecognitionMissing."""
    if shutil.which(PROGRAM) is None:
        raise RecognitionMissing(missing="Tesseract", packages=_packages(languages.split("+")))
    found = _run(["--list-langs"]).decode().split()
    if missing := [each for each in languages.split("+") if each not in found]:
        raise RecognitionMissing(missing=", ".join(missing), packages=_packages(missing))


def _packages(languages: Sequence[str]) -> str:
    return " ".join(f"tesseract-ocr-{each.replace('_', '-')}" for each in languages)


def recognised(pdf: "pypdfium2.PdfDocument", number: int, languages: str) -> str | None:
    """The text of a page, '' where there is none; None where it took too long or broke off."""
    with closing(pdf[number - 1]) as page:
        picture = _picture(page)
    try:
        return _run(["stdin", "stdout", "-l", languages], picture).decode("utf-8", "replace")
    except (subprocess.SubprocessError, OSError):
        return None


def _picture(page: "pypdfium2.PdfPage") -> bytes:
    """In grey, as a PGM file; a page as large as a poster is drawn smaller."""
    width, height = page.get_size()
    scale = min(DOTS_PER_INCH / 72, (MOST_PIXELS / (width * height)) ** 0.5)
    with closing(page.render(scale=scale, grayscale=True)) as bitmap:
        pixels = bitmap.to_numpy().reshape(bitmap.height, bitmap.width)
        head = f"P5 {bitmap.width} {bitmap.height} 255\n"
        return head.encode() + bytes(pixels.tobytes())


def _run(arguments: Sequence[str], given: bytes = b"") -> bytes:
    command = [PROGRAM, *arguments]
    done = subprocess.run(command, input=given, capture_output=True, check=True, timeout=SECONDS)
    return done.stdout
