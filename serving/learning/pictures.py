"""Images as numbers: where light meets dark and in which direction, and the colours."""

import io
import math
import warnings
from typing import Any

from serving.errors import ReadingFailed
from serving.isolation.bounds import PICTURE
from serving.isolation.pool import isolated

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif")
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
MOST_PIXELS = 40_000_000
MOST_BYTES = 20_000_000
TOO_LARGE = f"more than {MOST_PIXELS} pixels"
DEEP = 257  # 65535 becomes 255
SIDE, CELL, DIRECTIONS, COLOURS = 64, 8, 9, 4


def seen(name: str, content: bytes) -> Any:
    """Its vector, made in another process. Raises ValueError."""
    if len(content) > MOST_BYTES:
        raise ValueError(f"larger than {MOST_BYTES} bytes")
    try:
        return isolated(name, PICTURE, vector, content)
    except ReadingFailed as error:
        raise ValueError(error.reason) from error


def vector(content: bytes) -> Any:
    """Raises ValueError for what is no whole image."""
    import numpy as np

    image = _as_shown(_opened(content))
    gray = np.asarray(image.convert("L").resize((SIDE, SIDE)), dtype=np.float32) / 255
    small = np.asarray(image.convert("RGB").resize((COLOURS, COLOURS)), dtype=np.float32) / 255
    return np.concatenate([_directions(gray), small.ravel()])


def _opened(content: bytes) -> Any:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            # Of a frame that is larger than its picture, too, which only loading finds.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            if math.prod(image.size) > MOST_PIXELS:
                raise ValueError(TOO_LARGE)
            image.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise ValueError(TOO_LARGE) from None
    except (UnidentifiedImageError, OSError, SyntaxError):
        raise ValueError(f"it is no whole image ({', '.join(FORMATS)})") from None
    return image


def _as_shown(image: Any) -> Any:
    """What a viewer applies: the camera's orientation, 16 bits as 8, transparency on white."""
    from PIL import Image, ImageOps

    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16"):
        return _shallow(image)
    if not image.has_transparency_data:
        return image
    layers = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layers.size, "white"), layers)


def _shallow(image: Any) -> Any:
    import numpy as np
    from PIL import Image

    return Image.fromarray((np.asarray(image) // DEEP).astype(np.uint8))


def _directions(gray: Any) -> Any:
    """A histogram of oriented gradients: light on dark is the same shape as dark on light."""
    import numpy as np

    down, right = np.gradient(gray)
    strength = np.hypot(down, right)
    direction = (np.arctan2(down, right) % np.pi / np.pi * DIRECTIONS).astype(int) % DIRECTIONS
    cells = SIDE // CELL
    histograms = np.zeros((cells, cells, DIRECTIONS), dtype=np.float32)
    rows, columns = np.indices(gray.shape) // CELL
    np.add.at(histograms, (rows, columns, direction), strength)
    whole = histograms.sum(axis=(0, 1))
    histograms /= np.linalg.norm(histograms, axis=2, keepdims=True) + 0.1
    return np.concatenate([histograms.ravel(), whole / (np.linalg.norm(whole) + 1e-6) * 4])
