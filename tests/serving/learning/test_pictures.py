"""A picture is learnt as a viewer shows it."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from serving.learning.pictures import vector


def bottle() -> Image.Image:
    """Upright, dark on white, so that its shape has a direction."""
    image = Image.new("L", (120, 80), 255)
    ImageDraw.Draw(image).rectangle((52, 8, 66, 72), fill=30)
    return image


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def turned() -> bytes:
    """As a phone saves it: lying, with the note that it stands."""
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = bottle().transpose(Image.Transpose.ROTATE_90)
    return saved(lying, "JPEG", exif=exif, quality=95)


def deep() -> bytes:
    values = np.asarray(bottle()).astype(np.uint16) * 257
    return saved(Image.fromarray(values))


def see_through() -> bytes:
    """The white is left out, and what is behind it is black."""
    gray = np.asarray(bottle())
    alpha = np.where(gray == 255, 0, 255).astype(np.uint8)
    return saved(
        Image.merge(
            "LA",
            [Image.fromarray(np.where(alpha, gray, 0).astype(np.uint8)), Image.fromarray(alpha)],
        )
    )


def palette() -> bytes:
    image = Image.open(io.BytesIO(see_through())).convert("RGBA").quantize(8)
    return saved(image)


@pytest.mark.parametrize("made", [turned, deep, see_through, palette])
def test_it_is_the_plain_picture(made: Any) -> None:
    plain, same = vector(saved(bottle())), vector(made())
    assert np.abs(plain - same).max() < 0.25
    lying = vector(saved(bottle().transpose(Image.Transpose.ROTATE_90)))
    assert np.abs(plain - lying).max() > 0.5
